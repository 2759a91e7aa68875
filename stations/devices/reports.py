"""NotifyReport: the device model in parts, in any order (OCPP 2.x B07, B08)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from chargenet.core import locks
from stations import variables
from stations.models import Command, DeviceReport, Station, StationReport
from stations.variables import Address, Told
from stations.variables.rows import Traits

REPORTS_LOCK: Final = 4610
MOST_PARTS: Final = 2_000
ATTRIBUTES: Final = ("Actual", "Target", "MinSet", "MaxSet")


def take_report(report: StationReport, as_of: datetime) -> None:
    """Write one part of a report; what a whole inventory came without is marked missing."""
    station = report.station
    told = list(told_in(report.payload.get("reportData")))
    variables.store(station, told, as_of=report.received_at)
    kept = note_part(report, _kind_asked(station, report.request_id), as_of)
    if kept.finished_at and kept.kind == DeviceReport.Kind.FULL:
        variables.mark_missing(station, read_before=kept.began_at)


def told_in(rows: object) -> Iterator[Told]:
    """Yield every attribute of a report's rows; a row nobody can read is passed over."""
    for row in rows if isinstance(rows, list) else []:
        if not isinstance(row, Mapping):
            continue
        try:
            address = variables.address_in(row)
        except ValueError:
            continue
        traits = _traits(row.get("variableCharacteristics"))
        attributes = row.get("variableAttribute")
        for attribute in attributes if isinstance(attributes, list) else []:
            if isinstance(attribute, Mapping):
                yield _told(address, attribute, traits)


def note_part(report: StationReport, kind: str, as_of: datetime) -> DeviceReport:
    """Tick off one part, and finish the report once all from 0 to the last are there."""
    station = report.station
    # Two workers may hold two parts of one report.
    locks.hold(REPORTS_LOCK, station.pk)
    request_id = report.request_id or 0
    same = DeviceReport.objects.filter(station=station, request_id=request_id, finished_at=None)
    kept = same.order_by("-pk").first() or DeviceReport(
        operator_id=station.operator_id,
        station=station,
        kind=kind,
        request_id=request_id,
        began_at=report.received_at,
    )
    number = max(report.seq_no or 0, 0)
    if number not in kept.parts and len(kept.parts) < MOST_PARTS:
        kept.parts = sorted([*kept.parts, number])
    kept.began_at = min(kept.began_at, report.received_at)
    if report.is_last:
        kept.last_part = number
    if kept.last_part is not None and len(kept.parts) > kept.last_part:
        kept.finished_at = as_of
    kept.save()
    return kept


def _kind_asked(station: Station, request_id: int | None) -> str:
    asked = Command.objects.filter(
        station=station, action="GetBaseReport", payload__requestId=request_id
    ).order_by("-pk")
    base = asked.values_list("payload__reportBase", flat=True).first()
    is_whole = base == "FullInventory"
    return DeviceReport.Kind.FULL if is_whole else DeviceReport.Kind.PART


def _told(address: Address, attribute: Mapping[str, Any], traits: Traits) -> Told:
    kind, value = attribute.get("type"), attribute.get("value")
    return Told(
        address=address.with_attribute(kind if kind in ATTRIBUTES else "Actual"),
        value=None if value is None else str(value),
        # The standard's default where a station leaves it out.
        mutability=_word(attribute.get("mutability"), 9) or "ReadWrite",
        traits=traits,
    )


def _traits(raw: object) -> Traits:
    if not isinstance(raw, Mapping):
        return Traits()
    return Traits(
        unit=_word(raw.get("unit"), 16),
        data_type=_word(raw.get("dataType"), 16),
        min_limit=_word(raw.get("minLimit"), 40),
        max_limit=_word(raw.get("maxLimit"), 40),
        values_list=_word(raw.get("valuesList"), 1000),
        can_be_monitored=raw.get("supportsMonitoring") is True,
    )


def _word(raw: object, longest: int) -> str:
    return "" if raw is None else str(raw).replace("\x00", "")[:longest]
