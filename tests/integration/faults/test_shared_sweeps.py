"""A sweep that finds much shares it out, so that every worker helps and none is held for long."""

from typing import Any

import pytest
from kombu.exceptions import OperationalError

from chargenet.core import clock
from faults import detection, tasks
from faults.detection import sweeps
from stations.models import Station
from tests import cast
from tests.cast import Cast
from tests.integration.faults import scene
from tests.integration.faults.scene import NOON, minutes

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    return cast.make_cast()


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Stations in the order they were looked at."""
    found: list[int] = []

    def look(*, station_id: int, **_: object) -> None:
        found.append(station_id)

    monkeypatch.setattr(sweeps, "examine_station", look)
    return found


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Parts that were handed to other workers."""
    parts: list[dict[str, Any]] = []

    def send(*, kwargs: dict[str, Any], **_: object) -> None:
        parts.append(kwargs)

    for task in (tasks.examine_part, tasks.examine_usage):
        monkeypatch.setattr(task, "apply_async", send)
    return parts


def make_silent(made: Cast, count: int) -> list[int]:
    stations = [cast.make_station(made.location, f"Q-{n}")[0].pk for n in range(count)]
    for number, pk in enumerate(stations):
        Station.objects.filter(pk=pk).update(check_after=NOON + minutes(number / 60))
    return stations


def test_many_silent_stations_are_shared_out_and_each_is_looked_at_once(
    made: Cast, looked: list[int], sent: list[dict[str, Any]]
) -> None:
    stations = make_silent(made, 25)

    tasks.sweep_silent_stations()

    assert looked == stations[:10], "the longest silent are looked at here"
    assert [one["station_ids"] for one in sent] == [stations[10:20], stations[20:]]
    for part in list(sent):
        tasks.examine_part(**part)
    assert looked == stations


def test_few_silent_stations_cost_no_message(
    made: Cast, looked: list[int], sent: list[dict[str, Any]]
) -> None:
    stations = make_silent(made, 10)
    tasks.sweep_silent_stations()
    assert (looked, sent) == (stations, [])


def test_a_part_that_takes_too_long_is_handed_on_after_some_station(
    made: Cast,
    looked: list[int],
    sent: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stations = make_silent(made, 4)
    monkeypatch.setattr(sweeps, "MOST_S", -1.0)

    tasks.sweep_silent_stations()

    assert looked == stations[:1]
    assert [one["station_ids"] for one in sent] == [stations[1:]]
    while sent:
        tasks.examine_part(**sent.pop())
    assert looked == stations


def test_a_station_seen_since_the_sweep_asked_is_passed_by(made: Cast) -> None:
    scene.say(made.socket, "Available", at=NOON)
    asked_at = clock.now()
    told: dict[str, Any] = {"asked_at": asked_at, "hand_on": lambda _: True}
    pk = made.ac_station.pk
    detection.examine_station(station_id=pk, as_of=asked_at + minutes(1))
    Station.objects.filter(pk=pk).update(check_after=asked_at)

    detection.examine_part(station_ids=[pk], as_of=asked_at + minutes(2), **told)
    assert Station.objects.get(pk=pk).check_after == asked_at, "looked at twice"

    told["asked_at"] += minutes(1.5)
    detection.examine_part(station_ids=[pk], as_of=asked_at + minutes(2), **told)
    assert Station.objects.get(pk=pk).check_after != asked_at


def test_without_a_broker_a_sweep_does_its_part_and_the_next_finds_the_others(
    made: Cast, looked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def send(**_: object) -> None:
        raise OperationalError

    monkeypatch.setattr(tasks.examine_part, "apply_async", send)
    stations = make_silent(made, 12)

    tasks.sweep_silent_stations()

    assert looked == stations[:10]


def test_lost_nudges_are_shared_out_too(
    made: Cast, looked: list[int], sent: list[dict[str, Any]]
) -> None:
    at = clock.now() - minutes(9)
    for number in range(12):
        _, (connector,) = cast.make_station(made.location, f"Q-{number}")
        scene.say(connector, "Available", at=at)

    tasks.sweep_unexamined()

    assert (len(looked), [len(one["station_ids"]) for one in sent]) == (10, [2])


def test_the_sites_of_a_minute_are_shared_out_and_a_large_one_in_pieces(
    made: Cast,
    looked: list[int],
    sent: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sweeps, "MOST_S", -1.0)
    monkeypatch.setattr(sweeps, "HOURLY_PARTS", 1)

    tasks.sweep_usage()
    assert len(looked) == 1
    while sent:
        tasks.examine_usage(**sent.pop())

    everybody = Station.objects.filter(is_active=True).values_list("pk", flat=True)
    assert sorted(looked) == sorted(everybody)


def test_the_sites_nobody_takes_are_looked_at_by_the_sweep_itself(
    made: Cast, looked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "MOST_S", -1.0)
    monkeypatch.setattr(sweeps, "HOURLY_PARTS", 1)

    detection.sweep_usage(as_of=NOON, hand_on=lambda *_: False)

    everybody = Station.objects.filter(is_active=True).values_list("pk", flat=True)
    assert sorted(looked) == sorted(everybody)


def test_a_station_that_cannot_bear_the_hours_look_does_not_hold_up_its_site(
    made: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def look(*, station_id: int, **_: object) -> None:
        asked.append(station_id)
        raise ValueError

    monkeypatch.setattr(sweeps, "examine_station", look)
    detection.examine_usage(location_id=made.location.pk, as_of=NOON)
    assert len(asked) == 2
