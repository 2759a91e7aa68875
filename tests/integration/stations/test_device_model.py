from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from stations import devices
from stations.models import Command, DeviceMonitor, DeviceVariable, Station
from stations.variables import Address
from tests.cast import Cast, make_cast
from tests.integration.stations.answering import Answering

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    return make_cast()


def row(name: str, value: str | None = "1", **more: Any) -> dict[str, Any]:
    component, variable = name.split(".")
    attribute = {"value": value} | more
    return {
        "component": {"name": component},
        "variable": {"name": variable},
        "variableAttribute": [attribute],
        "variableCharacteristics": {"dataType": "integer", "supportsMonitoring": True},
    }


def part(number: int, rows: list[dict[str, Any]], *, last: bool) -> dict[str, Any]:
    return {"requestId": 7, "seqNo": number, "tbc": not last, "reportData": rows}


def values(station: Station) -> dict[str, str | None]:
    rows = DeviceVariable.objects.filter(station=station, is_missing=False)
    return {str(each.variable): each.value for each in rows}


def ask_for_everything(station: Station) -> None:
    now = timezone.now()
    Command.objects.create(
        operator_id=station.operator_id,
        station=station,
        action="GetBaseReport",
        payload={"requestId": 7, "reportBase": "FullInventory"},
        state="accepted",
        created_at=now,
        expires_at=now,
    )


def test_a_report_in_parts_out_of_order_is_whole_and_what_it_lacks_is_missing(made: Cast) -> None:
    station = made.dc_station
    box = Answering(station, {}, timezone.now())
    box.report("NotifyReport", part(0, [row("OldCtrlr.Gone")], last=True))
    box.follow()
    ask_for_everything(station)
    box.now = timezone.now()

    box.report("NotifyReport", part(1, [row("B.Two", "2")], last=True))
    box.follow()
    assert "Gone" in values(station)
    box.report("NotifyReport", part(0, [row("A.One")], last=False))
    box.follow()

    assert values(station) == {"One": "1", "Two": "2"}
    assert DeviceVariable.objects.get(variable="Gone").is_missing


def test_what_may_only_be_written_and_what_is_secret_has_no_value(made: Cast) -> None:
    box = Answering(made.dc_station, {}, timezone.now())

    rows = [
        row("SecurityCtrlr.BasicAuthPassword", "hunter2-hunter2-1"),
        row("SomeCtrlr.Pin", "1234", mutability="WriteOnly"),
    ]
    box.report("NotifyReport", part(0, rows, last=True))
    box.follow()

    assert values(made.dc_station) == {"BasicAuthPassword": None, "Pin": None}


def test_a_1_6_station_tells_its_keys_and_which_it_does_not_know(made: Cast) -> None:
    station = made.ac_station
    answer = {
        "configurationKey": [
            {"key": "HeartbeatInterval", "readonly": False, "value": "300"},
            {"key": "NumberOfConnectors", "readonly": True, "value": "2"},
            {"key": "AuthorizationKey", "readonly": False, "value": "736563726574"},
        ],
        "unknownKey": ["Nonsense"],
    }
    box = Answering(station, {"GetConfiguration": lambda _: answer}, timezone.now())

    devices.read_again(station=station, requested_by=None, as_of=timezone.now())
    box.settle()

    assert values(station) == {
        "HeartbeatInterval": "300",
        "NumberOfConnectors": "2",
        "AuthorizationKey": None,
    }
    assert not DeviceVariable.objects.get(variable="NumberOfConnectors").may_be_written
    assert DeviceVariable.objects.get(variable="Nonsense").is_missing


@pytest.mark.parametrize(
    ("word", "value", "pending"),
    [
        ("Accepted", "60", None),
        ("Rejected", "30", None),
        ("RebootRequired", "30", "60"),
    ],
)
def test_a_changed_value_is_what_the_station_made_of_it(
    made: Cast, word: str, value: str, pending: str | None
) -> None:
    station = made.dc_station
    address = Address("WebSocketPingInterval", "OCPPCommCtrlr")
    box = Answering(station, {"SetVariables": lambda said: answer_set(said, word)}, timezone.now())
    box.report(
        "NotifyReport", part(0, [row("OCPPCommCtrlr.WebSocketPingInterval", "30")], last=True)
    )
    box.follow()

    devices.change_setting(
        station=station, address=address, value="60", requested_by=None, as_of=timezone.now()
    )
    box.settle()

    kept = DeviceVariable.objects.get(station=station)
    assert (kept.value, kept.pending_value, kept.set_answer) == (value, pending, word)


def answer_set(said: dict[str, Any], word: str) -> dict[str, Any]:
    rows = said["setVariableData"]
    return {
        "setVariableResult": [
            {"attributeStatus": word, "component": row["component"], "variable": row["variable"]}
            for row in rows
        ]
    }


def test_a_password_is_not_changed_here(made: Cast) -> None:
    with pytest.raises(devices.ChangeRefused):
        devices.change_setting(
            station=made.dc_station,
            address=Address("BasicAuthPassword", "SecurityCtrlr"),
            value="x" * 20,
            requested_by=None,
            as_of=timezone.now(),
        )

    assert not Command.objects.exists()


def test_a_value_asked_for_and_unknown_to_the_station_is_missing(made: Cast) -> None:
    station, now = made.dc_station, timezone.now()
    asked = {"component": {"name": "A"}, "variable": {"name": "One"}}
    answer = {"getVariableResult": [asked | {"attributeStatus": "UnknownVariable"}]}
    Command.objects.create(
        operator_id=station.operator_id,
        station=station,
        action="GetVariables",
        payload={"getVariableData": [asked]},
        state="queued",
        created_at=now,
        expires_at=now,
    )

    Answering(station, {"GetVariables": lambda _: answer}, now).settle()

    assert DeviceVariable.objects.get().is_missing


def monitor(number: int) -> dict[str, Any]:
    return {
        "component": {"name": "TemperatureSensor", "evse": {"id": 1, "connectorId": 1}},
        "variable": {"name": "Temperature"},
        "variableMonitoring": [
            {
                "id": number,
                "type": "UpperThreshold",
                "value": 80,
                "severity": 4,
                "transaction": False,
            }
        ],
    }


def test_monitors_are_those_of_the_newest_whole_report_less_the_cleared(made: Cast) -> None:
    station, now = made.dc_station, timezone.now()
    box = Answering(
        station,
        {
            "GetMonitoringReport": lambda _: {"status": "Accepted"},
            "GetBaseReport": lambda _: {"status": "Accepted"},
            "ClearVariableMonitoring": lambda said: {
                "clearMonitoringResult": [{"id": said["id"][0], "status": "Accepted"}]
            },
        },
        now,
    )
    box.report(
        "NotifyMonitoringReport",
        {"requestId": 1, "seqNo": 0, "tbc": False, "monitor": [monitor(9)]},
    )
    box.follow()
    box.now += timedelta(seconds=1)
    devices.read_again(station=station, requested_by=None, as_of=box.now)
    box.settle()
    asked = next(said for action, said in box.heard if action == "GetMonitoringReport")
    box.report(
        "NotifyMonitoringReport",
        {"requestId": asked["requestId"], "seqNo": 0, "monitor": [monitor(4), monitor(5)]},
    )
    box.follow()
    assert set(DeviceMonitor.objects.values_list("number", flat=True)) == {4, 5}

    first = DeviceMonitor.objects.get(number=4)
    devices.clear_monitor(
        station=station, monitor_id=first.pk, requested_by=made.cilla, as_of=box.now
    )
    box.settle()

    assert list(DeviceMonitor.objects.values_list("number", flat=True)) == [5]
