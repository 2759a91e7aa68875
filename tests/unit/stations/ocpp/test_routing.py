"""What a call of a known action may hold, and what is refused."""

import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest

from stations.metering.facts import (
    Outcome,
    StationView,
    StopFact,
    TokenVerdict,
    TransactionFact,
)
from stations.ocpp import framing, routing, schemas
from stations.ocpp.framing import Call, Refusal
from stations.ocpp.routing import Understood

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
OUTCOME = Outcome(AT, "4711", token=TokenVerdict("accepted"))


def station(version: str = "1.6", **changes: Any) -> StationView:
    return StationView(1, 1, "AE0001", version, **changes)


def understand(action: str, payload: dict[str, Any], version: str = "1.6") -> Understood:
    found = routing.understand(Call("m1", action, payload), station(version), AT)
    assert isinstance(found, Understood)
    return found


@pytest.mark.parametrize(
    ("action", "code"), [("CustomOperation", "NotImplemented"), ("Reset", "NotSupported")]
)
@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_unknown_is_not_implemented_and_ours_is_not_supported(action, code, version):
    refusal = routing.understand(Call("m1", action, {}), station(version), AT)

    assert isinstance(refusal, Refusal)
    assert refusal.code == code


@pytest.mark.parametrize("registration", ["pending", "rejected"])
def test_a_station_told_to_wait_is_heard_only_where_a_session_may_be_at_stake(registration):
    view = station(registration=registration)

    refusal = routing.understand(Call("m1", "Authorize", {"idTag": "A"}), view, AT)
    heard = routing.understand(Call("m1", "StopTransaction", {}), view, AT)

    assert isinstance(refusal, Refusal)
    assert refusal.code == "SecurityError"
    assert isinstance(heard, Understood)


def test_wrong_types_are_bent_flagged_and_answered():
    payload = {"transactionId": "17", "meterStop": "1234.6", "timestamp": "2026-11-22T07:00:00Z"}

    found = understand("StopTransaction", payload)

    fact = found.facts.facts[0]
    assert isinstance(fact, StopFact)
    assert (fact.transaction, fact.register_wh) == ("17", 1235)
    assert "type:meterStop" in found.facts.flags
    assert json.loads(found.render(OUTCOME)) == {}


@pytest.mark.parametrize(
    ("payload", "flag"),
    [
        ({"connectorId": 1, "errorCode": "Error", "status": "Faulted"}, "unknown_word:errorCode"),
        (
            {"connectorId": 1, "errorCode": "NoError", "status": "Faulted", "info": None},
            "empty:info",
        ),
        ({"connectorId": 1, "errorCode": "NoError"}, "missing:status"),
        (
            {"connectorId": 1, "errorCode": "NoError", "status": "Faulted", "x": 1},
            "unknown_field:x",
        ),
        (
            {"connectorId": 1, "errorCode": "NoError", "status": "Faulted", "info": "x" * 60},
            "overlong:info",
        ),
    ],
)
def test_what_the_schema_refuses_is_kept_with_its_flag(payload, flag):
    assert flag in understand("StatusNotification", payload).facts.flags


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_an_empty_payload_of_every_action_is_answered_by_the_schema(version):
    for action in routing.ROUTES[version]:
        answer = json.loads(understand(action, {}, version).render(OUTCOME))

        assert schemas.checker(version, action, is_answer=True)(answer), action


def test_an_answer_of_ours_that_breaks_the_schema_does_not_leave():
    found = understand("Heartbeat", {})
    is_fit = schemas.checker("1.6", "BootNotification", is_answer=True)

    with pytest.raises(routing.AnswerUnfit):
        routing._render("BootNotification", found.facts.answer, is_fit, OUTCOME)


def test_a_hole_in_a_handler_is_answered_and_flagged(monkeypatch):
    def broken(*_: object) -> None:
        raise KeyError("hole")

    monkeypatch.setitem(routing.ROUTES["1.6"], "StartTransaction", broken)

    found = understand("StartTransaction", {"connectorId": 1})

    assert "handler_failed" in found.facts.flags
    assert json.loads(found.render(OUTCOME))["transactionId"] == 4711


