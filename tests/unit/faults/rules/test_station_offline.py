from datetime import timedelta

import pytest

from faults.rules import station_offline
from faults.rules.facts import Probe
from faults.rules.protocol import CannotKnow, Clear, Firing
from faults.rules.station_offline import Thresholds, check
from tests.unit.faults.rules.scene import at, snapshot

LIMITS = Thresholds()


def test_a_station_that_is_heard_is_well_and_is_looked_at_when_it_would_be_overdue() -> None:
    result = check(snapshot(5, last_seen_at=at(0)), LIMITS, {})
    assert result == Clear(state={}, check_at=at(10.5))


def test_a_retired_station_is_not_missed() -> None:
    result = check(snapshot(999, is_active=False, last_seen_at=at(0)), LIMITS, {})
    assert isinstance(result, Clear)


def test_a_station_never_seen_cannot_be_judged() -> None:
    result = check(snapshot(999), LIMITS, {})
    assert isinstance(result, CannotKnow)
    assert result.reason == "never_seen"


def test_a_station_that_left_a_moment_ago_is_neither_well_nor_lost() -> None:
    result = check(snapshot(5, last_seen_at=at(0), is_online=False), LIMITS, {})
    assert isinstance(result, CannotKnow)
    assert result.check_at == at(10.5)


def test_a_closed_socket_and_long_silence_is_offline_since_it_was_last_heard() -> None:
    result = check(snapshot(11, last_seen_at=at(0), is_online=False), LIMITS, {})
    assert isinstance(result, Firing)
    assert (result.began_at, result.evidence["proof"]) == (at(0), "socket_closed")
    assert (result.fires_after, result.ticket_after) == (
        timedelta(minutes=15),
        timedelta(minutes=60),
    )
    assert result.check_at is None


@pytest.mark.parametrize(
    ("probe", "reason", "wants_probe"),
    [
        (None, "not_asked_yet", True),
        (Probe(at(-1), "unanswered"), "not_asked_yet", True),
        (Probe(at(11), "waiting"), "asked", False),
    ],
)
def test_a_silent_station_with_an_open_socket_is_asked_first(probe, reason, wants_probe) -> None:
    result = check(snapshot(11.5, last_seen_at=at(0), probe=probe), LIMITS, {})
    assert isinstance(result, CannotKnow)
    assert (result.reason, result.wants_probe) == (reason, wants_probe)
    assert result.check_at == at(12.5)


def test_a_station_that_does_not_answer_is_offline() -> None:
    asked = Probe(at(11), "unanswered")
    result = check(snapshot(12, last_seen_at=at(0), probe=asked), LIMITS, {})
    assert isinstance(result, Firing)
    assert result.evidence["proof"] == "probe_unanswered"
    assert result.check_at == at(17)


def test_an_answer_is_a_sign_of_life() -> None:
    asked = Probe(at(11), "answered")
    result = check(snapshot(12, last_seen_at=at(0), probe=asked), LIMITS, {})
    assert isinstance(result, Clear)


@pytest.mark.parametrize(("minute", "asks_again"), [(12, False), (26, True)])
def test_a_question_that_never_left_while_all_is_silent_says_nothing(minute, asks_again) -> None:
    known = {"last_seen_at": at(0), "probe": Probe(at(11), "not_sent"), "is_network_alive": False}
    result = check(snapshot(minute, **known), LIMITS, {})
    assert isinstance(result, CannotKnow)
    assert (result.reason, result.wants_probe) == ("our_gateway_is_away", asks_again)


def test_a_question_that_never_left_while_others_are_heard_proves_there_is_no_socket() -> None:
    known = {"last_seen_at": at(0), "probe": Probe(at(11), "not_sent")}
    assert isinstance(check(snapshot(12, **known), LIMITS, {}), Firing)


def test_a_station_that_is_back_is_well_only_when_it_stays() -> None:
    silent = {"silent_since": at(0).isoformat()}
    back = check(snapshot(40, last_seen_at=at(39.9)), LIMITS, silent)
    assert isinstance(back, CannotKnow)
    assert back.check_at == at(41.9)
    stays = check(snapshot(42, last_seen_at=at(41.5)), LIMITS, back.state)
    assert stays == Clear(
        state={},
        ended_at=at(39.9),
        evidence={"heard_again_at": at(39.9).isoformat()},
        check_at=at(52),
    )


def test_a_station_that_leaves_again_before_it_was_stable_was_never_back() -> None:
    silent = {"silent_since": at(0).isoformat()}
    result = check(snapshot(40, last_seen_at=at(39.9), is_online=False), LIMITS, silent)
    assert isinstance(result, Firing)
    assert result.began_at == at(0)


def test_silence_is_allowed_for_two_heartbeats_or_three_pings() -> None:
    assert station_offline.allowed_silence(300, LIMITS) == timedelta(seconds=630)
    assert station_offline.allowed_silence(10, LIMITS) == timedelta(seconds=210)
