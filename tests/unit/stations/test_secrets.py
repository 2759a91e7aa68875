"""S51: what is secret is readable nowhere; what is not stays as it is."""

import json

import pytest

from stations import secrets


@pytest.mark.parametrize(
    "payload",
    [
        {"key": "AuthorizationKey", "value": "SEEDED"},
        {"configurationKey": [{"key": "AuthorizationKey", "readonly": False, "value": "SEEDED"}]},
        {
            "setVariableData": [
                {
                    "attributeValue": "SEEDED",
                    "component": {"name": "SecurityCtrlr"},
                    "variable": {"name": "BasicAuthPassword"},
                }
            ]
        },
        {
            "reportData": [
                {
                    "variable": {"name": "BasicAuthPassword"},
                    "variableAttribute": [{"type": "Actual", "value": "SEEDED"}],
                }
            ]
        },
        {"connectionData": {"basicAuthPassword": "SEEDED", "apn": {"apnPassword": "SEEDED"}}},
        {"vpn": {"server": "a", "user": "b", "password": "SEEDED", "key": "SEEDED"}},
        {"location": "ftp://user:SEEDED@files.example.org/a"},
        {"idToken": {"idToken": "SEEDED", "type": "KeyCode"}},
        # names of settings are the same in any case (CiString)
        {"key": "authorizationkey", "value": "SEEDED"},
        {"configurationKey": [{"key": "AUTHORIZATIONKEY", "value": "SEEDED"}]},
        {"eventData": [{"variable": {"name": "basicauthpassword"}, "actualValue": "SEEDED"}]},
        {"idToken": {"idToken": "SEEDED", "type": "KEYCODE"}},
        {"key": "VendorWifi_Password", "value": "SEEDED"},
        {"vendorId": "v", "data": json.dumps({"password": "SEEDED"})},
        {"location": "1ftp://user:SEEDED@files.example.org/a"},
    ],
)
def test_a_secret_is_hidden_in_a_payload_and_in_its_frame(payload: dict[str, object]) -> None:
    frame = json.dumps([2, "m1", "X", payload]).encode()

    assert "SEEDED" not in json.dumps(secrets.hidden(payload))
    assert b"SEEDED" not in secrets.hidden_frame(frame)
    assert b"SEEDED" not in secrets.hidden_frame(frame[:-2])


@pytest.mark.parametrize(
    "payload",
    [
        {"idTag": "ASTRID01"},
        {"key": "HeartbeatInterval", "value": "300"},
        {"idToken": {"idToken": "04A1", "type": "ISO14443"}},
        {"info": "mail a@example.org", "number": 1.50, "none": None},
    ],
)
def test_what_is_no_secret_stays_byte_for_byte(payload: dict[str, object]) -> None:
    frame = json.dumps([2, "m1", "X", payload]).encode()

    assert secrets.hidden(payload) == payload
    assert secrets.hidden_frame(frame) is frame


@pytest.mark.parametrize("pad", ["a", "a.", "ftp://", "/f/", "://a"])
def test_a_long_text_is_looked_through_once(pad: str) -> None:
    """From each of its letters an address was looked for: minutes for one frame of 256 KiB."""
    data = pad * (250_000 // len(pad)) + " @"
    frame = json.dumps([2, "m1", "DataTransfer", {"vendorId": "v", "data": data}]).encode()

    assert b"DataTransfer" in secrets.hidden_frame(frame)
