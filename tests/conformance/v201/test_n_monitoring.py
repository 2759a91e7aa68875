"""Block N of OCPP 2.0.1: what a station watches by itself, and what it then reports."""

from datetime import UTC, datetime
from typing import Any

from stations import devices
from stations.models import DeviceMonitor, Observation
from tests.conformance.bed import Bed
from tests.conformance.phrases import at, variable
from tests.conformance.player import Player

ACCEPTED = {"status": "Accepted"}
EVSE_POWER = variable("EVSE", "Power") | {"component": {"name": "EVSE", "evse": {"id": 1}}}
AVAILABLE = variable("ChargingStation", "AvailabilityState")


def monitor(number: int, about: dict[str, Any], kind: str, value: float) -> dict[str, Any]:
    """Return one monitor of a report."""
    told = {"id": number, "transaction": False, "value": value, "type": kind, "severity": 5}
    return about | {"variableMonitoring": [told]}


def reports(bed: Bed, station: Player, **criteria: Any) -> None:
    """Ask for monitors; they come in two parts, and are kept."""
    asked = {"requestId": 21} | criteria
    bed.exchange(station, "GetMonitoringReport", asked, ACCEPTED)
    lines = [monitor(1, EVSE_POWER, "UpperThreshold", 11_000), monitor(2, AVAILABLE, "Delta", 1)]
    for number, line in enumerate(lines):
        part = {
            "requestId": 21,
            "seqNo": number,
            "generatedAt": at(),
            "tbc": number == 0,
            "monitor": [line],
        }
        assert station.call("NotifyMonitoringReport", part) == {}
    bed.follow(station)

    kept = bed.reports(station, "NotifyMonitoringReport")
    assert [(row.seq_no, row.is_last) for row in kept] == [(0, False), (1, True)]
    assert all(row.request_id == 21 and row.applied_at for row in kept)
    assert watched(station) == [(1, "UpperThreshold"), (2, "Delta")]


def watched(station: Player) -> list[tuple[int, str]]:
    """Return number and kind of the monitors we know of."""
    rows = DeviceMonitor.objects.filter(station=station.row).order_by("number")
    return [(row.number, row.kind) for row in rows]


def wanted(about: dict[str, Any], kind: str, value: float, **more: Any) -> dict[str, Any]:
    """Return one monitor to set."""
    return {"value": value, "type": kind, "severity": 4} | about | more


def sets(bed: Bed, station: Player, *wishes: dict[str, Any]) -> None:
    results = [
        {
            "id": number,
            "status": "Accepted",
            "type": wish["type"],
            "severity": wish["severity"],
            "component": wish["component"],
            "variable": wish["variable"],
        }
        for number, wish in enumerate(wishes, start=1)
    ]
    bed.exchange(
        station,
        "SetVariableMonitoring",
        {"setMonitoringData": list(wishes)},
        {"setMonitoringResult": results},
    )
    bed.follow(station)
    assert watched(station) == [(n, wish["type"]) for n, wish in enumerate(wishes, start=1)]


def alerts(station: Player, number: int, trigger: str = "Alerting", **more: Any) -> None:
    """Report one event; it is confirmed, and there for the rules."""
    data = {
        "eventId": number,
        "timestamp": at(),
        "trigger": trigger,
        "actualValue": "12000",
        "eventNotificationType": "CustomMonitor",
        "variableMonitoringId": 1,
    }
    event = data | EVSE_POWER | more
    report = {"generatedAt": at(), "seqNo": 0, "eventData": [event]}
    assert station.call("NotifyEvent", report) == {}


def events(station: Player) -> list[str]:
    seen = Observation.objects.filter(station=station.row, kind="device_event").order_by("id")
    return [row.detail["component"] for row in seen]


def test_tc_n_01_report_by_criteria(bed: Bed, station: Player) -> None:
    """Monitors of a kind are reported.

    N02, N07.FR.03
    """
    reports(bed, station, monitoringCriteria=["ThresholdMonitoring", "DeltaMonitoring"])


def test_tc_n_02_report_by_variable(bed: Bed, station: Player) -> None:
    """Monitors of a variable are reported.

    N02
    """
    reports(bed, station, componentVariable=[EVSE_POWER])


def test_tc_n_03_report_by_both(bed: Bed, station: Player) -> None:
    """Monitors of a kind and a variable are reported.

    N02
    """
    reports(
        bed,
        station,
        monitoringCriteria=["ThresholdMonitoring"],
        componentVariable=[EVSE_POWER],
    )


def test_tc_n_47_report_all(bed: Bed, station: Player) -> None:
    """Without criteria every monitor is reported.

    N02
    """
    reports(bed, station)


