"""Uptime figures against examples counted by hand."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faults.uptime import outages, spans, standards
from faults.uptime.outages import Class, Kind, Ledger, Outage

START = datetime(2025, 1, 1, tzinfo=UTC)
YEAR = (START, START + timedelta(days=365))


def out(kind: Kind, day: float, hours: float, why: Class = "none", incident: str = "") -> Outage:
    start = START + timedelta(days=day)
    return Outage(kind, (start, start + timedelta(hours=hours)), why, incident)


def test_nevi_allows_262_8_hours_a_year() -> None:
    ledger = Ledger(YEAR, [out("fault", 10, 262.8)])

    assert standards.nevi(ledger).share == pytest.approx(0.97)


def test_nevi_leaves_out_what_the_grid_did_but_not_what_was_broken_as_well() -> None:
    grid = out("fault", 10, 10, "utility")
    silent = out("offline", 10, 10)
    broken = out("fault", 10.25, 2)

    figure = standards.nevi(Ledger(YEAR, [grid, silent, broken]))

    assert figure.down == timedelta(hours=10)
    assert figure.excluded == timedelta(hours=8)


def test_a_port_younger_than_a_year_is_counted_over_its_life_and_says_so() -> None:
    young = (START + timedelta(days=265), START + timedelta(days=365))

    figure = standards.nevi(Ledger(young, [out("fault", 300, 24)]))

    assert figure.is_partial
    assert figure.share == pytest.approx(0.99)


def test_california_leaves_out_ten_days_of_an_act_of_vandalism_and_72_hours_of_maintenance() -> (
    None
):
    cut = [out("fault", 20, 24 * 15, "vandalism", "cable"), out("faulted", 20, 24 * 15)]
    work = [out("unavailable", day, 40, "scheduled_maintenance") for day in (100, 120, 140)]

    figure = standards.cec(Ledger(YEAR, [*cut, *work]))

    assert figure.excluded == timedelta(days=10) + timedelta(hours=72)
    assert figure.down == timedelta(days=15) + timedelta(hours=120)


def test_in_the_uk_a_silent_point_is_reliable_and_our_figure_says_otherwise() -> None:
    ledger = Ledger(YEAR, [out("offline", 1, 24 * 36.5)])

    assert standards.uk(ledger).share == 1
    assert standards.effective(ledger).share == pytest.approx(0.9)


def test_in_france_silence_counts_from_its_beginning_once_it_lasted_a_day() -> None:
    ledger = Ledger(YEAR, [out("offline", 1, 24), out("offline", 10, 25), out("faulted", 30, 1)])

    assert standards.afirev(ledger).down == timedelta(hours=26)


def test_closed_hours_are_no_outage() -> None:
    nights = [
        (START + timedelta(days=day), START + timedelta(days=day, hours=6)) for day in range(365)
    ]
    ledger = Ledger(YEAR, [out("fault", 5, 12)], nights)

    assert standards.effective(ledger).counted == timedelta(hours=18 * 365)
    assert standards.effective(ledger).down == timedelta(hours=6)
    assert standards.nevi(ledger).down == timedelta(hours=6)


def test_a_connector_that_did_not_exist_has_no_uptime() -> None:
    assert standards.effective(Ledger((START, START))).share is None


kinds = st.sampled_from(sorted(outages.EVERY_KIND))
whys = st.sampled_from(
    ["none", "utility", "vehicle", "scheduled_maintenance", "vandalism", "natural_disaster"]
)
outage = st.builds(
    out, kinds, st.integers(-5, 370), st.integers(0, 24 * 40), whys, st.sampled_from("ab")
)


@given(st.lists(outage, max_size=12), st.lists(st.integers(0, 364), max_size=5))
def test_up_and_down_and_left_out_make_the_period(found: list[Outage], days: list[int]) -> None:
    closed = [(START + timedelta(days=day), START + timedelta(days=day + 1)) for day in days]
    ledger = Ledger(YEAR, found, closed)
    opened, down = outages.open_time(ledger), outages.down_time(ledger)

    up = spans.difference(opened, down)

    assert spans.length(up) + spans.length(down) + spans.length(closed) == timedelta(days=365)
    for allowance in (standards.NEVI, standards.CEC):
        left_out = outages.excluded_time(ledger, allowance)
        assert spans.difference(left_out, down) == []
    for figure in (standards.nevi, standards.cec, standards.uk, standards.afirev):
        share = figure(ledger).share
        assert share is not None
        assert 0 <= share <= 1
