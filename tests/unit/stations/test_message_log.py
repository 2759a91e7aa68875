"""What of a frame may be read: secrets by nobody, tokens by who answers drivers."""

from typing import Any

import pytest

from stations import message_log, secrets


@pytest.mark.parametrize(
    "payload",
    [
        {"key": "AuthorizationKey", "value": "s3cret"},
        {"configurationKey": [{"key": "AuthorizationKey", "readonly": False, "value": "s3cret"}]},
        {
            "setVariableData": [
                {
                    "attributeValue": "s3cret",
                    "component": {"name": "SecurityCtrlr"},
                    "variable": {"name": "BasicAuthPassword"},
                }
            ]
        },
        {
            "connectionData": {"basicAuthPassword": "s3cret"},
            "vpn": {"server": "v", "user": "u", "key": "s3cret"},
        },
        {"connectionData": {"apn": {"apnPassword": "s3cret", "simPin": 5523}}},
        {"location": "ftp://user:s3cret@example.org/logs"},
        {
            "log": {
                "remoteLocation": "https://cs.example.org/u/s3cret-0123456789-0123456789-0123456789/log.tar"
            }
        },
        {"idToken": {"idToken": "s3cret", "type": "KeyCode"}},
    ],
)
def test_a_secret_is_read_by_nobody(payload: dict[str, Any]) -> None:
    shown = str(message_log.masked(payload, shows_tokens=True))

    assert "s3cret" not in shown
    assert "5523" not in shown
    assert secrets.MASK in shown


def test_a_token_is_whole_for_who_may_see_it_and_an_ending_for_others() -> None:
    payload = {"idTag": "04A1B2C3D4", "idTokenInfo": {"groupIdToken": {"idToken": "FLEET-0001"}}}

    assert message_log.masked(payload, shows_tokens=True) == payload
    shown = message_log.masked(payload, shows_tokens=False)

    assert shown["idTag"] == "…C3D4"
    assert shown["idTokenInfo"] == {"groupIdToken": {"idToken": "…0001"}}


def test_the_name_of_a_configuration_key_is_no_secret() -> None:
    payload = {"key": ["HeartbeatInterval"], "configurationKey": [{"key": "X", "value": "1"}]}

    assert message_log.masked(payload, shows_tokens=False) == payload


def test_what_is_no_json_is_freed_of_its_credentials() -> None:
    text = '[2,"1","X",{"u":"https://a:s3cret@b/"'

    assert "s3cret" not in message_log.masked_text(text, shows_tokens=True)