SCALARS: list[Any] = [None, True, -1, 0, 2**70, 1.5, "", "x" * 300, "7", [], {}, [[]], [{}], "NaN"]


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_ten_thousand_mutated_frames_are_all_answered(version):
    chance = random.Random(20261122)
    calls = _good_calls(version)
    for _ in range(10_000 // 10):
        for action, payload in chance.sample(calls, 10):
            mutated = _mutate(json.loads(json.dumps(payload)), chance)
            frame = framing.read_frame(json.dumps([2, "m1", action, mutated]), version)
            if isinstance(frame, Refusal):
                assert not isinstance(mutated, dict)
                continue
            assert isinstance(frame, Call)
            found = routing.understand(frame, station(version), AT)
            assert isinstance(found, Understood), action
            assert "handler_failed" not in found.facts.flags, (action, mutated)
            assert found.render(OUTCOME)


def _mutate(value: Any, chance: random.Random) -> Any:
    if chance.random() < 0.12:
        return chance.choice(SCALARS)
    if isinstance(value, dict):
        return {
            key: _mutate(inner, chance) for key, inner in value.items() if chance.random() > 0.1
        }
    if isinstance(value, list):
        return [_mutate(inner, chance) for inner in value]
    return value


def _good_calls(version: str) -> list[tuple[str, dict[str, Any]]]:
    sample = {"value": "10", "measurand": "Energy.Active.Import.Register", "phase": "L1-N"}
    stamp = {"timestamp": "2026-11-22T07:00:00Z"}
    meter = [{**stamp, "sampledValue": [sample, {**sample, "measurand": "SoC"}]}]
    if version == "1.6":
        return [
            ("BootNotification", {"chargePointModel": "m", "chargePointVendor": "v"}),
            ("StatusNotification", {"connectorId": 1, "errorCode": "NoError", **stamp}),
            ("Authorize", {"idTag": "A"}),
            ("StartTransaction", {"connectorId": 1, "idTag": "A", "meterStart": 1, **stamp}),
            ("MeterValues", {"connectorId": 1, "transactionId": 1, "meterValue": meter}),
            ("StopTransaction", {"transactionId": 1, "meterStop": 1, "transactionData": meter}),
            ("DataTransfer", {"vendorId": "x", "data": "y"}),
            ("SecurityEventNotification", {"type": "x", **stamp}),
            ("FirmwareStatusNotification", {"status": "Idle"}),
            ("SignCertificate", {"csr": "x"}),
        ]
    token = {"idToken": "A", "type": "ISO14443"}
    event = {
        "eventId": 1,
        "trigger": "Alerting",
        "actualValue": "x",
        "component": {"name": "c", "evse": {"id": 1}},
        "variable": {"name": "v"},
        **stamp,
    }
    place = {"evse": {"id": 1, "connectorId": 1}}
    return [
        ("BootNotification", {"reason": "PowerUp", "chargingStation": {"model": "m"}}),
        ("StatusNotification", {"evseId": 1, "connectorId": 1, "connectorStatus": "Occupied"}),
        ("Authorize", {"idToken": token}),
        (
            "TransactionEvent",
            {
                "eventType": "Started",
                "seqNo": 0,
                "triggerReason": "Authorized",
                "transactionInfo": {"transactionId": "t"},
                "idToken": token,
                "meterValue": meter,
                **place,
                **stamp,
            },
        ),
        ("MeterValues", {"evseId": 1, "meterValue": meter}),
        ("NotifyEvent", {"generatedAt": stamp["timestamp"], "seqNo": 0, "eventData": [event]}),
        ("DataTransfer", {"vendorId": "x"}),
        ("SecurityEventNotification", {"type": "x", **stamp}),
        ("FirmwareStatusNotification", {"status": "Idle"}),
        ("NotifyReport", {"requestId": 1, "seqNo": 0}),
    ]


@pytest.mark.parametrize("number", [1_795_341_600_000, -(2**31), 2**63 - 1])
def test_an_event_number_no_column_holds_is_no_number(number):
    info = {"transactionId": "tx1"}
    payload = {"eventType": "Ended", "seqNo": number, "transactionInfo": info}

    facts = understand("TransactionEvent", payload, "2.0.1").facts

    assert isinstance(facts.facts[0], TransactionFact)
    assert facts.facts[0].seq_no is None
    assert "number_out_of_range" in facts.flags
