"""What a station is set to, as a list a person can search and change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from chargenet.core import access
from chargenet.core.access import Person
from chargenet.core.listing import Column, Filter, Spec
from stations import variables
from stations.models import DeviceMonitor, DeviceReport, DeviceVariable, Station
from stations.variables import Address

MOST_COMPONENTS, MOST_MONITORS = 200, 200


@dataclass(frozen=True)
class SettingRow:
    """One setting of a station."""

    id: int
    name: str
    component: str
    value: str | None
    is_hidden: bool
    unit: str
    limits: str
    is_fixed: bool
    is_missing: bool
    is_old: bool
    pending: str | None
    answer: str
    set_at: datetime | None
    read_at: datetime | None
    may_change: bool


@dataclass(frozen=True)
class Editing:
    """The setting somebody is about to change."""

    row: SettingRow
    choices: list[str]
    is_list: bool


def settings_of(station: Station) -> QuerySet[DeviceVariable]:
    """Return a station's settings; the caller has looked the station up for the person."""
    return DeviceVariable.objects.filter(station=station)


def setting_spec(station: Station) -> Spec:
    """Return what the list of one station's settings can do."""
    order = ("component", "component_instance", "evse", "connector", "variable")
    return Spec(
        name="settings",
        columns=(
            Column("name", _("Setting"), order, csv=lambda row: row.name),
            Column("value", _("Value"), csv=lambda row: row.value),
            Column("unit", _("Unit"), csv=lambda row: row.unit),
            Column("answer", _("Last change"), ("set_at",), csv=lambda row: row.answer),
            Column("read", _("Read"), ("read_at",), is_number=True, csv=lambda row: row.read_at),
        ),
        default_sort="name",
        filters=_filters(station),
        search=lambda text: (
            Q(variable__icontains=text) | Q(component__icontains=text) | Q(value__icontains=text)
        ),
        search_label=_("Search setting or value"),
        per_page=100,
    )


def _filters(station: Station) -> tuple[Filter, ...]:
    components = (
        settings_of(station)
        .exclude(component="")
        .order_by("component")
        .values_list("component", flat=True)
        .distinct()[:MOST_COMPONENTS]
    )
    kinds = [
        ("writable", _("Can be changed")),
        ("changed", _("Changed by us")),
        ("pending", _("Wait for a restart")),
        ("missing", _("Gone from the station")),
    ]
    known = tuple((name, name) for name in components)
    by_component = Filter("component", _("All components"), known, lambda name: Q(component=name))
    return (
        *((by_component,) if known else ()),
        Filter("kind", _("All settings"), kinds, _of_kind),
    )


def _of_kind(kind: str) -> Q:
    if kind == "writable":
        return ~Q(mutability="ReadOnly") & Q(is_missing=False)
    if kind == "changed":
        return Q(set_at__isnull=False)
    if kind == "pending":
        return _waiting()
    return Q(is_missing=True)


def _waiting() -> Q:
    """Return what was set and takes hold only after a restart that has not been."""
    restarted = Q(station__last_boot_at__gt=F("set_at"))
    return Q(pending_value__isnull=False) & ~restarted


def describe_settings(
    rows: Sequence[DeviceVariable], *, station: Station, may_change: bool
) -> list[SettingRow]:
    """Return the rows of the list."""
    return [_row(row, station, may_change=may_change) for row in rows]


def describer(station: Station, person: Person) -> partial[list[SettingRow]]:
    """Return how rows are described for a person."""
    return partial(describe_settings, station=station, may_change=may_configure(station, person))


def may_configure(station: Station, person: Person) -> bool:
    """Say whether a person may change what a station is set to."""
    return access.has_role_at(
        person,
        access.COMMAND_ROLES,
        operator_id=station.operator_id,
        location_id=station.location_id,
    )


def find_editing(station: Station, raw: str) -> Editing | None:
    """Return the setting an address asks to edit, if it can be."""
    if not raw.isdecimal() or len(raw) > 18:
        return None
    row = settings_of(station).filter(pk=int(raw)).first()
    if row is None or not row.may_be_written or variables.is_secret(Address.of(row)):
        return None
    kind = row.data_type.lower()
    choices = variables.split_list(row.values_list)
    if kind == "boolean" or (not kind and (row.value or "").lower() in {"true", "false"}):
        choices = ["true", "false"]
    return Editing(_row(row, station, may_change=True), choices, is_list=kind.endswith("list"))


def monitors_of(station: Station) -> list[DeviceMonitor]:
    """Return what a station watches by itself."""
    rows = DeviceMonitor.objects.filter(station=station)
    return list(
        rows.order_by("component", "evse", "connector", "variable", "severity")[:MOST_MONITORS]
    )


def reading_of(station: Station) -> DeviceReport | None:
    """Return the report that is coming in right now, if any."""
    newest = DeviceReport.objects.filter(station=station, kind=DeviceReport.Kind.FULL)
    report = newest.order_by("-pk").first()
    return report if report and report.parts and report.finished_at is None else None


def _row(row: DeviceVariable, station: Station, *, may_change: bool) -> SettingRow:
    address = Address.of(row)
    is_hidden = row.mutability == "WriteOnly" or variables.is_secret(address)
    booted = station.last_boot_at
    is_waiting = row.pending_value is not None and not (
        booted and row.set_at and booted > row.set_at
    )
    limits = "–".join(filter(None, (row.min_limit, row.max_limit)))
    return SettingRow(
        id=row.pk,
        name=variables.shown_name(address),
        component=row.component,
        value=row.value,
        is_hidden=is_hidden,
        unit=row.unit,
        limits=limits,
        is_fixed=row.mutability == "ReadOnly",
        is_missing=row.is_missing,
        is_old=bool(booted and row.read_at and row.read_at < booted),
        pending=row.pending_value if is_waiting else None,
        answer=row.set_answer,
        set_at=row.set_at,
        read_at=row.read_at,
        may_change=may_change and row.may_be_written and not variables.is_secret(address),
    )
