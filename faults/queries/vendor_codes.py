"""Makers' own error codes: what they stand for at a station, and which nobody knows yet."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from faults.models import RuleState, VendorErrorCode
from faults.rules import code_unknown, error_codes
from faults.rules.error_codes import Meaning
from faults.rules.facts import DeviceEvent, StatusSign
from faults.rules.vocabulary.meaning import NO_TROUBLE, WARNING
from stations.metering import quirks
from stations.metering.quirks import QuirkRule
from stations.models import Station

NO_FAULT = ""


@dataclass(frozen=True, slots=True)
class SeenCode:
    """A code nobody has given a meaning: from which make, how often, at how many places."""

    vendor: str
    model: str
    code: str
    times: int
    places: int
    station_ids: tuple[int, ...]
    first_at: datetime
    last_at: datetime


def codes_at(
    station: Station, signs: Iterable[StatusSign], events: Iterable[DeviceEvent]
) -> Mapping[str, Meaning]:
    """Return what codes mean at a station; read only where one of them was sent."""
    has_codes = any(one.error_code or one.vendor_error_code for one in signs) or any(
        one.tech_code for one in events
    )
    if not has_codes:
        return {}
    return meanings_at(
        VendorErrorCode.objects.filter(operator_id=station.operator_id),
        vendor=station.vendor,
        model=station.model,
        firmware=station.firmware_version,
    )


def meanings_at(
    rows: Iterable[VendorErrorCode], *, vendor: str, model: str, firmware: str
) -> dict[str, Meaning]:
    """Return what the rows say of one make; of two about a code, the narrower one."""
    found: dict[str, tuple[tuple[bool, ...], Meaning]] = {}
    for row in rows:
        if not quirks.is_match(rule_of(row), vendor=vendor, model=model, firmware=firmware):
            continue
        weight = (
            bool(row.firmware_from or row.firmware_to),
            bool(row.model),
            bool(row.vendor),
        )
        if row.folded not in found or weight > found[row.folded][0]:
            found[row.folded] = weight, meaning_of(row)
    return {code: meaning for code, (_, meaning) in found.items()}


def rule_of(row: VendorErrorCode) -> QuirkRule:
    """Return whose code it is, as quirks of makes are matched."""
    return QuirkRule("", "", row.vendor, row.model, row.firmware_from, row.firmware_to)


def meaning_of(row: VendorErrorCode) -> Meaning:
    """Return what a row says; without a severity of its own the fault's usual one."""
    if row.fault_code == NO_FAULT:
        return NO_TROUBLE
    if row.severity is not None:
        return Meaning(row.fault_code, row.severity, as_warning=row.severity)
    usual = error_codes.USUAL.get(row.fault_code)
    return usual or Meaning(row.fault_code, 3, as_warning=WARNING)


def seen_codes(operator_id: int, *, with_known: bool = False) -> list[SeenCode]:
    """Return the codes an operator's stations send and nobody knows, the latest first.

    `with_known` leaves in those that were given a meaning since they were sent.
    """
    rows = RuleState.objects.filter(
        operator_id=operator_id, code=code_unknown.CODE, state__has_key=code_unknown.SEEN
    ).select_related("station")
    own = list(VendorErrorCode.objects.filter(operator_id=operator_id))
    known: dict[tuple[str, str, str], Mapping[str, Meaning]] = {}
    found: dict[tuple[str, str, str], list[tuple[int, int, str, str]]] = defaultdict(list)
    for row in rows:
        station = row.station
        if station is None:
            continue
        make = (station.vendor, station.model, station.firmware_version)
        if make not in known:
            known[make] = meanings_at(own, vendor=make[0], model=make[1], firmware=make[2])
        for code, (times, first, last) in row.state[code_unknown.SEEN].items():
            if with_known or error_codes.fold(code) not in known[make]:
                told = (station.pk, times, first, last)
                found[station.vendor, station.model, code].append(told)
    lines = [_line(key, told) for key, told in found.items()]
    return sorted(lines, key=lambda one: one.last_at, reverse=True)


def _line(key: tuple[str, str, str], told: list[tuple[int, int, str, str]]) -> SeenCode:
    return SeenCode(
        *key,
        times=sum(one[1] for one in told),
        places=len(told),
        station_ids=tuple(sorted({one[0] for one in told})),
        first_at=datetime.fromisoformat(min(one[2] for one in told)),
        last_at=datetime.fromisoformat(max(one[3] for one in told)),
    )
