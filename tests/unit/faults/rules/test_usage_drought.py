from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from faults.rules import chances, demand, usage_drought
from faults.rules.facts import OpenSession, Usage
from faults.rules.protocol import CannotKnow, Clear, Firing, Result, State
from faults.rules.usage_drought import Thresholds, check
from tests.unit.faults.rules.scene import at, snapshot

LIMITS = Thresholds()
DAY_M = 24 * 60
OWN, SIBLING = 7, 8


def every(days: float, until: float, since: float = -55) -> tuple[Any, ...]:
    """Return starts at an even pace, in days around noon."""
    number = int((until - since) / days) + 1
    return tuple(at((since + n * days) * DAY_M) for n in range(number))


def usage(own_until: float = 0, pace: float = 0.5, **known: Any) -> Usage:
    starts = {OWN: every(pace, own_until), **known.pop("others", {})}
    return Usage(starts=starts, known_for=timedelta(days=400), **known)


def ask(day: float, used: Usage, state: State | None = None, **known: Any) -> Result:
    return check(snapshot(day * DAY_M, usage=used, **known), LIMITS, state or {})


def busy(until: float) -> Usage:
    return usage(others={SIBLING: every(0.1, until)})


def test_only_the_hourly_look_is_answered() -> None:
    assert isinstance(check(snapshot(), LIMITS, {"kept": 1}), CannotKnow)


def test_a_connector_that_was_never_used_says_nothing_of_its_health() -> None:
    result = ask(0, Usage(starts={SIBLING: every(1, 0)}))

    assert isinstance(result, CannotKnow)
    assert result.reason == "never_used"


def test_a_connector_in_use_is_well() -> None:
    assert isinstance(ask(0.5, busy(0.5)), Clear)


def test_a_busy_connector_that_falls_silent_beside_a_busy_sibling_is_found_in_days() -> None:
    assert isinstance(ask(2, busy(2)), Clear)
    warned = ask(4.4, busy(4.4))
    assert isinstance(warned, Firing)
    assert warned.severity == 5
    found = ask(5.2, busy(5.2), warned.state)
    assert isinstance(found, Firing)
    assert (found.severity, found.attribution) == (4, "charger")
    assert found.began_at == at(0)
    assert found.down_since is not None
    assert at(0) < found.down_since < at(DAY_M)
    said = found.evidence
    assert said["chance_of_silence"] < LIMITS.ticket_below
    assert said["chance_never_chosen"] < LIMITS.sibling_below
    assert said["sibling_starts_since"] == 52
    assert said["usual_starts_a_day"] == pytest.approx(2, rel=0.1)
    assert said["probability_of_fault"] > 0.98


def test_nothing_is_said_within_a_day_however_busy_it_was() -> None:
    used = usage(pace=0.02, others={SIBLING: every(0.02, 1.1)})

    assert isinstance(ask(0.99, used), Clear)
    assert isinstance(ask(1.02, used), Firing)


def test_a_holiday_silences_the_siblings_too_and_is_nobodys_fault() -> None:
    used = busy(0)
    result = ask(30, used)

    assert isinstance(result, Firing)
    assert result.severity == 5
    assert not result.is_down
    assert result.evidence["is_whole_site_silent"]


def test_after_roadworks_a_connector_is_missed_from_the_reopening_only() -> None:
    again = every(0.1, 30.4, since=30)
    used = usage(others={SIBLING: (*every(0.1, 0), *again)})
    assert isinstance(ask(30.4, used), Clear)

    since = every(0.1, 36, since=30)
    found = ask(36, usage(others={SIBLING: (*every(0.1, 0), *since)}))
    assert isinstance(found, Firing)
    assert found.evidence["missed_starts"] == pytest.approx(12, rel=0.15)


def test_a_lonely_connector_is_found_later_by_its_silence_alone() -> None:
    assert isinstance(ask(6, usage()), Clear)
    result = ask(6.5, usage())

    assert isinstance(result, Firing)
    assert result.severity == 4
    assert result.evidence["chance_never_chosen"] is None
    assert result.evidence["chance_of_silence"] < LIMITS.alone_below


def test_siblings_nobody_uses_either_cannot_tell() -> None:
    others = {SIBLING: (at(-20 * DAY_M), at(DAY_M))}

    assert isinstance(ask(6, usage(others=others)), Clear)


