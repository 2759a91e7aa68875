"""What is wrong with a command is said before it is queued."""

from typing import Any

import pytest

from stations.ocpp import calls, checking

FILES = [
    (
        "get_log",
        {"kind": "diagnostics", "url": "https://x/u/1", "request": 7, "retries": 2},
        {
            "1.6": ("GetDiagnostics", {"location": "https://x/u/1", "retries": 2}),
            "2.0.1": (
                "GetLog",
                {
                    "logType": "DiagnosticsLog",
                    "requestId": 7,
                    "log": {"remoteLocation": "https://x/u/1"},
                    "retries": 2,
                },
            ),
        },
    ),
    (
        "get_log",
        {"kind": "security", "url": "https://x/u/1", "request": 7},
        {
            version: (
                "GetLog",
                {
                    "logType": "SecurityLog",
                    "requestId": 7,
                    "log": {"remoteLocation": "https://x/u/1"},
                },
            )
            for version in ("1.6", "2.1")
        },
    ),
    (
        "update_firmware",
        {"url": "https://x/f/1", "request": 7, "retrieve_at": "2026-01-01T00:00:00Z"},
        {
            "1.6": (
                "UpdateFirmware",
                {"location": "https://x/f/1", "retrieveDate": "2026-01-01T00:00:00Z"},
            ),
            "2.1": (
                "UpdateFirmware",
                {
                    "requestId": 7,
                    "firmware": {
                        "location": "https://x/f/1",
                        "retrieveDateTime": "2026-01-01T00:00:00Z",
                    },
                },
            ),
        },
    ),
    (
        "update_firmware",
        {
            "url": "https://x/f/1",
            "request": 7,
            "retrieve_at": "2026-01-01T00:00:00Z",
            "signature": "c2ln",
            "signing_certificate": "PEM",
        },
        {
            version: (
                name,
                {
                    "requestId": 7,
                    "firmware": {
                        "location": "https://x/f/1",
                        "retrieveDateTime": "2026-01-01T00:00:00Z",
                        "signingCertificate": "PEM",
                        "signature": "c2ln",
                    },
                },
            )
            for version, name in (("1.6", "SignedUpdateFirmware"), ("2.0.1", "UpdateFirmware"))
        },
    ),
    (
        "unlock",
        {"evse": 2},
        {
            "1.6": ("UnlockConnector", {"connectorId": 2}),
            "2.0.1": ("UnlockConnector", {"evseId": 2, "connectorId": 1}),
        },
    ),
    (
        "change_availability",
        {"operative": False},
        {
            "1.6": ("ChangeAvailability", {"connectorId": 0, "type": "Inoperative"}),
            "2.0.1": ("ChangeAvailability", {"operationalStatus": "Inoperative"}),
        },
    ),
    ("clear_cache", {}, {"1.6": ("ClearCache", {}), "2.1": ("ClearCache", {})}),
]


@pytest.mark.parametrize(("word", "payload", "said"), FILES)
def test_our_word_is_said_in_each_version(
    word: str, payload: dict[str, Any], said: dict[str, tuple[str, dict[str, Any]]]
) -> None:
    assert {version: calls.translate(version, 1, word, payload) for version in said} == said
    assert [checking.complaints(version, word, payload) for version in said] == [[]] * len(said)


def test_a_payload_that_does_not_fit_is_told_where_and_why() -> None:
    reasons = checking.complaints("1.6", "Reset", {"type": "Sideways", "when": "now"})

    assert any("type" in reason and "Sideways" in reason for reason in reasons), reasons
    assert any("when" in reason for reason in reasons), reasons


def test_what_a_version_does_not_know_is_named() -> None:
    assert checking.complaints("1.6", "GetVariables", {}) == [
        "GetVariables is no action of OCPP 1.6."
    ]
    assert checking.complaints("2.0.1", "remote_start", {}) == ["remote_start needs token."]
