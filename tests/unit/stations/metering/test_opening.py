"""Opening hours as written, over the nights when clocks change."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from stations.metering import opening
from stations.metering.opening import HoursRefused

STOCKHOLM = ZoneInfo("Europe/Stockholm")
DAYTIME = [["06:00", "22:00"]]


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


def closed_for(said: Mapping[str, Any] | None, start: str, end: str) -> timedelta:
    found = opening.closed_spans(opening.read_hours(said), STOCKHOLM, local(start), local(end))
    return sum((until - since for since, until in found), timedelta(0))


def test_a_site_without_hours_never_closes() -> None:
    assert closed_for(None, "2026-01-01T00:00", "2026-02-01T00:00") == timedelta(0)


def test_a_night_is_closed_and_the_night_clocks_go_back_is_an_hour_longer() -> None:
    every_day = dict.fromkeys(opening.DAYS, DAYTIME)

    assert closed_for(every_day, "2026-10-20T22:00", "2026-10-21T06:00") == timedelta(hours=8)
    assert closed_for(every_day, "2026-10-24T22:00", "2026-10-25T06:00") == timedelta(hours=9)
    assert closed_for(every_day, "2026-03-28T22:00", "2026-03-29T06:00") == timedelta(hours=7)


def test_a_day_nobody_named_is_closed_and_an_exception_goes_before_its_weekday() -> None:
    said = {"mon": [["00:00", "24:00"]], "exceptions": {"2026-12-21": [["10:00", "12:00"]]}}

    assert closed_for(said, "2026-12-14T00:00", "2026-12-15T00:00") == timedelta(0)
    assert closed_for(said, "2026-12-15T00:00", "2026-12-16T00:00") == timedelta(hours=24)
    assert closed_for(said, "2026-12-21T00:00", "2026-12-22T00:00") == timedelta(hours=22)


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"monday": []}, "monday"),
        ({"mon": "06-22"}, "mon"),
        ({"mon": [["22:00", "06:00"]]}, "after it opens"),
        ({"mon": [["06:00", "12:00"], ["11:00", "13:00"]]}, "overlap"),
        ({"tue": [["6", "12"]]}, "as 06:00"),
        ({"exceptions": {"julafton": []}}, "2026-12-24"),
    ],
)
def test_hours_nobody_can_keep_are_refused_by_name(said: Mapping[str, Any], word: str) -> None:
    with pytest.raises(HoursRefused, match=word):
        opening.read_hours(said)
