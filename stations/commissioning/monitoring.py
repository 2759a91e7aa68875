"""The steps by which a 2.x station is told what to watch and to tell (N02 to N05)."""

from datetime import datetime, timedelta
from typing import Any, Final

from stations import variables
from stations.commissioning import watching
from stations.commissioning.ending import ask, end, find_row, has_inventory
from stations.models import Commissioning, CommissioningStep, DeviceReport, DeviceVariable
from stations.variables import Address

REPORT_WITHIN: Final = timedelta(minutes=3)
State = CommissioningStep.State


def choose_base(commissioning: Commissioning, step: CommissioningStep, as_of: datetime) -> None:
    """Let the station use all the monitors it has."""
    said: tuple[str, dict[str, Any]] = ("SetMonitoringBase", {"monitoringBase": watching.ALL})
    _monitoring(commissioning, step, "ActiveMonitoringBase", watching.ALL, said, as_of)


def choose_level(commissioning: Commissioning, step: CommissioningStep, as_of: datetime) -> None:
    """Let the station tell warnings and what is worse."""
    said: tuple[str, dict[str, Any]] = ("SetMonitoringLevel", {"severity": watching.LEVEL})
    _monitoring(commissioning, step, "ActiveMonitoringLevel", str(watching.LEVEL), said, as_of)


def _monitoring(
    commissioning: Commissioning,
    step: CommissioningStep,
    variable: str,
    wanted: str,
    said: tuple[str, dict[str, Any]],
    as_of: datetime,
) -> None:
    station = commissioning.station
    step.wanted = wanted
    step.save(update_fields=["wanted"])
    row = find_row(station, Address(variable, "MonitoringCtrlr"))
    if row is not None and variables.is_same(row.value, wanted):
        end(step, State.ALREADY, as_of, found=row.value)
    elif not _may_monitor(commissioning):
        end(step, State.UNSUPPORTED, as_of)
    else:
        ask(step, station, *said, as_of)


def _may_monitor(commissioning: Commissioning) -> bool:
    """Say whether the station has monitoring, as far as known."""
    own = DeviceVariable.objects.filter(
        station=commissioning.station, component="MonitoringCtrlr", is_missing=False
    )
    return own.exists() or not has_inventory(commissioning)


def watch(commissioning: Commissioning, step: CommissioningStep, as_of: datetime) -> None:
    """Set monitors on the parts worth one, as many at a time as the station takes."""
    station = commissioning.station
    asked: list[str] = step.progress.get("asked", [])
    if not _may_monitor(commissioning):
        end(step, State.UNSUPPORTED, as_of)
        return
    left = [each for each in watching.missing_watches(station) if repr(each) not in asked]
    if not left:
        refused = len(watching.missing_watches(station))
        state = State.REFUSED if refused else State.DONE if asked else State.ALREADY
        end(step, state, as_of, found=str(len(asked) - refused))
        return
    part = left[: watching.most_at_once(station)]
    step.progress = {"asked": [*asked, *map(repr, part)]}
    payload = {"setMonitoringData": [each.payload() for each in part]}
    ask(step, station, "SetVariableMonitoring", payload, as_of)


def read_monitors(commissioning: Commissioning, step: CommissioningStep, as_of: datetime) -> None:
    """Ask which monitors there are now."""
    station = commissioning.station
    if not _may_monitor(commissioning):
        end(step, State.UNSUPPORTED, as_of)
        return
    number = variables.new_request_id(station, DeviceReport.Kind.MONITORS, as_of=as_of)
    step.progress = {"request": number, "until": (as_of + REPORT_WITHIN).isoformat()}
    ask(step, station, "GetMonitoringReport", {"requestId": number}, as_of)
