from datetime import timedelta

from faults.rules import instants
from tests.unit.faults.rules.scene import at


def test_two_facts_prove_no_clock_wrong() -> None:
    assert instants.is_clock_trusted([timedelta(hours=1)] * 2)


def test_a_clock_is_wrong_when_most_facts_say_so() -> None:
    late = [timedelta(seconds=1), timedelta(seconds=2), timedelta(hours=2)]
    assert instants.is_clock_trusted(late)
    assert not instants.is_clock_trusted([timedelta(hours=-1)] * 3)


def test_the_stations_own_time_counts_unless_it_is_wrong_or_ahead() -> None:
    assert instants.happened_at(at(0), at(30), trusted=True) == at(0)
    assert instants.happened_at(at(0), at(30), trusted=False) == at(30)
    assert instants.happened_at(at(32), at(30), trusted=True) == at(30)


def test_a_fact_is_late_when_it_waited_not_when_the_clock_is_wrong() -> None:
    assert instants.is_late(at(0), at(6), trusted=True)
    assert not instants.is_late(at(0), at(6), trusted=False)
    assert not instants.is_late(at(0), at(1), trusted=True)