def test_tc_n_60_report_by_kind_and_several_variables(bed: Bed, station: Player) -> None:
    """Monitors of a kind at several variables are reported.

    N02
    """
    reports(
        bed,
        station,
        monitoringCriteria=["ThresholdMonitoring"],
        componentVariable=[EVSE_POWER, AVAILABLE],
    )


def test_tc_n_05_base(bed: Bed, station: Player) -> None:
    """Which monitors a station has at all is set.

    N03
    """
    bed.exchange(station, "SetMonitoringBase", {"monitoringBase": "All"}, ACCEPTED)


def test_tc_n_08_one_monitor(bed: Bed, station: Player) -> None:
    """One variable is watched.

    N04
    """
    sets(bed, station, wanted(EVSE_POWER, "UpperThreshold", 11_000))


def test_tc_n_09_several_monitors(bed: Bed, station: Player) -> None:
    """Several variables are watched.

    N04
    """
    sets(
        bed,
        station,
        wanted(EVSE_POWER, "UpperThreshold", 11_000),
        wanted(AVAILABLE, "Delta", 1),
    )


def test_tc_n_16_level(bed: Bed, station: Player) -> None:
    """How bad something must be to be reported is set.

    N05
    """
    bed.exchange(station, "SetMonitoringLevel", {"severity": 4}, ACCEPTED)


def test_tc_n_17_level_out_of_range(bed: Bed, station: Player) -> None:
    """A station that does not know the level refuses it.

    N05
    """
    refused = {"status": "Rejected"}
    bed.exchange(station, "SetMonitoringLevel", {"severity": 9}, refused, state="rejected")


def test_tc_n_18_cleared_no_more_than_the_station_takes(bed: Bed, station: Player) -> None:
    """Three monitors are cleared one by one: no call has more than any station takes.

    N06.FR.04
    """
    power = wanted(EVSE_POWER, "UpperThreshold", 11_000)
    sets(bed, station, power, power | {"type": "LowerThreshold"}, power | {"type": "Delta"})
    for monitor_row in DeviceMonitor.objects.filter(station=station.row):
        command = devices.clear_monitor(
            station=station.row,
            monitor_id=monitor_row.pk,
            requested_by=bed.cast.cilla,
            as_of=datetime.now(UTC),
        )
        (number,) = station.expect("ClearVariableMonitoring")["id"]
        station.answer(clearMonitoringResult=[{"id": number, "status": "Accepted"}])
        assert bed.ended(command).state == "accepted"
    bed.follow(station)

    assert watched(station) == []


def test_tc_n_44_cannot_be_cleared(bed: Bed, station: Player) -> None:
    """A monitor of the maker stays.

    N06
    """
    answer = {"clearMonitoringResult": [{"id": 1, "status": "Rejected"}]}
    asked = {"id": [1]}
    bed.exchange(station, "ClearVariableMonitoring", asked, answer, state="rejected")


def test_tc_n_24_periodic_monitor(bed: Bed, station: Player) -> None:
    """A variable is reported every so often.

    N08, N08.FR.02
    """
    sets(bed, station, wanted(EVSE_POWER, "Periodic", 60))
    alerts(station, 1, "Periodic")
    alerts(station, 2, "Periodic")

    assert len(bed.reports(station, "NotifyEvent")) == 2


def test_tc_n_50_periodic_event(bed: Bed, station: Player) -> None:
    """A periodic value comes, and is confirmed.

    N08.FR.02
    """
    alerts(station, 1, "Periodic")

    assert bed.reports(station, "NotifyEvent")


def test_tc_n_21_hard_wired_event(bed: Bed, station: Player) -> None:
    """What the maker wired in reports by itself; the published list has no title for this case.

    N07, N07.FR.03
    """
    alerts(station, 1, eventNotificationType="HardWiredMonitor")

    assert events(station) == ["EVSE"]


def test_tc_n_48_write_only_variable(bed: Bed, station: Player) -> None:
    """A change of a secret is reported without its value.

    N07, N07.FR.03
    """
    secret = variable("SecurityCtrlr", "BasicAuthPassword")
    alerts(station, 1, "Delta", actualValue="", **secret)

    assert len(bed.reports(station, "NotifyEvent")) == 1


def test_tc_n_49_threshold_left_after_a_reboot(bed: Bed, station: Player) -> None:
    """A threshold is passed; after the restart it no longer is, and both are known.

    N07, N07.FR.03
    """
    alerts(station, 1)
    station.reconnect()
    alerts(station, 2, cleared=True, actualValue="100")

    assert [r.payload["eventData"][0].get("cleared", False) for r in _reported(bed, station)] == [
        False,
        True,
    ]


def _reported(bed: Bed, station: Player) -> list[Any]:
    return bed.reports(station, "NotifyEvent")
