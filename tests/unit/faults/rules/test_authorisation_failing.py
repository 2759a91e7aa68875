from dataclasses import replace

from faults.rules.authorisation_failing import Thresholds, check
from faults.rules.facts import Notice
from faults.rules.protocol import CannotKnow, Clear, Firing, Result, State
from tests.unit.faults.rules.scene import at, notice, running, sign, snapshot

LIMITS = Thresholds()
HOUR = 60


def ask(minutes: float, *told, state: State | None = None, **known) -> Result:
    known.setdefault("subject", None)
    return check(snapshot(minutes, notices=told, **known), LIMITS, state or {})


def refused(number: int, people: int, start: float = 0, word: str = "Invalid") -> list[Notice]:
    return [
        notice(start + n, "token_refused", word=word, token=f"t{n % people}")
        for n in range(number)
    ]


def test_the_station_s_own_word_counts_at_once() -> None:
    told = snapshot(1, signs=(sign(0, "Faulted", "LocalListConflict"),), statuses={7: "Faulted"})

    assert isinstance(check(told, LIMITS, {}), Firing)


def test_where_nobody_tries_nothing_is_known_of_the_refusing_part() -> None:
    parts = check(snapshot(subject=None), LIMITS, {})

    assert isinstance(parts, Clear)
    assert parts.state == {}


def test_five_drivers_refused_ten_times_in_an_hour_are_not_let_in() -> None:
    assert isinstance(ask(10, *refused(9, 5)), Clear)
    result = ask(10, *refused(10, 5))

    assert isinstance(result, Firing)
    assert (result.severity, result.attribution) == (3, "network")
    assert result.began_at == at(0)
    assert result.evidence["tokens_refused"] == 5


def test_one_who_tries_again_and_again_is_one() -> None:
    assert isinstance(ask(30, *refused(30, 4)), Clear)


def test_refusals_beside_many_starts_are_strangers() -> None:
    state: State = {}
    for n in range(20):
        begun = {7: running(n, token=f"s{n}")}
        state = ask(n, state=state, open_sessions=begun).state

    # 8 of 28 is no more than 30 %, 9 of 29 is
    fewer = ask(30, *refused(8, 5, start=20), state=state)
    assert isinstance(fewer, Clear)
    assert isinstance(ask(30, *refused(9, 5, start=20), state=state), Firing)


def test_a_session_under_way_is_one_start_however_often_it_is_seen() -> None:
    begun = {7: running(0, token="a")}
    first = ask(1, open_sessions=begun)
    again = ask(2, state=first.state, open_sessions=begun)

    assert again.state == first.state


def test_who_charges_elsewhere_at_the_same_time_is_refused_by_no_fault() -> None:
    assert isinstance(ask(12, *refused(12, 6, word="ConcurrentTx")), Clear)


def test_refusals_of_more_than_an_hour_ago_count_no_more_but_prove_nothing() -> None:
    assert isinstance(ask(70, *refused(10, 5)), Clear)
    firing = ask(10, *refused(10, 5))
    assert isinstance(ask(3 * HOUR, state=firing.state), Firing)


def test_drivers_let_in_again_end_it() -> None:
    firing = ask(10, *refused(10, 5))
    begun = {7: running(100, token="a")}

    assert isinstance(ask(101, state=firing.state, open_sessions=begun), Clear)
    mixed = [notice(100, "token_refused", word="Invalid", token="z")]
    assert isinstance(ask(101, *mixed, state=firing.state, open_sessions=begun), Firing)


def test_where_few_come_four_refused_in_a_row_within_days_are_enough() -> None:
    def told(hours: float, token: str) -> Notice:
        return notice(hours * HOUR, "token_refused", word="Invalid", token=token)

    tries = [told(3, "a"), told(4, "a"), told(9, "b"), told(25, "c")]
    before = ask(26 * HOUR, *tries)
    assert isinstance(before, Clear)
    found = ask(31 * HOUR, told(31, "d"), state=before.state)
    assert isinstance(found, Firing)
    assert found.began_at == at(3 * HOUR)
    assert found.evidence["tokens_refused"] == 4
    state = found.state
    for n in range(3):
        assert isinstance(found, Firing)
        now = (40 + n) * HOUR
        found = ask(now, state=state, open_sessions={7: running(now, token=f"s{n}")})
        state = found.state
    assert isinstance(found, Clear)


def test_what_is_refused_at_a_connector_is_refused_by_the_station() -> None:
    whole = snapshot(10, notices=tuple(refused(10, 5)), connectors=(7,))
    here = replace(whole, notices=tuple(replace(one, connector_id=7) for one in whole.notices))

    assert here.at(None).notices == ()
    assert isinstance(check(here.at(None), LIMITS, {}), Firing)


def test_one_in_three_refused_where_few_come_is_no_fault() -> None:
    state: State = {}
    for n in range(30):
        if n % 3 == 0:
            tried = [notice(n * HOUR, "token_refused", word="Invalid", token=f"r{n}")]
            result = ask(n * HOUR, *tried, state=state)
        else:
            begun = {7: running(n * HOUR, token=f"s{n}")}
            result = ask(n * HOUR, state=state, open_sessions=begun)
        assert not isinstance(result, Firing)
        state = result.state


def test_a_connector_knows_only_its_reports() -> None:
    result = ask(10, *refused(20, 10), subject=7)

    assert not isinstance(result, Firing | CannotKnow)
