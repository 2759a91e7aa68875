from hypothesis import given
from hypothesis import strategies as st

from faults.rules.facts import Notice
from faults.rules.payment_failing import Memory, Thresholds, check, usual_share
from faults.rules.protocol import CannotKnow, Clear, Firing, Result, State
from tests.unit.faults.rules.scene import at, notice, snapshot

LIMITS = Thresholds()


def told(*outcomes: str, start: float = 0) -> list[Notice]:
    return [
        notice(start + n, "payment", outcome=one, provider="demo")
        for n, one in enumerate(outcomes)
    ]


def ask(minutes: float, payments=(), state: State | None = None) -> Result:
    return check(snapshot(minutes, subject=None, notices=tuple(payments)), LIMITS, state or {})


def test_where_nobody_paid_nothing_is_known() -> None:
    assert isinstance(ask(0), CannotKnow)
    assert isinstance(ask(1, told("asked the weather")), CannotKnow)


def test_payments_that_succeed_are_well_and_a_few_declines_too() -> None:
    assert isinstance(ask(30, told(*["captured"] * 9, "declined", "declined")), Clear)


def test_a_share_of_declines_beyond_chance_is_a_fault() -> None:
    assert isinstance(ask(30, told(*["captured"] * 7, *["declined"] * 2)), Clear)
    result = ask(30, told(*["captured"] * 7, *["declined"] * 3, "timeout", "error"))

    assert isinstance(result, Firing)
    assert (result.severity, result.attribution) == (3, "payment")
    assert result.began_at == at(7)
    assert result.is_down
    assert result.evidence["provider"] == "demo"


def test_fewer_than_ten_tries_prove_nothing() -> None:
    assert isinstance(ask(30, told(*["declined"] * 9)), Clear)
    assert isinstance(ask(30, told(*["declined"] * 10)), Firing)


def test_a_station_where_many_cards_are_always_declined_is_measured_by_its_own_usual() -> None:
    state: State = {}
    for n in range(60):
        outcomes = told("declined", "captured", "captured", start=n * 3000)
        state = ask(n * 3000 + 3, outcomes, state).state
    assert usual_share(Memory.read(state), LIMITS) > 0.25

    usual = told(*["captured"] * 8, *["declined"] * 4, start=200_000)
    assert isinstance(ask(200_020, usual, state), Clear)


def test_what_was_delivered_and_cannot_be_collected_is_a_fault_at_once_until_it_is() -> None:
    result = ask(1, told("capture_failed"))
    assert isinstance(result, Firing)
    assert not result.is_down
    assert result.evidence["uncollected"][0]["provider"] == "demo"

    assert isinstance(ask(60, told("declined", start=59), result.state), Firing)
    assert isinstance(ask(90, told("captured", start=89), result.state), Clear)


def test_it_ends_when_payments_have_been_well_for_half_an_hour() -> None:
    bad = ask(30, told(*["declined"] * 10))
    well = ask(100, told(*["captured"] * 5, start=90), bad.state)
    assert isinstance(well, Firing)
    assert well.check_at == at(130)

    assert isinstance(ask(120, state=well.state), Firing)
    assert isinstance(ask(131, state=well.state), Clear)
    relapsed = ask(110, told("declined", start=109), well.state)
    assert isinstance(ask(131, state=relapsed.state), Firing)


def test_failing_payments_teach_nothing_of_the_usual() -> None:
    bad = ask(30, told(*["declined"] * 12))
    later = ask(200, told(*["declined"] * 40, start=100), bad.state)

    assert isinstance(later, Firing)
    assert usual_share(Memory.read(later.state), LIMITS) == LIMITS.usual_share


@given(st.lists(st.sampled_from(["captured", "declined", "timeout", "capture_failed"])))
def test_any_course_of_payments_is_read_back_as_it_was_written(outcomes) -> None:
    result = ask(500, told(*outcomes))

    assert Memory.read(result.state).written() == result.state
