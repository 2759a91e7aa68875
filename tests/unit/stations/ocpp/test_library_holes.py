"""What the published OCPP library does wrong, and we do not (its version 2.1.0, measured)."""

import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from stations.metering.facts import Outcome, StationView, StatusFact
from stations.ocpp import calls, framing, routing
from stations.ocpp.framing import Call, Refusal
from tests.unit.stations.ocpp.minimal import AT, smallest

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def view(version: str) -> StationView:
    return StationView(1, 1, "AE0001", version)


@pytest.mark.parametrize(
    ("action", "code"), [("Unheard", "NotImplemented"), ("SetDefaultTariff", "NotSupported")]
)
def test_2_1_answers_what_it_does_not_know(action: str, code: str) -> None:
    refusal = routing.understand(Call("m", action, {}), view("2.1"), NOW)

    assert isinstance(refusal, Refusal)
    assert (refusal.message_id, refusal.code) == ("m", code)


NAMES: list[tuple[str, dict[str, Any]]] = [
    (
        "UpdateDynamicSchedule",
        {"chargingProfileId": 1, "scheduleUpdate": {"limit_L2": 6, "setpointReactive_L3": 1}},
    ),
    (
        "NotifyAllowedEnergyTransfer",
        {"transactionId": "t", "allowedEnergyTransfer": ["AC_BPT_DER", "DC_ACDP"]},
    ),
    ("AFRRSignal", {"timestamp": AT, "signal": 3}),
]


@pytest.mark.parametrize(("name", "payload"), NAMES)
def test_names_of_2_1_leave_as_they_are_written(name: str, payload: dict[str, Any]) -> None:
    action, said = calls.translate("2.1", 1, name, payload)

    frame = framing.call_frame("m", action, said)
    assert framing.read_json(frame.decode())[0] == [2, "m", name, payload]


def test_two_spellings_of_one_custom_key_stay_two() -> None:
    custom = {"vendorId": "x", "fooBar": 1, "foo_bar": 2}
    payload = smallest("2.0.1", "Heartbeat", is_answer=False) | {"customData": custom}

    frame = framing.read_frame(framing.call_frame("m", "Heartbeat", payload).decode(), "2.0.1")

    assert isinstance(frame, Call)
    assert frame.payload["customData"] == custom


@pytest.mark.parametrize("stamp", ["not-a-date", "", "2026-13-45T99:00:00Z", "yesterday"])
def test_a_time_that_is_none_is_flagged_and_is_when_we_heard_it(stamp: str) -> None:
    status = {"connectorId": 1, "errorCode": "NoError", "status": "Charging", "timestamp": stamp}

    found = routing.understand(Call("m", "StatusNotification", status), view("1.6"), NOW)

    assert isinstance(found, routing.Understood)
    (fact,) = found.facts.facts
    assert isinstance(fact, StatusFact)
    assert fact.occurred_at == NOW
    assert found.render(Outcome(NOW)) == b"{}"


def test_no_payload_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        routing.understand(Call("m", "Authorize", {"idTag": "SECRET01"}), view("1.6"), NOW)
        framing.read_frame('[2,"m","Authorize",{"idTag":"SECRET01"', "1.6")

    assert "SECRET01" not in caplog.text


def test_a_long_error_description_is_cut() -> None:
    frame = framing.error_frame(Refusal("m", "FormationViolation", "x" * 900))

    assert len(framing.read_json(frame.decode())[0][3]) == 255
