"""Configuration templates: what an operator wants of a make, where it differs, and pushing it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet

from stations import variables
from stations.commissioning.profile import Wanted
from stations.models import (
    ConfigurationTemplate,
    DeviceVariable,
    Station,
    TemplatePlace,
    TemplateValue,
)
from stations.variables import Address

SAME, DIFFERS, UNKNOWN, MISSING, PENDING = "same", "differs", "unknown", "missing", "pending"
HIDDEN: Final = "hidden"


@dataclass(frozen=True, slots=True)
class Drift:
    """One setting of one station against what is wanted; state is one of the words above."""

    station: Station
    address: Address
    wanted: str
    actual: str | None
    state: str
    answer: str
    read_at: datetime | None
    needs_reboot: bool


def stations_of_template(template: ConfigurationTemplate) -> QuerySet[Station]:
    """Return the stations a template may hold for; its firmware range is judged by `holds_for`."""
    stations = Station.objects.filter(operator_id=template.operator_id, is_active=True)
    places = list(TemplatePlace.objects.filter(template=template))
    if places:
        sites = [each.location_id for each in places if each.location_id]
        named = [each.station_id for each in places if each.station_id]
        stations = stations.filter(Q(location_id__in=sites) | Q(pk__in=named))
    if template.vendor:
        stations = stations.filter(vendor__iexact=template.vendor)
    if template.model:
        stations = stations.filter(model__iexact=template.model)
    if template.ocpp_version:
        stations = stations.filter(ocpp_version=template.ocpp_version)
    return stations


def holds_for(template: ConfigurationTemplate, station: Station) -> bool:
    """Say whether a station's firmware is within a template's range."""
    return variables.is_between(
        station.firmware_version, template.firmware_from, template.firmware_to
    )


def wanted_values(station: Station) -> list[Wanted]:
    """Return what the operator's templates want of a station; the nearest template wins."""
    templates = ConfigurationTemplate.objects.filter(
        operator_id=station.operator_id, is_active=True
    ).prefetch_related("places", "values")
    fitting = [
        each
        for each in templates
        if holds_for(each, station) and stations_of_template(each).filter(pk=station.pk).exists()
    ]
    found: dict[Address, Wanted] = {}
    for template in sorted(fitting, key=lambda each: _nearness(each, station)):
        for value in template.values.all():
            wanted = wanted_of(value)
            found[wanted.address] = wanted
    return list(found.values())


def wanted_of(value: TemplateValue) -> Wanted:
    """Return a template's line as something to be set."""
    return Wanted(Address.of(value), value.value, needs_reboot=value.needs_reboot)


def find_drift(template: ConfigurationTemplate, stations: Sequence[Station]) -> list[Drift]:
    """Compare stations with a template: one line a station and setting, in two queries."""
    wanted = [wanted_of(value) for value in TemplateValue.objects.filter(template=template)]
    known: dict[int, dict[Address, DeviceVariable]] = defaultdict(dict)
    rows = DeviceVariable.objects.filter(
        station__in=stations, variable__in={each.address.variable for each in wanted}
    )
    for row in rows:
        known[row.station_id][Address.of(row)] = row
    return [
        _drift(station, each, known[station.pk].get(each.address))
        for station in stations
        if holds_for(template, station)
        for each in sorted(wanted, key=lambda one: variables.shown_name(one.address))
    ]


def _drift(station: Station, wanted: Wanted, row: DeviceVariable | None) -> Drift:
    return Drift(
        station=station,
        address=wanted.address,
        wanted=wanted.value,
        actual=row.value if row else None,
        state=_state(wanted, row),
        answer=row.set_answer if row else "",
        read_at=row.read_at if row else None,
        needs_reboot=wanted.needs_reboot,
    )


def _state(wanted: Wanted, row: DeviceVariable | None) -> str:
    if variables.is_secret(wanted.address) or (row and row.mutability == "WriteOnly"):
        return HIDDEN
    if row is None or (row.value is None and not row.is_missing):
        return UNKNOWN
    if row.is_missing:
        return MISSING
    if variables.is_same(row.value, wanted.value):
        return SAME
    is_pending = row.pending_value is not None and variables.is_same(
        row.pending_value, wanted.value
    )
    return PENDING if is_pending else DIFFERS


def _nearness(template: ConfigurationTemplate, station: Station) -> tuple[int, int, int]:
    """Return how near a template is to a station: its own before its site's before all."""
    places = list(template.places.all())
    place = 0
    if any(each.station_id == station.pk for each in places):
        place = 2
    elif places:
        place = 1
    described = sum(bool(each) for each in (template.vendor, template.model))
    return place, described, template.pk
