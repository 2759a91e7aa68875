"""Which readings are told of at once: few, paced, and that all is well again."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from stations.metering import remarkable
from stations.metering.facts import Reading
from stations.metering.remarkable import Watch

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def reading(second: float = 0, **said: Any) -> Reading:
    made = Reading(NOON + timedelta(seconds=second))
    for name, value in said.items():
        setattr(made, name, Decimal(str(value)) if isinstance(value, float) else value)
    return made


def told(
    watch: Watch, *readings: Reading, second: float, is_open: bool = True, is_dc: bool = False
) -> set[str] | None:
    found = remarkable.pick(
        watch,
        readings,
        received_at=NOON + timedelta(seconds=second),
        is_dc=is_dc,
        ended_at=None,
        is_open=is_open,
    )
    return None if found is None else set(found[1])


@pytest.mark.parametrize(
    ("said", "in_session", "is_dc", "words"),
    [
        ({"temperature_c": 44.9, "power_w": 11_000, "voltage_v": 230.0}, True, False, set()),
        ({"temperature_c": 45.0}, True, False, {"hot_cable"}),
        ({"temperature_c": 80.0}, True, True, {"burning_cable"}),
        ({"temperature_body_c": 50.0}, True, False, {"hot_body"}),
        ({"voltage_v": 206.9}, True, False, {"voltage"}),
        ({"voltage_l2_v": 253.1}, True, False, {"voltage"}),
        ({"voltage_v": 398.0}, True, False, set()),
        ({"voltage_v": 0.0}, True, False, set()),
        ({"voltage_v": 720.0}, True, True, set()),
        ({"voltage_v": 720.0}, False, True, {"live"}),
        ({"voltage_v": 230.0}, False, False, set()),
        ({"power_w": 99, "current_a": 0.4}, False, False, set()),
        ({"power_w": 100}, False, False, {"flow"}),
        ({"current_a": 1.0}, False, False, {"flow"}),
    ],
)
def test_a_reading_is_remarkable_for_what_it_shows(
    said: dict[str, Any], in_session: bool, is_dc: bool, words: set[str]
) -> None:
    assert remarkable.remarks(reading(**said), is_dc=is_dc, in_session=in_session) == words


def test_a_hot_cable_is_told_of_at_most_each_twenty_seconds() -> None:
    watch, hot = Watch(), reading(temperature_c=60.0)

    found = [told(watch, hot, second=second) for second in range(0, 60, 5)]

    assert [one is not None for one in found] == [True, False, False, False] * 3


def test_what_is_newly_wrong_does_not_wait_its_turn() -> None:
    watch = Watch()

    assert told(watch, reading(temperature_c=60.0), second=0) == {"hot_cable"}
    assert told(watch, reading(temperature_c=91.0), second=1) == {"burning_cable"}
    assert told(watch, reading(temperature_c=92.0), second=2) is None


def test_that_it_is_well_again_is_told_at_once_and_then_seldom() -> None:
    watch, well = Watch(), reading(temperature_c=30.0)
    assert told(watch, well, second=0) is None
    assert told(watch, reading(temperature_c=60.0), second=0) == {"hot_cable"}

    seconds = [
        second for second in range(10, 4000, 10) if told(watch, well, second=second) == set()
    ]

    assert seconds == [10 + 300 * turn for turn in range(9)]


def test_the_most_serious_reading_of_a_message_is_the_one_told() -> None:
    readings = [reading(0, temperature_c=91.0), reading(1, temperature_c=50.0)]

    assert told(Watch(), *readings, second=2) == {"burning_cable"}


@pytest.mark.parametrize(("second", "words"), [(9, None), (11, {"flow"})])
def test_power_that_flows_on_after_the_end_is_told(second: int, words: set[str] | None) -> None:
    found = remarkable.pick(
        Watch(),
        [reading(second, power_w=3000)],
        received_at=NOON,
        is_dc=False,
        ended_at=NOON,
        is_open=False,
    )

    assert (None if found is None else set(found[1])) == words


def test_a_reading_is_kept_by_the_names_of_a_sample() -> None:
    kept = remarkable.detail_of(
        reading(temperature_c=61.5, current_l1_a=16.0, power_w=11_000),
        frozenset({"hot_cable"}),
        in_session=True,
    )

    assert kept == {
        "power_w": 11_000,
        "cable_c": 61.5,
        "phases_a": [16.0, None, None],
        "remarks": ["hot_cable"],
        "in_session": True,
    }
