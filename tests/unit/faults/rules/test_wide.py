"""Rules that look at sites, networks and cohorts: what goes dark together is one thing."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from faults.rules import (
    cohort_failing,
    network_offline,
    own_service,
    site_offline,
    site_without_power,
    wide,
)
from faults.rules.protocol import CannotKnow, Clear, Firing
from faults.rules.wide import (
    CohortSnapshot,
    NetworkSnapshot,
    OwnHealth,
    SiteSnapshot,
    StationSeen,
    Supply,
    Tally,
)
from tests.unit.faults.rules.scene import at

POWER, LINE = site_without_power.Thresholds(), site_offline.Thresholds()


def _seen(number: int, **known: Any) -> StationSeen:
    return StationSeen(id=number, site_id=known.pop("site_id", 1), **known)


def _site(minutes: float, *stations: StationSeen, **known: Any) -> SiteSnapshot:
    return SiteSnapshot(as_of=at(minutes), site_id=1, stations=stations, **known)


def _dark(count: int, of: int, *, power: bool = False) -> tuple[StationSeen, ...]:
    lost: datetime | None = at(0) if power else None
    gone = [_seen(n, gone_at=at(n / 2), power_lost_at=lost) for n in range(count)]
    return (*gone, *(_seen(n) for n in range(count, of)))


def test_half_of_a_site_silent_at_once_is_the_line() -> None:
    found = site_offline.check(_site(8, *_dark(2, 4)), LINE, {})
    assert isinstance(found, Firing)
    assert (found.began_at, found.attribution) == (at(0), "network")
    assert isinstance(site_without_power.check(_site(8, *_dark(2, 4)), POWER, {}), Clear)


def test_with_a_word_of_lost_mains_it_is_the_mains() -> None:
    snapshot = _site(8, *_dark(3, 4, power=True))
    found = site_without_power.check(snapshot, POWER, {})
    assert isinstance(found, Firing)
    assert found.evidence["exclusion_class"] == "utility"
    assert isinstance(site_offline.check(snapshot, LINE, {}), Clear)


@pytest.mark.parametrize(("silent", "of"), [(1, 1), (1, 2), (2, 5)])
def test_one_station_or_the_smaller_half_is_no_site(silent: int, of: int) -> None:
    assert isinstance(site_offline.check(_site(8, *_dark(silent, of)), LINE, {}), Clear)


def test_stations_that_went_on_different_days_went_not_together() -> None:
    stations = (_seen(1, gone_at=at(-1440)), _seen(2, gone_at=at(0)), _seen(3), _seen(4))
    assert isinstance(site_offline.check(_site(8, *stations), LINE, {}), Clear)


def test_a_station_long_silent_is_not_missed_when_the_others_go() -> None:
    stations = (_seen(1, gone_at=at(-9000)), _seen(2, gone_at=at(0)), _seen(3, gone_at=at(1)))
    found = site_offline.check(_site(8, *stations), LINE, {})
    assert isinstance(found, Firing)
    assert found.evidence["stations"] == [2, 3]


def test_the_mains_turn_out_when_stations_boot_after_it() -> None:
    before = site_offline.check(_site(8, *_dark(2, 2)), LINE, {})
    assert isinstance(before, Firing)
    back = _seen(0, back_at=at(30), power_lost_at=at(30))
    now = _site(31, back, _seen(1, gone_at=at(0.5)))
    assert isinstance(site_offline.check(now, LINE, before.state), Clear)


def test_two_stations_away_by_chance_are_no_site_once_one_is_back() -> None:
    state = site_offline.check(_site(8, *_dark(2, 4)), LINE, {}).state
    one_back = (_seen(0, back_at=at(9)), _seen(1, gone_at=at(0.5)), _seen(2), _seen(3))
    for minute in (10, 15, 18.9):
        found = site_offline.check(_site(minute, *one_back), LINE, state)
        assert isinstance(found, Firing)
        assert found.began_at + min(found.fires_after, found.ticket_after) > at(minute)
    assert isinstance(site_offline.check(_site(19, *one_back), LINE, state), Clear)


def test_a_group_is_given_its_time_from_when_it_was_one() -> None:
    apart = (_seen(0, gone_at=at(0)), _seen(1, gone_at=at(6)), _seen(2), _seen(3))
    found = site_offline.check(_site(7, *apart), LINE, {})
    assert isinstance(found, Firing)
    assert found.ticket_after == LINE.ticket_after + timedelta(minutes=6)
    again = site_offline.check(_site(12, *apart), LINE, found.state)
    assert isinstance(again, Firing)
    assert again.ticket_after == found.ticket_after


def test_the_last_station_away_is_let_go_when_the_others_have_settled() -> None:
    before = site_offline.check(_site(8, *_dark(4, 4)), LINE, {})
    assert isinstance(before, Firing)
    stations = (*(_seen(n, back_at=at(30)) for n in range(3)), _seen(3, gone_at=at(0)))
    waits = site_offline.check(_site(31, *stations), LINE, before.state)
    assert isinstance(waits, Firing)
    assert waits.check_at == at(40)
    over = site_offline.check(_site(41, *stations), LINE, waits.state)
    assert isinstance(over, Clear)
    assert over.ended_at == at(30)


def _network(minutes: float, gone: int, *, sites: int = 5, of: int = 60) -> NetworkSnapshot:
    stations = tuple(
        _seen(n, site_id=n % sites, gone_at=at(0) if n < gone else None) for n in range(of)
    )
    return NetworkSnapshot(as_of=at(minutes), key="network:1", stations=stations)


@pytest.mark.parametrize(("gone", "sites", "fires"), [(5, 5, True), (4, 5, False), (12, 2, False)])
def test_a_network_is_out_where_many_stations_of_many_sites_went(
    gone: int, sites: int, *, fires: bool
) -> None:
    found = network_offline.check(_network(5, gone, sites=sites), network_offline.Thresholds(), {})
    assert isinstance(found, Firing) is fires


def test_a_network_where_stations_often_go_must_lose_more_of_them() -> None:
    usual = {"mean": 6.0, "square": 40.0, "bin": 0, "count": 6}
    assert network_offline.threshold_of(usual, network_offline.Thresholds()) == 12


def test_a_network_is_back_when_nearly_all_are_and_have_settled() -> None:
    thresholds = network_offline.Thresholds()
    before = network_offline.check(_network(5, 10), thresholds, {})
    assert isinstance(before, Firing)
    after = network_offline.check(_network(60, 0), thresholds, before.state)
    assert isinstance(after, Clear)
    assert "group" not in after.state


def test_our_own_illness_is_over_after_five_healthy_minutes() -> None:
    thresholds = own_service.Thresholds()

    def ask(minutes: float, lag: float, state: dict[str, Any]) -> Any:
        own = OwnHealth(queue_lag_s=lag)
        seen = NetworkSnapshot(as_of=at(minutes), key="network:1", stations=(), own=own)
        return own_service.check(seen, thresholds, state)

    ill = ask(0, 45, {})
    better = ask(1, 2, ill.state)
    assert isinstance(better, Firing)
    assert isinstance(ask(4, 2, better.state), Firing)
    well = ask(6, 2, better.state)
    assert isinstance(well, Clear)
    assert well.ended_at == at(1)


def test_nobody_measures_us_is_not_health() -> None:
    seen = NetworkSnapshot(as_of=at(0), key="network:1", stations=())
    assert isinstance(own_service.check(seen, own_service.Thresholds(), {}), CannotKnow)


def _cohort(failed: dict[int, int], *, tried: int = 100) -> CohortSnapshot:
    mine = Tally(tried=dict.fromkeys(range(6), tried), failed=failed)
    rest = Tally(tried={10: 600}, failed={10: 18})
    return CohortSnapshot(
        as_of=at(0),
        key="cohort:1:M:2",
        model="M",
        firmware="2",
        cohort=mine,
        peers=rest,
        others=Tally(),
    )


@pytest.mark.parametrize(
    ("failed", "fires"),
    [
        (dict.fromkeys(range(6), 12), True),
        (dict.fromkeys(range(6), 4), False),
        # one broken station is no bad firmware
        ({0: 90}, False),
    ],
)
def test_a_cohort_fails_where_its_stations_fail_and_not_one_of_them(
    failed: dict[int, int], *, fires: bool
) -> None:
    found = cohort_failing.check(_cohort(failed), cohort_failing.Thresholds(), {})
    assert isinstance(found, Firing) is fires


def test_a_site_that_starves_beside_free_power_has_a_wrong_limit() -> None:
    supply = Supply(connection_w=100_000, granted_w=40_000, used_w=30_000, starved=3)
    found = cohort_failing.check(_site(0, supply=supply), cohort_failing.Thresholds(), {})
    assert isinstance(found, Firing)
    assert found.fires_after == timedelta(minutes=30)
    full = Supply(connection_w=100_000, granted_w=99_000, used_w=95_000, starved=3)
    well = cohort_failing.check(_site(0, supply=full), cohort_failing.Thresholds(), {})
    assert isinstance(well, Clear)


def test_a_long_name_of_a_cohort_still_has_a_key_of_its_own() -> None:
    keys = {wide.cohort_key(1, "M" * 60, f"firmware {n}") for n in range(9)}
    assert len(keys) == 9
    assert max(map(len, keys)) <= wide.LONGEST_KEY
