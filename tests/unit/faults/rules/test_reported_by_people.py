"""What people at a connector tell, as a part of F10."""

from itertools import count

from faults.rules.facts import Notice, SessionOutcome
from faults.rules.protocol import CannotKnow, Clear, Firing, Result, State
from faults.rules.sessions_failing import Memory, Thresholds, check
from tests.unit.faults.rules.scene import at, session, snapshot

_ids = count(1)
HEALTHY: State = Memory(counted=120.0, failed=6.0, newest_end=at(-60).isoformat()).written()
DAY = 24 * 60


def told(minutes: float, who: str, what: str = "no_start", **detail: object) -> Notice:
    number = next(_ids)
    return Notice(
        id=number,
        kind="human",
        connector_id=7,
        detail={"report": number, "who": who, "what": what, **detail},
        occurred_at=at(minutes),
        received_at=at(minutes),
    )


def ask(
    minutes: float,
    *notices: Notice,
    state: State | None = None,
    sessions: tuple[SessionOutcome, ...] = (),
) -> Result:
    shown = snapshot(minutes, notices=notices, sessions=sessions)
    return check(shown, Thresholds(), HEALTHY if state is None else state)


def test_two_people_within_a_day_are_believed_whatever_the_station_says() -> None:
    result = ask(60, told(0, "anna"), told(50, "bo"))

    assert isinstance(result, Firing)
    assert (result.severity, result.began_at, result.is_standing) == (3, at(0), False)
    assert [one["who"] for one in result.evidence["people"]] == ["anna", "bo"]


def test_one_person_who_says_it_twice_is_one_person() -> None:
    first = ask(0, told(0, "anna"))
    assert isinstance(ask(10, told(10, "anna"), state=first.state), Clear)


def test_whoever_shares_a_browser_a_contact_or_an_address_is_one_person() -> None:
    """Through a third report too: the first and the last have nothing in common themselves."""
    first = told(0, "net-1", marks=["net-1", "browser-1"])
    second = told(9, "net-2", marks=["net-2", "browser-1", "anna@example.org"])
    third = told(18, "net-3", marks=["net-3", "anna@example.org"])
    stranger = told(20, "net-4", marks=["net-4", "browser-4"])

    assert isinstance(ask(19, first, second, third), Clear)
    assert isinstance(ask(21, first, third, second, stranger), Firing)


def test_two_people_two_days_apart_are_not_believed_yet() -> None:
    first = ask(0, told(0, "anna"))
    assert isinstance(ask(2 * DAY, told(2 * DAY, "bo"), state=first.state), Clear)


def test_one_person_is_believed_where_nobody_has_charged_for_too_long() -> None:
    assert isinstance(ask(0, told(0, "anna", silence=0.06)), Clear)
    assert isinstance(ask(0, told(0, "anna", silence=0.04)), Firing)


def test_one_word_of_danger_is_enough_and_more_serious() -> None:
    result = ask(0, told(0, "anna", "danger"))
    assert isinstance(result, Firing)
    assert result.severity == 2


def test_a_blocked_place_and_a_refused_card_do_not_blame_the_connector() -> None:
    result = ask(0, told(0, "anna", "blocked"), told(0, "bo", "payment"), told(0, "c", "blocked"))
    assert isinstance(result, Clear)


def test_three_good_sessions_after_the_last_report_prove_them_wrong() -> None:
    state = ask(0, told(0, "anna"), told(0, "bo")).state
    state = ask(60, state=state, sessions=(session(60, 9_000),)).state
    assert isinstance(ask(61, state=state), Firing)
    good = (session(90, 9_000), session(120, 9_000))
    result = ask(120, state=state, sessions=good)
    assert isinstance(result, Clear)
    assert "people" not in result.state


def test_a_new_report_begins_the_proof_anew() -> None:
    state = ask(0, told(0, "anna"), told(0, "bo")).state
    good = (session(30, 9_000), session(60, 9_000))
    state = ask(60, state=state, sessions=good).state
    state = ask(70, told(70, "c"), state=state).state
    assert isinstance(ask(90, state=state, sessions=(session(90, 9_000),)), Firing)


def test_a_report_that_was_withdrawn_counts_no_more() -> None:
    first, second = told(0, "anna"), told(0, "bo")
    state = ask(0, first, second).state
    for report in (first, second):
        withdrawn = told(5, "", "withdrawn", report=report.id)
        result = ask(5, withdrawn, state=state)
        state = result.state

    assert isinstance(result, Clear)


def test_what_nobody_repeats_for_a_week_is_forgotten() -> None:
    result = ask(0, told(0, "anna"), told(0, "bo"))
    assert isinstance(result, Firing)
    assert result.check_at == at(7 * DAY)
    assert isinstance(ask(7 * DAY, state=result.state), Clear)


def test_where_no_session_was_and_one_person_speaks_nothing_is_known() -> None:
    result = ask(0, told(0, "anna"), state={})
    assert isinstance(result, CannotKnow)
    assert result.reason == "no_session_yet+one_person_reports"
