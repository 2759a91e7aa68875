"""One step forward: nothing to do, or one call to the station."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from stations import queries, variables
from stations.commissioning import measurands, monitoring
from stations.commissioning.ending import ask, end, find_row, has_inventory
from stations.models import (
    Commissioning,
    CommissioningStep,
    DeviceReport,
    DeviceVariable,
    OcppVersion,
    Session,
    Station,
)
from stations.variables import Address, Rule

REPORT_WITHIN: Final = timedelta(minutes=3)
ASK_AGAIN: Final = timedelta(minutes=5)
REBOOT_WORD: Final = "RebootRequired"
State, Kind = CommissioningStep.State, CommissioningStep.Kind
Act = Callable[[Commissioning, CommissioningStep, datetime], None]


def act(commissioning: Commissioning, step: CommissioningStep, as_of: datetime) -> None:
    """Do a waiting step: it ends here, or waits for the answer to one call."""
    ACTS[step.kind](commissioning, step, as_of)


def _read(commissioning: Commissioning, step: CommissioningStep, as_of: datetime) -> None:
    station = commissioning.station
    number = variables.new_request_id(station, DeviceReport.Kind.FULL, as_of=as_of)
    step.progress = {"request": number, "until": (as_of + REPORT_WITHIN).isoformat()}
    ask(step, station, *variables.report_call(station, number), as_of)


def _set(commissioning: Commissioning, step: CommissioningStep, as_of: datetime) -> None:
    station, address = commissioning.station, Address.of(step.target)
    row = find_row(station, address)
    if _is_ended(commissioning, step, row, as_of):
        return
    if row is not None:
        address = Address.of(row)
        step.progress = {"address": address.as_json()}
    if _must_wait(commissioning, step, row, as_of):
        return
    try:
        action, payload = variables.set_call(station, address, step.wanted)
    except variables.CannotSay as error:
        end(step, State.UNSUPPORTED, as_of, str(error))
        return
    ask(step, station, action, payload, as_of)


def _is_ended(
    commissioning: Commissioning,
    step: CommissioningStep,
    row: DeviceVariable | None,
    as_of: datetime,
) -> bool:
    """End a step that needs no call: it is so already, cannot be, or is not known."""
    if row is None:
        # A 2.x inventory is whole; a 1.6 list may be cut at its longest, so the key is tried.
        if commissioning.station.ocpp_version == OcppVersion.V16 or not has_inventory(
            commissioning
        ):
            return False
        end(step, State.UNSUPPORTED, as_of)
    elif row.is_missing:
        end(step, State.UNSUPPORTED, as_of)
    elif variables.fits(row.value, step.wanted, Rule.of(step.rule)):
        end(step, State.ALREADY, as_of, found=row.value)
    elif row.mutability == "ReadOnly":
        end(step, State.REFUSED, as_of, "ReadOnly", found=row.value)
    else:
        return False
    return True


def _must_wait(
    commissioning: Commissioning,
    step: CommissioningStep,
    row: DeviceVariable | None,
    as_of: datetime,
) -> bool:
    """Put off what needs a restart while somebody charges."""
    needs = step.rule.get("reboot") or (row is not None and row.set_answer == REBOOT_WORD)
    if not needs:
        return False
    open_sessions = Session.objects.filter(station=commissioning.station, state=Session.State.OPEN)
    if not open_sessions.exists():
        return False
    commissioning.next_at = as_of + ASK_AGAIN
    commissioning.save(update_fields=["next_at"])
    return True


def _choose(commissioning: Commissioning, step: CommissioningStep, as_of: datetime) -> None:
    station = commissioning.station
    row = find_row(station, Address.of(step.target))
    if not step.progress:
        if row is not None and (row.is_missing or row.mutability == "ReadOnly"):
            _is_ended(commissioning, step, row, as_of)
            return
        if row is None and _is_ended(commissioning, step, row, as_of):
            return
        address = Address.of(row) if row is not None else Address.of(step.target)
        limit = variables.find_value(station, Address(f"{address.variable}MaxLength"))
        step.progress = measurands.begin(row, _bearable(station, step.wanted), limit) | {
            "address": address.as_json()
        }
        if not step.progress["trying"]:
            end(step, State.ALREADY, as_of, found=row.value if row else None)
            return
    value = measurands.value_of(step.progress)
    address = Address.of(step.progress["address"])
    ask(step, station, *variables.set_call(station, address, value), as_of)


def _bearable(station: Station, wanted: str) -> str:
    """Leave out the measurands a make restarts at, or that mean nothing with it."""
    habits = queries.quirks_of(station)
    safe = {one.lower() for one in habits.safe_measurands}
    dropped = {one.lower() for one in habits.dropped_measurands}
    kept = [
        one
        for one in variables.split_list(wanted)
        if one.lower() not in dropped and (not safe or one.lower() in safe)
    ]
    return ",".join(kept)


def _verify(commissioning: Commissioning, step: CommissioningStep, as_of: datetime) -> None:
    station = commissioning.station
    calls = list(variables.read_calls(station, settings_set(commissioning)))
    place = int(step.progress.get("place", 0))
    if place >= len(calls):
        end(step, State.DONE if calls else State.SKIPPED, as_of)
        return
    step.progress = {"place": place}
    ask(step, station, *calls[place], as_of)


def settings_set(commissioning: Commissioning) -> Sequence[Address]:
    """Return the settings this round has set, as the station names them."""
    done = commissioning.steps.filter(
        kind__in=[Kind.SET, Kind.MEASURANDS], state__in=[State.DONE, State.IGNORED]
    )
    rows = done.order_by("position")
    return [Address.of(step.progress.get("address") or step.target) for step in rows]


ACTS: Mapping[str, Act] = {
    Kind.READ: _read,
    Kind.SET: _set,
    Kind.MEASURANDS: _choose,
    Kind.BASE: monitoring.choose_base,
    Kind.LEVEL: monitoring.choose_level,
    Kind.MONITORS: monitoring.watch,
    Kind.READ_MONITORS: monitoring.read_monitors,
    Kind.VERIFY: _verify,
}
