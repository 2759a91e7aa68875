import itertools
from statistics import mean
from typing import Any

import pytest

from stations.simulator import plan
from stations.simulator.fleet import StationSpec


def _visits(
    station: StationSpec, seed: int = 1, *, place: int = 0, count: int = 200, **pace: Any
) -> Any:
    chosen = plan.Pace(**pace)
    found = plan.visits(seed, station, station.connectors[place], chosen)
    return list(itertools.islice(found, count))


def test_the_same_seed_makes_the_same_visits(station: Any) -> None:
    assert _visits(station, 7) == _visits(station, 7)


def test_another_seed_makes_other_visits(station: Any) -> None:
    assert _visits(station, 7) != _visits(station, 8)


def test_two_connectors_do_not_share_their_visitors(station: Any) -> None:
    first, second = _visits(station, place=0), _visits(station, place=1)

    assert [v.arrives_s for v in first] != [v.arrives_s for v in second]


def test_visits_come_in_order_and_at_the_rate_of_the_day(station: Any) -> None:
    visits = _visits(station, count=2_000)

    times = [visit.arrives_s for visit in visits]
    per_day = len(times) / (times[-1] / 86_400)
    assert times == sorted(times)
    assert per_day == pytest.approx(plan.VISITS_PER_DAY["AC"], rel=0.1)


def test_more_come_by_day_than_by_night(station: Any) -> None:
    visits = _visits(station, count=3_000, hour_of_week=0)

    hours = [int(visit.arrives_s / 3600) % 24 for visit in visits]
    day = sum(10 <= hour < 18 for hour in hours)
    night = sum(hour < 6 for hour in hours)
    assert day > 5 * night


@pytest.mark.parametrize(("place", "mean_wh"), [(0, 12_000), (1, 25_000)])
def test_energy_is_what_people_take(station: Any, place: Any, mean_wh: Any) -> None:
    visits = _visits(station, place=place, count=4_000)

    assert mean(visit.energy_wh for visit in visits) == pytest.approx(mean_wh, rel=0.1)


def test_three_to_five_in_a_hundred_fail(station: Any) -> None:
    visits = _visits(station, count=4_000)

    share = sum(visit.fail_after_s is not None for visit in visits) / len(visits)
    assert 0.03 <= share <= 0.05


@pytest.mark.parametrize("speed", [1.0, 10.0, 1000.0])
@pytest.mark.parametrize("place", [0, 1])
def test_no_good_session_is_so_short_that_it_counts_as_failed(
    station: Any, speed: Any, place: Any
) -> None:
    connector = station.connectors[place]

    for visit in _visits(station, place=place, speed=speed):
        strongest_w = min(visit.car_limit_w, connector.max_power_w)
        assert visit.energy_wh >= 500
        assert visit.energy_wh / strongest_w * 3600 >= 120


def test_speed_divides_waits_and_leaves_the_order(station: Any) -> None:
    slow, fast = _visits(station, speed=1.0), _visits(station, speed=10.0)

    assert [v.arrives_s / 10 for v in slow] == pytest.approx([v.arrives_s for v in fast])


def test_a_warm_start_fills_a_third_of_the_connectors_at_once(station: Any) -> None:
    first = [_visits(station, seed, count=1, warm=True)[0] for seed in range(400)]

    early = sum(visit.arrives_s <= 8 for visit in first) / len(first)
    assert early == pytest.approx(plan.WARM_SHARE, abs=0.07)


def test_without_demand_nobody_comes_by_himself(station: Any) -> None:
    visits = _visits(station, demand=0.0, count=5)

    assert all(visit.arrives_s == plan.NEVER_S for visit in visits)
    assert len({visit.energy_wh for visit in visits}) == 5
