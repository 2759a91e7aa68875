from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from stations.metering import session_list
from stations.metering.session_list import Flagger, ListedSession, RowRefused

LONDON = ZoneInfo("Europe/London")
NOON = datetime(2019, 6, 3, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def row(line: int, *, start: datetime = NOON, hours: float = 1, **fields: Any) -> ListedSession:
    plain = ListedSession(
        line=line,
        session=str(line),
        station="S",
        connector=1,
        started_at=start,
        ended_at=start + hours * HOUR,
        energy_wh=1000,
        written_start=start.isoformat(),
    )
    return replace(plain, **fields)


def flags_of(*rows: ListedSession) -> dict[int, str]:
    flagger = Flagger()
    for each in rows:
        flagger.add(each)
    return flagger.flags()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "energy_wh", "is_rounded"),
    [
        ("2.084", 2084, False),
        ("3.87", 3870, False),
        ("13", 13000, False),
        ("1e1", 10000, False),
        ("", None, False),
        ("0.0005", 1, True),
        ("0.0004", 0, True),
        ("-0.001", -1, False),
        # a sign of trouble does not vanish in rounding
        ("-0.0001", -1, True),
        ("0.0204999999", 20, True),
    ],
)
def test_energy_becomes_whole_wh(written: str, energy_wh: int | None, is_rounded: bool) -> None:
    assert session_list.read_energy(written) == (energy_wh, is_rounded)


@pytest.mark.parametrize("written", ["much", "NaN", "inf", "1,5", "100001", "-1e9", "1e999999"])
def test_an_energy_that_is_no_energy_is_refused(written: str) -> None:
    with pytest.raises(RowRefused, match="energy"):
        session_list.read_energy(written)


@pytest.mark.parametrize("written", ["0", "", "A", "256", "-1", "1.0", "²", "9" * 5000])
def test_a_connector_that_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(RowRefused, match="connector"):
        session_list.read_connector(written)


def test_wall_time_is_the_sites_own() -> None:
    span = session_list.read_span("2018-07-01 12:00:00", "2018-07-01 13:30:00", LONDON)

    assert span == (at("2018-07-01 11:00"), at("2018-07-01 12:30"))


def test_a_time_with_an_offset_is_that_instant() -> None:
    span = session_list.read_span("2018-07-01T12:00:00Z", "2018-07-01T15:00:00+02:00", LONDON)

    assert span == (at("2018-07-01 12:00"), at("2018-07-01 13:00"))


# The clocks of London went back on 2018-10-28 at 01:00 UTC: 01:00 to 02:00 happened twice.
@pytest.mark.parametrize(
    ("start", "end", "begins", "ends"),
    [
        # the second half hour of a repeated hour is nearer to what followed
        ("01:50", "02:10", "01:50", "02:10"),
        # read plainly it would end before it starts
        ("01:50", "01:10", "00:50", "01:10"),
        # both readings last 20 minutes: the earlier
        ("01:10", "01:30", "00:10", "00:30"),
        # the shorter one
        ("00:30", "01:40", "23:30", "00:40"),
        # really backwards, however one reads it
        ("03:00", "01:30", "03:00", "01:30"),
    ],
)
def test_in_the_repeated_hour_the_shortest_reading_holds(
    start: str, end: str, begins: str, ends: str
) -> None:
    day = "2018-10-28"
    before = "2018-10-27" if begins == "23:30" else day

    span = session_list.read_span(f"{day} {start}", f"{day} {end}", LONDON)

    assert span == (at(f"{before} {begins}"), at(f"{day} {ends}"))


def test_a_time_the_clocks_skipped_is_read_with_the_offset_before() -> None:
    span = session_list.read_span("2018-03-25 01:30:00", "2018-03-25 02:30:00", LONDON)

    assert span == (at("2018-03-25 01:30"), at("2018-03-25 01:30"))


def test_a_start_without_an_end_takes_the_earlier_reading() -> None:
    assert session_list.read_span("2018-10-28 01:30", "", LONDON) == (at("2018-10-28 00:30"), None)


@pytest.mark.parametrize("written", ["soon", "2018-13-01", "0001-01-01 00:00", "9999-12-31 23:59"])
def test_a_time_that_is_no_time_is_refused(written: str) -> None:
    with pytest.raises(RowRefused, match="start"):
        session_list.read_span(written, "", LONDON)


def test_the_first_flag_that_fits_is_given() -> None:
    flags = flags_of(
        row(1, ended_at=None, energy_wh=-5),
        row(2, start=NOON + 5 * HOUR, hours=-1, energy_wh=-5),
        row(3, start=NOON + 9 * HOUR, energy_wh=-5),
        row(4, start=NOON + 12 * HOUR, energy_wh=None),
    )

    assert flags == {
        1: "no_end_or_energy",
        2: "ends_before_start",
        3: "negative_energy",
        4: "no_end_or_energy",
    }


def test_all_twins_but_the_first_in_the_file_are_flagged_even_after_a_flagged_one() -> None:
    flags = flags_of(row(1, energy_wh=-1), row(2), row(3, connector=2), row(4))

    assert flags == {1: "negative_energy", 2: "duplicate_start", 4: "duplicate_start"}


def test_of_overlapping_sessions_the_later_start_is_flagged_whatever_the_file_order() -> None:
    flags = flags_of(
        row(1, start=NOON + HOUR / 2),
        row(2, start=NOON),
        row(3, start=NOON + HOUR, hours=0.25),
        row(4, start=NOON + HOUR / 4, hours=0),
    )

    assert flags == {1: "overlap", 4: "overlap"}


def test_sessions_that_touch_do_not_overlap() -> None:
    assert flags_of(row(1), row(2, start=NOON + HOUR)) == {}


def test_a_flagged_session_overlaps_nobody() -> None:
    assert flags_of(row(1, hours=9, energy_wh=-1), row(2, start=NOON + HOUR)) == {
        1: "negative_energy"
    }
