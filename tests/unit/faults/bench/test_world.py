"""The generator: the same seed is the same world, in order, with what §11.1 wants in it."""

from collections import Counter
from itertools import islice

import pytest

from stations.metering import facts
from tests.bench.faults.world.kinds import KINDS
from tests.bench.faults.world.scenario import TEST_SEEDS
from tests.bench.faults.world.world import World


@pytest.fixture(scope="module")
def small() -> list[tuple[object, ...]]:
    return list(World(2, 6, 24).messages())


def test_the_same_seed_is_the_same_world(small: list[tuple[object, ...]]) -> None:
    again = World(2, 6, 24).messages()
    assert [one[:4] for one in islice(again, 3000)] == [one[:4] for one in small[:3000]]


def test_what_comes_in_comes_in_order_of_receipt(small) -> None:
    seconds = [one[0] for one in small]
    assert seconds == sorted(seconds)


def test_each_station_is_heard_in_the_order_in_which_it_speaks(small) -> None:
    late: Counter[bool] = Counter()
    newest: dict[int, float] = {}
    for _, _, station, fact, *_ in small:
        if isinstance(fact, facts.MeterFact) and fact.transaction:
            said = fact.readings[0].occurred_at.timestamp()
            late[said < newest.get(station, 0) - 30] += 1
            newest[station] = max(said, newest.get(station, 0))
    assert late[False] > 100
    # some are told twice, half a minute later
    assert late[True] < 0.02 * late[False]


def test_a_world_speaks_both_versions_and_repeats_itself_now_and_then(small) -> None:
    kinds = Counter(type(one[3]).__name__ for one in small)
    assert {"StartFact", "StopFact", "TransactionFact", "StatusFact", "NoticeFact"} <= set(kinds)
    keys = Counter((one[2], one[4]) for one in small if one[4])
    assert sum(count > 1 for count in keys.values()) > 0


def test_a_clean_world_has_no_trouble_and_the_same_network() -> None:
    clean, sick = World(4, 30, 60, is_clean=True), World(4, 30, 60)
    assert clean.scenario.troubles == []
    assert sick.scenario.troubles != []
    assert clean.described() == sick.described()


def test_tuning_seeds_never_meet_the_kinds_and_ranges_that_are_held_out() -> None:
    for seed in range(4):
        for trouble in World(seed, 60, 200).scenario.troubles:
            assert not trouble.kind.is_held_out
            for name, (easy, hard) in trouble.kind.ranges.items():
                share = (trouble.values[name] - easy) / (hard - easy)
                assert share <= 0.6 + 1e-9


def test_test_seeds_meet_them() -> None:
    held_out = {kind.name for kind in KINDS if kind.is_held_out}
    troubles = World(TEST_SEEDS, 60, 200).scenario.troubles
    assert {one.kind.name for one in troubles} & held_out
    for trouble in troubles:
        for name, (easy, hard) in trouble.kind.ranges.items():
            assert (trouble.values[name] - easy) / (hard - easy) >= 0.6 - 1e-9


def test_no_two_troubles_of_a_place_overlap() -> None:
    troubles = World(1, 60, 200).scenario.troubles
    for number, one in enumerate(troubles):
        for other in troubles[number + 1 :]:
            if one.connector is not None and one.connector is other.connector:
                assert one.end < other.onset or other.end < one.onset


def test_every_code_of_the_reported_row_is_drawn_somewhere() -> None:
    seen = {one.kind.name for seed in range(8) for one in World(seed, 60, 200).scenario.troubles}
    wanted = {kind.name for kind in KINDS if not kind.is_held_out and kind.need != "app"}
    assert wanted <= seen
