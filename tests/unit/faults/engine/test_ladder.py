"""The ladder never harms: no reset while anybody charges, few in a day, none at danger."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from faults.engine import ladder
from faults.engine.ladder import Circumstances, Do, Leave, Tried, Wait

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
CALM = Circumstances(severity=3)


def minutes(number: float) -> datetime:
    return NOON + timedelta(minutes=number)


def test_the_mildest_comes_first_and_each_is_given_its_time() -> None:
    tried: list[Tried] = []
    steps = []
    at = NOON
    for _ in range(20):
        found = ladder.next_step("F02", tried, replace(CALM, resets=_resets(tried)), at)
        if isinstance(found, Leave):
            break
        if isinstance(found, Do):
            steps.append(found.step)
            tried.append(Tried(found.step, at))
        at = found.until

    assert steps == ["ask_state", "soft_reset", "hard_reset"]
    assert found == Leave("ladder_ended")
    assert tried[2].at - tried[1].at >= ladder.BETWEEN_RESETS


def _resets(tried: list[Tried]) -> list[datetime]:
    return [one.at for one in tried if one.step in ladder.RESETS]


@pytest.mark.parametrize(
    ("guard", "word"),
    [
        ({"is_halted": True}, "halted"),
        ({"is_explained": True}, "explained"),
        ({"is_attended": True}, "attended"),
        ({"is_silenced": True}, "silenced"),
        ({"is_installing": True}, "installing"),
        ({"is_online": False}, "offline"),
        ({"any_session": True}, "somebody_charges"),
        ({"at_plug_since": minutes(-1)}, "somebody_at_plug"),
        ({"resets": [minutes(-3)]}, "reset_lately"),
        ({"resets": [minutes(-900), minutes(-600), minutes(-300)]}, "enough_resets"),
    ],
)
def test_each_guard_holds_a_reset_back(guard: dict[str, object], word: str) -> None:
    found = ladder.next_step("F24", [], replace(CALM, **guard), NOON)  # type: ignore[arg-type]

    assert isinstance(found, Wait)
    assert found.why == word
    assert found.until > NOON


def test_danger_is_made_safe_and_never_reset() -> None:
    danger = Circumstances(severity=1, own_session=True)

    first = ladder.next_step("F21", [], danger, NOON)
    second = ladder.next_step("F21", [Tried("stop_session", NOON)], danger, NOON)
    last = ladder.next_step(
        "F21", [Tried("stop_session", NOON), Tried("lock_out", NOON)], danger, NOON
    )

    assert (first, second) == (
        Do("stop_session", NOON + timedelta(seconds=30)),
        Do("lock_out", NOON + timedelta(minutes=2)),
    )
    assert last == Leave("made_safe")


def test_a_lock_out_is_told_until_the_station_has_done_it() -> None:
    danger = Circumstances(severity=1)
    on_its_way = [Tried("lock_out", NOON, "under_way")]
    refused = [Tried("lock_out", NOON, "failed")]

    assert isinstance(ladder.next_step("F21", on_its_way, danger, minutes(9)), Wait)
    assert ladder.next_step("F21", refused, danger, minutes(1)) == Wait(minutes(2), "refused")
    assert ladder.next_step("F21", refused, danger, minutes(2)) == Do("lock_out", minutes(4))
    # it goes on refusing: more seldom, and never given up
    assert ladder.next_step("F21", refused * 9, danger, minutes(3)) == Wait(minutes(15), "refused")
    assert ladder.next_step("F21", refused * 9, danger, minutes(15)) == Do("lock_out", minutes(17))


def test_danger_at_a_station_out_of_reach_waits_for_it() -> None:
    danger = Circumstances(severity=1, is_online=False)

    assert ladder.next_step("F21", [], danger, NOON) == Wait(minutes(2), "offline")


def test_a_place_that_calls_itself_ready_after_it_was_locked_is_locked_again() -> None:
    locked = [Tried("lock_out", NOON)]
    before, after = (Circumstances(severity=1, usable_since=minutes(at)) for at in (1, 40))

    assert ladder.next_step("F21", locked, before, minutes(41)) == Leave("made_safe")
    assert isinstance(ladder.next_step("F21", locked, after, minutes(41)), Do)


def test_danger_stops_only_the_session_of_its_own_connector() -> None:
    danger = Circumstances(severity=1, own_session=False, any_session=True)

    found = ladder.next_step("F29", [], danger, NOON)

    assert found == Do("lock_out", NOON + timedelta(minutes=2))


def test_what_nobody_wrote_a_ladder_for_is_left_to_people() -> None:
    assert ladder.next_step("F40", [], CALM, NOON) == Leave("no_ladder")


@pytest.mark.parametrize("seed", range(400))
def test_in_no_world_is_a_session_ended_or_a_station_reset_a_fourth_time(seed: int) -> None:
    dice = random.Random(seed)
    code = dice.choice(sorted({*ladder.LADDERS, *ladder.DANGERS}))
    tried: list[Tried] = []
    at = NOON
    for _ in range(80):
        at += timedelta(seconds=dice.randint(1, 1800))
        own = dice.random() < 0.3
        here = Circumstances(
            severity=1 if code in ladder.DANGERS else 3,
            is_online=dice.random() < 0.9,
            is_attended=dice.random() < 0.1,
            own_session=own,
            any_session=own or dice.random() < 0.3,
            resets=_resets(tried),
        )
        found = ladder.next_step(code, tried, here, at)
        if not isinstance(found, Do):
            continue
        if found.step in ladder.RESETS:
            assert not here.any_session
            assert here.severity != 1
        assert not (found.step == "unlock" and here.own_session)
        tried.append(Tried(found.step, at))
        if dice.random() < 0.1:
            # the fault came again: the ladder begins anew, the day's resets count on
            code = dice.choice(sorted(ladder.LADDERS))
    for one in _resets(tried):
        day = [each for each in _resets(tried) if one <= each < one + timedelta(hours=24)]
        assert len(day) <= ladder.MOST_RESETS
