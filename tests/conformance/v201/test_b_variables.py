"""Block B of OCPP 2.0.1: variables are read and set, reports asked for."""

from stations import variables
from stations.models import Command, DeviceVariable
from stations.variables import Address
from tests.conformance.bed import Bed
from tests.conformance.phrases import Payload, report, reported, variable
from tests.conformance.player import Player

OFFLINE = variable("OCPPCommCtrlr", "OfflineThreshold")
START = variable("AuthCtrlr", "AuthorizeRemoteStart")


def got(wanted: Payload, value: str) -> Payload:
    return wanted | {"attributeStatus": "Accepted", "attributeValue": value}


def read(station: Player) -> dict[str, str | None]:
    """Return the device model as it is kept."""
    rows = DeviceVariable.objects.filter(station=station.row)
    return {row.variable: row.value for row in rows}


def reports_all(bed: Bed, station: Player, command: Command, request: int) -> None:
    """Have a station report in two parts; both are answered and kept."""
    lines = [reported("OCPPCommCtrlr", "OfflineThreshold", "60")]
    more = [reported("AuthCtrlr", "AuthorizeRemoteStart", "true")]
    assert bed.ended(command).state == "accepted"
    assert station.call("NotifyReport", report(request, 0, lines, more=True)) == {}
    assert station.call("NotifyReport", report(request, 1, more)) == {}

    parts = bed.reports(station, "NotifyReport")
    assert [(part.request_id, part.seq_no, part.is_last) for part in parts] == [
        (request, 0, False),
        (request, 1, True),
    ]
    assert bed.follow(station) >= len(parts)
    assert all(part.applied_at for part in bed.reports(station, "NotifyReport"))
    assert read(station) == {"OfflineThreshold": "60", "AuthorizeRemoteStart": "true"}


def test_tc_b_06_get_variables_single_value(bed: Bed, station: Player) -> None:
    """One variable is asked for, and its value kept.

    B06
    """
    asked = {"getVariableData": [OFFLINE]}
    answer = {"getVariableResult": [got(OFFLINE, "60")]}

    bed.exchange(station, "GetVariables", asked, answer)
    bed.follow(station)
    assert read(station) == {"OfflineThreshold": "60"}


def test_tc_b_07_get_variables_multiple_values(bed: Bed, station: Player) -> None:
    """Two variables are asked for in one call.

    B06
    """
    asked = {"getVariableData": [OFFLINE, START]}
    answer = {"getVariableResult": [got(OFFLINE, "60"), got(START, "true")]}

    bed.exchange(station, "GetVariables", asked, answer)


def test_tc_b_08_get_variables_no_more_than_the_station_takes(bed: Bed, station: Player) -> None:
    """Five variables are asked for in two calls where the station takes four at once.

    B06.FR.05
    """
    limit = reported("DeviceDataCtrlr", "ItemsPerMessage", "4")
    limit["variable"] = {"name": "ItemsPerMessage", "instance": "GetVariables"}
    station.call("NotifyReport", report(8, 0, [limit]))
    bed.follow(station)
    names = ("HeartbeatInterval", "OfflineThreshold", "MessageTimeout", "RetryBackOffWaitMinimum")
    wanted = [Address(name, "OCPPCommCtrlr") for name in (*names, "WebSocketPingInterval")]
    heard = []
    for action, payload in variables.read_calls(station.row, wanted):
        command = bed.ask(station, action, **payload)
        asked = station.expect("GetVariables")["getVariableData"]
        station.answer(getVariableResult=[got(one, "60") for one in asked])
        assert bed.ended(command).state == "accepted"
        heard.append(len(asked))
    bed.follow(station)

    assert heard == [4, 1]
    assert set(read(station)) >= set(names)


def test_tc_b_09_set_variables_single_value(bed: Bed, station: Player) -> None:
    """One variable is set.

    B05
    """
    asked = {"setVariableData": [OFFLINE | {"attributeValue": "123"}]}
    answer = {"setVariableResult": [OFFLINE | {"attributeStatus": "Accepted"}]}

    bed.exchange(station, "SetVariables", asked, answer)


def test_tc_b_10_set_variables_multiple_values(bed: Bed, station: Player) -> None:
    """Two variables are set in one call; one of them counts after a restart.

    B05, B05.FR.13
    """
    asked = {
        "setVariableData": [
            OFFLINE | {"attributeValue": "123"},
            START | {"attributeValue": "false"},
        ]
    }
    answer = {
        "setVariableResult": [
            OFFLINE | {"attributeStatus": "Accepted"},
            START | {"attributeStatus": "RebootRequired"},
        ]
    }

    bed.exchange(station, "SetVariables", asked, answer)


def base_report(bed: Bed, station: Player, base: str) -> None:
    asked = {"requestId": 12, "reportBase": base}
    command = bed.ask(station, "GetBaseReport", **asked)
    assert station.obey("GetBaseReport", status="Accepted") == asked
    reports_all(bed, station, command, 12)


def test_tc_b_12_base_report_of_the_configuration(bed: Bed, station: Player) -> None:
    """What can be set is reported, in parts, each answered and kept.

    B07
    """
    base_report(bed, station, "ConfigurationInventory")


def test_tc_b_13_base_report_of_everything(bed: Bed, station: Player) -> None:
    """The whole device model is reported, in parts, each answered and kept.

    B07
    """
    base_report(bed, station, "FullInventory")


def test_tc_b_14_base_report_summary(bed: Bed, station: Player) -> None:
    """The summary is reported, in parts, each answered and kept.

    B07
    """
    base_report(bed, station, "SummaryInventory")


def test_tc_b_18_custom_report(bed: Bed, station: Player) -> None:
    """A report is asked for by criteria and by component, and kept.

    B08
    """
    asked = {
        "requestId": 13,
        "componentCriteria": ["Available"],
        "componentVariable": [OFFLINE],
    }
    command = bed.ask(station, "GetReport", **asked)
    assert station.obey("GetReport", status="Accepted") == asked

    reports_all(bed, station, command, 13)
