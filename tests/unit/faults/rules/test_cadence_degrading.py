from random import Random

from faults import rules
from faults.rules.cadence_degrading import Thresholds, check
from faults.rules.facts import Measures, SessionOutcome
from faults.rules.protocol import CannotKnow, Clear, Firing, Result, State
from tests.unit.faults.rules.scene import at, session, snapshot

LIMITS = Thresholds()
HOUR = 60


def told(variations: list[float], start: float = 0) -> list[SessionOutcome]:
    return [
        session(start + n * HOUR, 9_000, measures=Measures(interval_cv=cv))
        for n, cv in enumerate(variations)
    ]


def ask(sessions, state: State | None = None) -> Result:
    return check(snapshot(100_000, sessions=tuple(sessions)), LIMITS, state or {})


def usual(number: int) -> list[float]:
    chances = Random(3)
    return [0.10 + chances.random() * 0.1 for _ in range(number)]


def test_a_few_sessions_are_no_habit() -> None:
    assert isinstance(ask(told(usual(9))), CannotKnow)
    assert ask([session(0, 9_000)]).state == {}


def test_even_readings_are_well() -> None:
    assert isinstance(ask(told(usual(200))), Clear)


def test_readings_that_become_uneven_are_noted_on_trial() -> None:
    known = ask(told(usual(40)))
    result = ask(told([0.6] * 5, start=50 * HOUR), known.state)

    assert isinstance(result, Firing)
    assert result.severity == 5
    assert result.began_at == at(50 * HOUR)
    assert rules.BY_CODE["F12"].is_trial


def test_one_uneven_session_is_nothing() -> None:
    known = ask(told(usual(40)))

    assert isinstance(ask(told([0.9], start=50 * HOUR), known.state), Clear)


def test_what_is_suspect_teaches_nothing_and_even_readings_end_it() -> None:
    firing = ask(told([0.6] * 30, start=50 * HOUR), ask(told(usual(40))).state)
    assert isinstance(firing, Firing)
    assert max(cv for _, cv in firing.state["usual"][-25:]) <= 0.6
    assert sum(cv > 0.5 for _, cv in firing.state["usual"]) <= 3

    assert isinstance(ask(told(usual(60), start=200 * HOUR), firing.state), Clear)
