"""Time that the charger, the grid, smart charging or a cable took is never the driver's idling."""

from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.tariffs import cdr, held_back, ocpi, price
from billing.tariffs.bill import PricedSession
from stations.metering.session_facts import Held, HeldBy, SessionFacts
from tests.unit.billing.papers import NINE, component, element, period, session, tariff
from tests.unit.billing.price_scene import HOUR

MINUTE = timedelta(minutes=1)
PRICES = ocpi.parse_tariff(
    tariff(element(component("ENERGY", 1), component("TIME", 2), component("PARKING_TIME", 60)))
)
# An hour of charging, then an hour of standing.
FACTS = cdr.parse_session(
    session(
        period(NINE, ENERGY=10, TIME=1), period(NINE + HOUR, PARKING_TIME=1), end=NINE + 2 * HOUR
    )
)


def _at(minutes: int) -> datetime:
    return NINE + minutes * MINUTE


def _priced(*held: Held, facts: SessionFacts = FACTS) -> PricedSession:
    return price.price_session(replace(facts, held=held), PRICES)


@pytest.mark.parametrize("by", list(HeldBy))
def test_time_held_back_is_never_parking(by: HeldBy) -> None:
    result = _priced(Held(_at(60), _at(90), by))

    assert result.parking_s == 1800
    is_charging = by in {HeldBy.GRID, HeldBy.SMART_CHARGING}
    assert result.total.excl == 10 + 2 + 30 + (1 if is_charging else 0)


def test_what_is_held_all_the_time_costs_no_parking() -> None:
    assert _priced(Held(_at(-60), _at(600), HeldBy.CHARGER)).total.excl == 12


def test_held_twice_at_a_time_counts_once_and_for_the_driver() -> None:
    result = _priced(Held(_at(70), _at(90), HeldBy.GRID), Held(_at(80), _at(100), HeldBy.CABLE))

    assert result.parking_s == 1800
    assert result.total.excl == 12 + 30 + Fraction(2 * 10, 60)


def test_charging_is_charging_whatever_was_held() -> None:
    assert _priced(Held(_at(0), _at(60), HeldBy.CHARGER)).total == _priced().total


def test_a_stretch_without_length_holds_nothing() -> None:
    assert _priced(Held(_at(70), _at(70), HeldBy.CHARGER)).total == _priced().total


@given(
    st.lists(
        st.builds(
            lambda start, length, by: Held(_at(start), _at(start + length), by),
            st.integers(-30, 150),
            st.integers(0, 90),
            st.sampled_from(HeldBy),
        ),
        max_size=4,
    )
)
def test_holding_back_never_costs_the_driver_more_than_standing_would(held: list[Held]) -> None:
    facts = replace(FACTS, held=tuple(held))

    freed = held_back.without_held(facts)

    assert freed.energy_wh == facts.energy_wh
    assert (freed.periods[0].started_at, freed.periods[-1].ended_at) == (_at(0), _at(120))
    total, plain = _priced(*held).total.excl, _priced().total.excl
    assert total is not None
    assert plain is not None
    assert 12 <= total <= plain
