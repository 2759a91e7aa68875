"""Real lists spoiled on purpose: what is put in is known, the rest is left as it was."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from tests.bench.faults.beds import lists, spoiled
from tests.bench.faults.beds.lists import Listed
from tests.bench.faults.world.arrivals import PKC

BEGIN = datetime(2018, 9, 1, tzinfo=UTC)


def _list() -> list[Listed]:
    found = [
        Listed(
            site=f"s{place % 8}",
            station=str(place),
            connector=1,
            began=BEGIN + timedelta(hours=hour),
            ended=BEGIN + timedelta(hours=hour + 1),
            energy_wh=9000,
        )
        for place in range(40)
        for hour in range(place % 7, 24 * 300, 11)
    ]
    return sorted(found, key=lambda one: (one.ended, one.station, one.connector))


def test_a_silenced_connector_says_nothing_and_the_others_say_what_they_said() -> None:
    real = _list()
    after, troubles = spoiled.spoil(real, Random(5))
    ids = lists.connector_ids(real)
    kinds = Counter(one["kind"] for one in troubles)
    assert {"silent", "half_dead"} <= set(kinds)
    touched = {one["connectors"][0]: one for one in troubles}
    for one in after:
        trouble = touched.get(ids[one.place])
        second = (one.began - real[0].began).total_seconds()
        if trouble is not None and trouble["kind"] == "silent":
            assert not trouble["onset"] <= second < trouble["end"]
    untouched = [one for one in real if ids[one.place] not in touched]
    assert [one for one in after if ids[one.place] not in touched] == untouched


def test_a_half_dead_connector_fails_about_every_second_time() -> None:
    after, troubles = spoiled.spoil(_list(), Random(5))
    ids = lists.connector_ids(_list())
    for trouble in troubles:
        if trouble["kind"] != "half_dead":
            continue
        within = [
            one.energy_wh < 500
            for one in after
            if ids[one.place] == trouble["connectors"][0]
            and trouble["onset"] <= (one.began - BEGIN).total_seconds() < trouble["end"]
        ]
        assert 0.25 < sum(within) / len(within) < 0.75


@pytest.mark.skipif(not PKC.exists(), reason="the sessions of Perth & Kinross are not at hand")
def test_what_tuning_sees_ends_where_validation_begins() -> None:
    before, after = (lists.read("pkc", after_split=late) for late in (False, True))
    assert max(one.began for one in before) < lists.SPLIT <= min(one.began for one in after)
    assert len(before) + len(after) > 66_000
    assert len({one.place for one in after}) > 60
