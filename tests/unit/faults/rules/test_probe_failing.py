from faults.rules.probe_failing import Thresholds, check
from faults.rules.protocol import CannotKnow, Clear, Firing, Result, State
from tests.unit.faults.rules.scene import at, notice, session, snapshot

LIMITS = Thresholds()
DAY = 24 * 60
TWO = ("state", "settings")


def ask(day: float, *failed: str, state: State | None = None, **known) -> Result:
    asked = notice(
        day * DAY, "probe", 7, night=f"night {int(day)}", asked=["state"], failed=list(failed)
    )
    return check(snapshot(day * DAY, notices=(asked,), **known), LIMITS, state or {})


def test_a_connector_that_was_never_probed_is_not_well_by_that() -> None:
    assert isinstance(check(snapshot(), LIMITS, {}), CannotKnow)


def test_a_passed_probe_is_health_and_one_silent_answer_spoils_nothing() -> None:
    assert isinstance(ask(0), Clear)
    assert isinstance(ask(0, "unlock"), Clear)


def test_two_bad_nights_in_a_row_are_a_fault() -> None:
    once = ask(0, *TWO)
    assert isinstance(once, CannotKnow)
    twice = ask(1, *TWO, state=once.state)

    assert isinstance(twice, Firing)
    assert (twice.severity, twice.attribution) == (3, "charger")
    assert twice.began_at == at(0)
    assert [one["failed"] for one in twice.evidence["nights"]] == [list(TWO), list(TWO)]


def test_a_good_night_between_begins_the_count_anew() -> None:
    state = ask(1, state=ask(0, *TWO).state).state

    assert isinstance(ask(2, *TWO, state=state), CannotKnow)


def test_two_tries_of_one_night_are_one_night() -> None:
    once = ask(0.1, *TWO)

    assert isinstance(ask(0.2, *TWO, state=once.state), CannotKnow)


def test_bad_nights_weeks_apart_are_not_in_a_row() -> None:
    once = ask(0, *TWO)

    assert isinstance(ask(14, *TWO, state=once.state), CannotKnow)


def test_a_passed_probe_or_a_driver_who_charged_ends_it() -> None:
    bad = ask(1, *TWO, state=ask(0, *TWO).state)
    assert isinstance(bad, Firing)

    assert isinstance(ask(2, state=bad.state), Clear)
    charged = snapshot(2 * DAY, sessions=(session(2 * DAY, 9_000),))
    assert isinstance(check(charged, LIMITS, bad.state), Clear)
    empty = snapshot(2 * DAY, sessions=(session(2 * DAY, 0),))
    assert isinstance(check(empty, LIMITS, bad.state), Firing)
