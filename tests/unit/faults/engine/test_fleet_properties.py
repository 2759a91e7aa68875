"""Whatever stations say, in whatever order and however often: the invariants of the engine."""

import copy
import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from faults.engine.fleet import ConnectFact, ConnectorPlace, DisconnectFact, Fleet, StationPlace
from stations.metering.facts import (
    BootFact,
    HeartbeatFact,
    NoticeFact,
    Place,
    StartFact,
    StatusFact,
    StopFact,
    TokenFact,
)

T0 = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
STATIONS = ("A", "B", "C")
CODES = ("NoError", "", "GroundFailure", "InternalError", "ConnectorLockFailure", "OtherError")
WORDS = ("Available", "Charging", "Faulted", "Unavailable", "Preparing", "Finishing")
PARTS = ("RCD", "Connector", "EmergencyStopSensor", "Nonsense")
SAFETY = 1
MORE = 20 if os.environ.get("CHARGENET_LONG") == "1" else 1

_minutes = st.integers(0, 600)
_evse = st.integers(0, 2)


def _status(evse: int, word: str, code: str, vendor: str, lag: int) -> Any:
    return lambda at: StatusFact(
        place=Place(evse),
        status=word,
        occurred_at=at - timedelta(minutes=lag),
        error_code=code,
        vendor_error_code=vendor,
    )


def _event(evse: int, part: str, value: str, *, cleared: bool) -> Any:
    return lambda at: NoticeFact(
        kind="device_event",
        occurred_at=at,
        place=Place(evse) if evse else None,
        detail={
            "component": part,
            "variable": "Problem",
            "value": value,
            "trigger": "Alerting",
            "is_cleared": cleared,
        },
    )


def _start(evse: int, token: str) -> Any:
    return lambda at: StartFact(
        place=Place(evse), token=TokenFact(token), register_wh=0, occurred_at=at
    )


def _stop(reason: str, energy_wh: int) -> Any:
    return lambda at: StopFact(
        transaction="", register_wh=energy_wh, occurred_at=at, reason=reason
    )


_facts = st.one_of(
    st.builds(
        _status,
        _evse,
        st.sampled_from(WORDS),
        st.sampled_from(CODES),
        st.sampled_from(("", "CX015", "CX019", "E42")),
        st.sampled_from((0, 0, 3, 90)),
    ),
    st.builds(
        _event,
        _evse,
        st.sampled_from(PARTS),
        st.sampled_from(("true", "false")),
        cleared=st.booleans(),
    ),
    st.builds(_start, st.integers(1, 2), st.sampled_from(("", "T1", "T2"))),
    st.builds(_stop, st.sampled_from(("Local", "EmergencyStop", "PowerLoss")), st.just(0)),
    st.sampled_from(
        [
            lambda _: ConnectFact(),
            lambda _: DisconnectFact(),
            lambda _: BootFact(reason="PowerUp"),
            lambda _: HeartbeatFact(),
        ]
    ),
)
_told = st.lists(
    st.tuples(_minutes, st.sampled_from(STATIONS), _facts, st.integers(1, 2)), max_size=20
)


def _fleet() -> Fleet:
    sockets = (ConnectorPlace(evse=1), ConnectorPlace(evse=2))
    return Fleet(StationPlace(name=one, site="site", connectors=sockets) for one in STATIONS)


def _hear(fleet: Fleet, told: list[Any]) -> None:
    for minute, station, make, times in told:
        at = T0 + timedelta(minutes=minute)
        for _ in range(times):
            fleet.take(station, at, [make(at)])
            _check_tickets(fleet)


def _check_tickets(fleet: Fleet) -> None:
    is_open = Counter(
        (one.place.scope_key, one.family) for one in fleet.tickets() if one.closed_at is None
    )
    assert not [key for key, number in is_open.items() if number > 1]


@settings(max_examples=6 * MORE, deadline=None)
@given(_told)
def test_no_order_and_no_repetition_opens_two_tickets_of_one_place_and_family(
    told: list[Any],
) -> None:
    fleet = _fleet()
    _hear(fleet, told)
    fleet.advance(T0 + timedelta(days=1))
    _check_tickets(fleet)


@settings(max_examples=6 * MORE, deadline=None)
@given(_told)
def test_a_safety_fault_never_clears_without_a_person(told: list[Any]) -> None:
    fleet = _fleet()
    _hear(fleet, sorted(told, key=lambda one: one[0]))
    fleet.advance(T0 + timedelta(days=2))
    for held in fleet.conditions():
        assert held.severity != SAFETY or held.cleared_at is None


@settings(max_examples=4 * MORE, deadline=None)
@given(_told, st.integers(0, 20))
def test_a_fleet_that_goes_on_from_what_was_saved_finds_the_same(
    told: list[Any], cut: int
) -> None:
    told = sorted(told, key=lambda one: one[0])
    whole = _fleet()
    _hear(whole, told)
    begun = _fleet()
    _hear(begun, told[:cut])
    again = copy.deepcopy(begun)
    _hear(again, told[cut:])
    for fleet in (whole, again):
        fleet.advance(T0 + timedelta(days=1))
    assert _shown(again) == _shown(whole)


def _shown(fleet: Fleet) -> list[tuple[object, ...]]:
    return [
        (one.code, one.scope_key, one.began_at, one.opened_at, one.cleared_at, one.reopened)
        for one in fleet.conditions()
    ]
