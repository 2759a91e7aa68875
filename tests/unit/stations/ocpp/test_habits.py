"""A make's own way of writing is put right before it is read; the rest of a payload stays."""

from datetime import UTC, datetime
from typing import Any

import pytest

from stations.metering import quirks
from stations.metering.facts import StationView
from stations.metering.quirks import QuirkRule
from stations.ocpp import habits

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def station(*rules: QuirkRule, zone: str = "Europe/Stockholm") -> StationView:
    known = quirks.match(rules, vendor="Make", model="M1", firmware="1")
    return StationView(1, 1, "S", "1.6", quirks=known, time_zone=zone)


def put(view: StationView, action: str, payload: dict[str, Any]) -> tuple[Any, list[str]]:
    return habits.put_right(view, action, payload, NOW)


def test_a_makes_code_stands_beside_what_it_means() -> None:
    view = station(QuirkRule("code_means", "NoPPDetected = CX023, Error = OtherError"))
    said = {"errorCode": "Error", "vendorErrorCode": "NoPPDetected", "status": "Faulted"}

    found, flags = put(view, "StatusNotification", said)

    assert found == {
        "errorCode": "OtherError",
        "vendorErrorCode": "CX023, NoPPDetected",
        "status": "Faulted",
    }
    assert flags == ["quirk:code_means"]


def test_a_status_that_names_its_vendor_is_read_with_that_vendors_words() -> None:
    view = station(QuirkRule("code_means", "NoPPDetected = CX023", vendor="CTEK"))
    said = {"vendorErrorCode": "NoPPDetected", "vendorId": "com.ctek"}

    assert put(view, "StatusNotification", said)[0]["vendorErrorCode"] == "CX023, NoPPDetected"
    assert put(view, "StatusNotification", {"vendorErrorCode": "NoPPDetected"})[1] == []


def test_a_silent_code_says_nothing() -> None:
    view = station(QuirkRule("silent_codes", "0x0000, 210"))
    said = {"errorCode": "0X0000", "vendorErrorCode": "210"}

    assert put(view, "StatusNotification", said)[0] == {
        "errorCode": "NoError",
        "vendorErrorCode": "",
    }


def test_a_state_of_its_own_becomes_a_known_one() -> None:
    view = station(QuirkRule("status_means", "Ready = Available"))

    assert put(view, "StatusNotification", {"status": "ready"})[0] == {"status": "Available"}


def test_energy_labelled_wh_is_read_in_its_true_unit_and_power_is_left_alone() -> None:
    view = station(QuirkRule("register_unit", "kWh"))
    samples = [
        {"value": "12.5", "unit": "Wh"},
        {"value": "12.5"},
        {"value": "7000", "measurand": "Power.Active.Import", "unit": "W"},
        {"value": 12.5, "unitOfMeasure": {"unit": "Wh", "multiplier": 0}},
        {"value": "12500", "unit": "kWh"},
        {"value": 1, "signedMeterValue": {}},
        "garbage",
    ]

    found, flags = put(view, "MeterValues", {"meterValue": [{"sampledValue": samples}]})

    assert found["meterValue"][0]["sampledValue"] == [
        {"value": "12.5", "unit": "kWh"},
        {"value": "12.5", "unit": "kWh"},
        samples[2],
        {"value": 12.5, "unitOfMeasure": {"unit": "kWh", "multiplier": 0}},
        *samples[4:],
    ]
    assert flags == ["quirk:register_unit"]


def test_a_measurand_that_means_nothing_is_left_out() -> None:
    view = station(QuirkRule("drop_measurands", "Voltage"))
    samples = [{"value": "0.1", "measurand": "Voltage"}, {"value": "1", "measurand": ["odd"]}]

    found, _ = put(view, "StopTransaction", {"transactionData": [{"sampledValue": samples}, 7]})

    assert found["transactionData"] == [{"sampledValue": samples[1:]}, 7]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-06-01T14:00:00Z", "2026-06-01T14:00:00+02:00"),
        ("2026-12-01T13:00:00+00:00", "2026-12-01T13:00:00+01:00"),
        ("2026-06-01T14:00:00+02:00", "2026-06-01T14:00:00+02:00"),
        ("2026-06-01T14:00:00", "2026-06-01T14:00:00"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("yesterday", "yesterday"),
    ],
)
def test_local_time_written_as_utc_becomes_the_instant_it_means(written: str, meant: str) -> None:
    view = station(QuirkRule("local_clock", "site"))

    found, _ = put(view, "MeterValues", {"meterValue": [{"timestamp": written}]})

    assert found["meterValue"][0]["timestamp"] == meant


@pytest.mark.parametrize(("now_utc", "offset"), [(0, "+02:00"), (1, "+01:00")])
def test_of_the_doubled_hour_of_autumn_the_nearer_one_is_meant(now_utc: int, offset: str) -> None:
    view = station(QuirkRule("naive_clock", "Europe/Stockholm"))
    now = datetime(2026, 10, 25, now_utc, 31, tzinfo=UTC)

    found, flags = habits.put_right(view, "Heartbeat", {"timestamp": "2026-10-25T02:30:00"}, now)

    assert found["timestamp"] == f"2026-10-25T02:30:00{offset}"
    assert flags == ["quirk:naive_clock"]


@pytest.mark.parametrize(
    ("kind", "value", "action", "payload"),
    [
        ("avoid_calls", "TriggerMessage", "TriggerMessage", {"requestedMessage": "Heartbeat"}),
        ("token_length", "16", "RemoteStartTransaction", {"idTag": "x" * 17}),
        ("token_length", "16", "RequestStartTransaction", {"idToken": {"idToken": "x" * 17}}),
    ],
)
def test_a_call_its_make_does_not_bear_is_not_sent(
    kind: str, value: str, action: str, payload: dict[str, Any]
) -> None:
    known = station(QuirkRule(kind, value)).quirks

    with pytest.raises(habits.CallAvoided):
        habits.check_call(known, action, payload)
    habits.check_call(known, "Reset", {"type": "Soft"})
    habits.check_call(quirks.NONE, action, payload)
