"""Power, lists, reservations and screens in each version's words."""

from typing import Any

import pytest

from stations import commands
from stations.ocpp import calls

PROFILE: dict[str, Any] = {
    "id": 7,
    "stack_level": 1,
    "purpose": "tx",
    "kind": "Absolute",
    "transaction": "42",
    "start": "2026-11-22T09:00:00Z",
    "unit": "A",
    "periods": [{"start": 0, "limit": "10.0", "phases": 3}, {"start": 60, "limit": "6.5"}],
}
AT = "2026-11-22T09:00:00Z"
CASES: list[tuple[str, dict[str, Any]]] = [
    (commands.SET_PROFILE, {"evse": 1, "profile": PROFILE}),
    (commands.CLEAR_PROFILE, {"id": 7}),
    (commands.CLEAR_PROFILE, {"evse": 1, "purpose": "tx_default", "stack_level": 0}),
    (commands.COMPOSITE_SCHEDULE, {"evse": 1, "duration": 3600, "unit": "A"}),
    (commands.SEND_LOCAL_LIST, {"version": 3, "update": "Full", "entries": []}),
    (
        commands.SEND_LOCAL_LIST,
        {
            "version": 3,
            "update": "Differential",
            "entries": [{"uid": "A1", "status": "Blocked", "expires": AT}, {"uid": "B2"}],
        },
    ),
    (commands.LOCAL_LIST_VERSION, {}),
    (commands.RESERVE, {"id": 5, "evse": 1, "token": "A1", "expires_at": AT}),
    (commands.CANCEL_RESERVATION, {"id": 5}),
]


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
@pytest.mark.parametrize(("action", "payload"), CASES)
def test_our_words_follow_the_schema_of_each_version(
    version: str, action: str, payload: dict[str, Any]
) -> None:
    name, said = calls.translate(version, 1, action, payload)

    assert name
    assert None not in said.values()


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
def test_a_screen_is_spoken_to_in_2x_only(version: str) -> None:
    payload = {"id": 1, "priority": "InFront", "text": "Laddat!", "state": "Idle"}

    assert calls.translate(version, 1, commands.SHOW_MESSAGE, payload)[0] == "SetDisplayMessage"
    assert calls.translate(version, 1, commands.CLEAR_MESSAGE, {"id": 1})[1] == {"id": 1}
    with pytest.raises(calls.CallUnfit):
        calls.translate("1.6", 1, commands.SHOW_MESSAGE, payload)


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_a_session_s_profile_names_its_session_and_no_other_one_does(version: str) -> None:
    nameless = PROFILE | {"transaction": None}
    named = PROFILE | {"purpose": "tx_default"}
    for profile in (nameless, named):
        with pytest.raises(calls.CallUnfit):
            calls.translate(version, 1, commands.SET_PROFILE, {"evse": 1, "profile": profile})


def test_a_tag_too_long_for_16_is_refused_before_it_leaves() -> None:
    entries = [{"uid": "X" * 21, "status": "Accepted"}]
    payload = {"version": 1, "update": "Full", "entries": entries}

    with pytest.raises(calls.CallUnfit):
        calls.translate("1.6", 1, commands.SEND_LOCAL_LIST, payload)
    calls.translate("2.0.1", 1, commands.SEND_LOCAL_LIST, payload)
