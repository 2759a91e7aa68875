"""Every message a version knows is routed, and every payload of it gets a valid answer."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.metering.facts import Outcome, StationView, TokenVerdict
from stations.ocpp import fallbacks, routing, schemas
from stations.ocpp.framing import Call

IS_LONG = bool(os.environ.get("CHARGENET_LONG"))
EXAMPLES = 300 if IS_LONG else 6
NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
ROUTED = [(version, action) for version, table in routing.ROUTES.items() for action in table]


def view(version: str) -> StationView:
    return StationView(id=1, operator_id=1, identity="CP1", version=version)


def outcomes() -> Iterator[Outcome]:
    for word in ("accepted", "blocked", "expired", "invalid", "concurrent"):
        yield Outcome(NOW, "7", "accepted", TokenVerdict(word, NOW, "g" * 40))
    yield Outcome(NOW, "7", "pending", None)


@pytest.mark.parametrize(("version", "count"), [("1.6", 14), ("2.0.1", 25), ("2.1", 37)])
def test_every_message_a_station_may_send_is_routed(version: str, count: int) -> None:
    assert len(routing.ROUTES[version]) == count
    for action in routing.ROUTES[version]:
        assert schemas.is_known(version, action)


@pytest.mark.parametrize(("version", "action"), ROUTED)
def test_an_empty_payload_gets_a_valid_answer(version: str, action: str) -> None:
    understood = routing.understand(Call("1", action, {}), view(version), NOW)

    assert isinstance(understood, routing.Understood)
    assert "handler_failed" not in understood.facts.flags
    for outcome in outcomes():
        assert understood.render(outcome)


@pytest.mark.parametrize(("version", "action"), ROUTED)
def test_a_hole_of_ours_is_still_answered_validly(version: str, action: str) -> None:
    check = schemas.checker(version, action, is_answer=True)
    answer = fallbacks.fallback(view(version), action)

    for outcome in outcomes():
        assert check(answer(outcome))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=60),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(("version", "action"), ROUTED)
@settings(max_examples=EXAMPLES, deadline=None, derandomize=not IS_LONG)
@given(data=st.data())
def test_any_payload_gets_a_valid_answer(version: str, action: str, data: st.DataObject) -> None:
    schema = schemas.load_schema(version, action, is_answer=False)
    assert schema is not None
    names = sorted(schema.get("properties", {}))
    payload: dict[str, Any] = data.draw(
        st.dictionaries(st.sampled_from(names) if names else st.text(), VALUES)
    )

    understood = routing.understand(Call("1", action, payload), view(version), NOW)

    assert isinstance(understood, routing.Understood)
    assert "handler_failed" not in understood.facts.flags
    for outcome in outcomes():
        assert understood.render(outcome)