def test_a_failed_probe_makes_a_doubtful_silence_certain() -> None:
    warned = ask(4.4, busy(4.4))
    failed = ask(4.4, busy(4.4), warned.state, open_codes={OWN: frozenset({"F13"})})

    assert isinstance(failed, Firing)
    assert failed.severity == 3


def test_a_new_start_ends_it_and_no_change_of_estimate_does() -> None:
    found = ask(8, busy(8))
    assert isinstance(found, Firing)
    # the siblings fell silent too: what was found stays found
    later = ask(20, busy(8), found.state)
    assert isinstance(later, Firing)
    assert later.severity == 4
    back = {OWN: (*every(0.5, 0), at(21 * DAY_M)), SIBLING: every(0.1, 21)}
    result = ask(21.1, Usage(starts=back, known_for=timedelta(days=400)), later.state)
    assert isinstance(result, Clear)
    assert result.ended_at == at(21 * DAY_M)


def test_what_was_found_stays_found_when_its_starts_are_forgotten() -> None:
    found = ask(8, busy(8))
    forgotten = Usage(starts={SIBLING: every(0.5, 80, since=20)}, known_for=timedelta(days=400))

    assert isinstance(ask(80, forgotten, found.state), Firing)


def test_a_session_under_way_is_use() -> None:
    running = {OWN: OpenSession(id=1, token="", started_at=at(7 * DAY_M))}

    assert isinstance(ask(7.5, busy(7.5), open_sessions=running), Clear)


def test_what_says_itself_that_it_is_out_of_service_is_not_missed() -> None:
    result = ask(8, busy(8), statuses={OWN: "Unavailable"})

    assert isinstance(result, CannotKnow)
    assert result.reason == "out_of_service"


def test_known_downtime_and_closed_hours_are_no_silence() -> None:
    away = {OWN: ((at(0), at(7 * DAY_M)),)}

    assert isinstance(ask(8, replace(busy(8), away=away)), Clear)


def test_a_connector_used_once_a_week_is_left_to_the_probe() -> None:
    rare = usage(pace=14, own_until=1)
    result = ask(47, rare)

    assert isinstance(ask(1.5, rare), Clear)
    assert isinstance(result, CannotKnow)
    assert result.reason == "too_little_used"


def test_before_silence_can_mean_anything_a_look_costs_two_comparisons(monkeypatch) -> None:
    quiet = ask(0.5, busy(0.5))
    monkeypatch.setattr(usage_drought, "_silence", None)
    monkeypatch.setattr(demand, "clock_of", None)

    again = ask(1.0, busy(0.5), quiet.state)
    assert again.state is quiet.state


def test_peers_stand_in_for_a_history_and_few_peers_do_not() -> None:
    shape, days = usage_drought.prior((2.0, 2.1, 1.9), LIMITS)
    assert shape / days == pytest.approx(2.0)
    assert days == LIMITS.most_prior_days
    assert usage_drought.prior((2.0, 2.1), LIMITS) == (LIMITS.usual_rate, 1.0)
    assert usage_drought.prior((0.0, 0.0, 0.0), LIMITS) == (LIMITS.usual_rate, 1.0)
    shape, days = usage_drought.prior((0.5, 4.0, 1.0), LIMITS)
    assert shape / days == pytest.approx(5.5 / 3)
    assert days < 1.5


def test_the_chances_are_those_of_the_formula() -> None:
    assert chances.of_silence(3, 10, 10) == pytest.approx(0.125)
    # twice the sibling in a row, of 3.5 and 6.5 starts at no over-dispersion
    expected = (6.5 / 10) * (7.5 / 11)
    assert chances.never_chosen(3.5, 6.5, 2, 1.0) == pytest.approx(expected)


@pytest.mark.parametrize("below", [0.0, 1e-300, 1e-4, 0.05, 1.0])
@pytest.mark.parametrize("shape", [0.01, 1.0, 40.0])
def test_the_days_a_chance_takes_are_those_the_chance_tells(below: float, shape: float) -> None:
    days = chances.days_of_silence(shape, 30.0, below)
    reached = chances.of_silence(shape, 30.0, days)
    assert days >= 0
    # a chance too small to be reached is so at the end of time
    assert reached == pytest.approx(below, rel=1e-9) or days > 1e200
