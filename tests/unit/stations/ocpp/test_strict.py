"""Strict mode: the codes of each version for what the schema refuses, spelt as it spells them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from stations.metering.facts import StationView, registration_of
from stations.ocpp import framing, routing
from stations.ocpp.framing import Call, Complaint, Ignored, Refusal

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
BOOT_16 = {"chargePointVendor": "Keba", "chargePointModel": "P30"}
BOOT_2 = {"chargingStation": {"model": "P30", "vendorName": "Keba"}, "reason": "PowerUp"}


def refused(version: str, action: str, payload: dict[str, Any]) -> str:
    view = StationView(1, 1, "AE0001", version)
    found = routing.understand(Call("m1", action, payload), view, AT, is_strict=True)
    return found.code if isinstance(found, Refusal) else ""


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (BOOT_16, ""),
        ({"chargePointVendor": "Keba"}, "OccurenceConstraintViolation"),
        (BOOT_16 | {"iccid": 5}, "TypeConstraintViolation"),
        (BOOT_16 | {"chargePointModel": None}, "TypeConstraintViolation"),
        (BOOT_16 | {"chargePointModel": "x" * 21}, "PropertyConstraintViolation"),
        (BOOT_16 | {"colour": "red"}, "FormationViolation"),
    ],
)
def test_1_6_keeps_its_two_typing_errors(payload: dict[str, Any], code: str) -> None:
    assert refused("1.6", "BootNotification", payload) == code


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (BOOT_2, ""),
        ({"reason": "PowerUp"}, "OccurrenceConstraintViolation"),
        (BOOT_2 | {"reason": 5}, "TypeConstraintViolation"),
        (BOOT_2 | {"reason": "Boredom"}, "FormatViolation"),
        (BOOT_2 | {"colour": "red"}, "FormatViolation"),
        (
            {"chargingStation": {"model": "x" * 21, "vendorName": "K"}, "reason": "PowerUp"},
            "PropertyConstraintViolation",
        ),
    ],
)
def test_2_x_has_its_own_codes(version: str, payload: dict[str, Any], code: str) -> None:
    assert refused(version, "BootNotification", payload) == code


def test_a_number_out_of_range_and_too_few_items_have_their_codes_in_2_1() -> None:
    assert refused("2.1", "ClosePeriodicEventStream", {"id": -1}) == "PropertyConstraintViolation"
    payload = {"generatedAt": "2026-11-22T08:00:00Z", "seqNo": 0, "eventData": []}
    assert refused("2.0.1", "NotifyEvent", payload) == "OccurrenceConstraintViolation"


@pytest.mark.parametrize(
    ("version", "action"),
    [
        ("1.6", "StartTransaction"),
        ("1.6", "StopTransaction"),
        ("1.6", "MeterValues"),
        ("2.0.1", "TransactionEvent"),
        ("2.1", "MeterValues"),
    ],
)
def test_billing_data_is_not_refused_even_then(version: str, action: str) -> None:
    assert refused(version, action, {}) == ""


def test_a_refusal_names_the_field_and_not_what_stood_in_it() -> None:
    view = StationView(1, 1, "AE0001", "2.0.1")
    call = Call("m1", "BootNotification", BOOT_2 | {"reason": "hunter2", "hunter3": 1})

    refusal = routing.understand(call, view, AT, is_strict=True)

    assert isinstance(refusal, Refusal)
    assert "hunter" not in refusal.description


def test_only_2_1_sends() -> None:
    text = '[6,"m1","NotifyPeriodicEventStream",{"id":1,"pending":0,"data":[]}]'

    sent = framing.read_frame(text, "2.1")

    assert isinstance(sent, Call)
    assert sent.is_send
    assert isinstance(framing.read_frame(text, "2.0.1"), Ignored)
    assert isinstance(framing.read_frame(text, "1.6"), Ignored)


@pytest.mark.parametrize(
    "text", ['[6,"m1","X"]', '[6,"m1",{},{}]', '[6,"m1","X",[]]', '[6,"m1"', "[6]"]
)
def test_a_broken_send_is_not_answered_either(text: str) -> None:
    frame = framing.read_frame(text, "2.1")

    assert isinstance(frame, Ignored) or frame == Refusal(
        "-1", "RpcFrameworkError", "A frame is an array of a type and an id."
    )


def test_what_2_1_holds_against_an_answer_of_ours_is_read() -> None:
    text = '[5,"m1","FormatViolation","no time",{}]'

    assert framing.read_frame(text, "2.1") == Complaint("m1", "FormatViolation", "no time")
    assert isinstance(framing.read_frame(text, "1.6"), Ignored)
    refusal = framing.read_frame(text, "2.0.1")
    assert isinstance(refusal, Refusal)
    assert refusal.code == "MessageTypeNotSupported"


def test_an_unknown_type_is_ignored_in_2_1() -> None:
    assert isinstance(framing.read_frame('[9,"m1",{}]', "2.1"), Ignored)


@pytest.mark.parametrize(
    ("version", "is_heard"), [("1.6", True), ("2.0.1", False), ("2.1", False)]
)
def test_2_x_is_heard_after_its_first_boot_only(version: str, is_heard: bool) -> None:
    registration = registration_of("new", version)
    view = StationView(1, 1, "AE0001", version, registration=registration)

    beat = routing.understand(Call("m1", "Heartbeat", {}), view, AT)
    status = routing.understand(Call("m2", "StatusNotification", {}), view, AT)

    assert isinstance(beat, Refusal) is not is_heard
    assert isinstance(status, routing.Understood)
