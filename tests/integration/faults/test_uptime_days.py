"""Uptime of days, counted from what is stored."""

from datetime import UTC, date, datetime, timedelta

import pytest

from faults import uptime_days
from faults.models import Downtime, MaintenanceWindow, UptimeDay
from stations.models import Connector, Location, Observation
from tests import cast
from tests.cast import Cast
from tests.integration.faults.scene import NOON, say

pytestmark = pytest.mark.django_db
# 2026-11-02 in Stockholm begins an hour before UTC's.
DAY = date(2026, 11, 2)
MIDNIGHT = datetime(2026, 11, 1, 23, tzinfo=UTC)


@pytest.fixture
def made() -> Cast:
    return cast.make_cast()


@pytest.fixture
def connector(made: Cast) -> Connector:
    """A connector that has been connected since long ago."""
    link(made.tethered, "connected", MIDNIGHT - timedelta(days=30))
    return made.tethered


def link(connector: Connector, kind: str, at: datetime) -> None:
    Observation.objects.create(
        operator=connector.operator,
        station=connector.station,
        kind=kind,
        source_id=f"{kind}{at.isoformat()}"[:80],
        occurred_at=at,
        received_at=at,
    )


def out(connector: Connector, start_h: float, end_h: float | None, why: str = "none") -> Downtime:
    return Downtime.objects.create(
        operator=connector.operator,
        connector=connector,
        reason_code="F26",
        exclusion_class=why,
        started_at=MIDNIGHT + timedelta(hours=start_h),
        ended_at=None if end_h is None else MIDNIGHT + timedelta(hours=end_h),
    )


def counted(connector: Connector, as_of: datetime = NOON + timedelta(days=3)) -> UptimeDay:
    uptime_days.settle_days(first=DAY, last=DAY, as_of=as_of, connector_ids=[connector.pk])
    return UptimeDay.objects.get(connector=connector, day=DAY)


def test_a_quiet_day_is_up_for_24_hours(connector: Connector) -> None:
    row = counted(connector)

    assert (row.existed_s, row.open_s, row.down_s) == (86_400, 86_400, 0)


def test_a_fault_a_silence_and_a_status_at_once_are_counted_once(connector: Connector) -> None:
    out(connector, 1, 4)
    link(connector, "disconnected", MIDNIGHT + timedelta(hours=3))
    link(connector, "connected", MIDNIGHT + timedelta(hours=5))
    say(connector, "Faulted", at=MIDNIGHT + timedelta(hours=4))
    say(connector, "Available", at=MIDNIGHT + timedelta(hours=6))

    row = counted(connector)

    assert row.down_s == 5 * 3600
    assert (row.fault_s, row.offline_s, row.faulted_s) == (3 * 3600, 2 * 3600, 2 * 3600)
    assert row.down_uk_s == 2 * 3600
    assert row.down_afirev_s == 5 * 3600
    assert row.excluded_nevi_s == 0


def test_what_the_grid_did_is_left_out_with_the_silence_it_caused(connector: Connector) -> None:
    out(connector, 2, 8, "utility")
    link(connector, "disconnected", MIDNIGHT + timedelta(hours=2))
    link(connector, "connected", MIDNIGHT + timedelta(hours=8))

    row = counted(connector)

    assert row.down_s == row.excluded_nevi_s == row.excluded_cec_s == 6 * 3600


def test_silence_in_planned_work_is_left_out_as_such_and_california_counts_its_hours(
    connector: Connector, made: Cast
) -> None:
    MaintenanceWindow.objects.create(
        operator=connector.operator,
        location=made.location,
        station=connector.station,
        starts_at=MIDNIGHT + timedelta(hours=2),
        ends_at=MIDNIGHT + timedelta(hours=5),
        reason="New cable",
        created_by=made.cilla,
        created_at=MIDNIGHT,
    )
    link(connector, "disconnected", MIDNIGHT + timedelta(hours=3))
    link(connector, "connected", MIDNIGHT + timedelta(hours=6))

    row = counted(connector)

    assert (row.down_s, row.excluded_nevi_s) == (3 * 3600, 2 * 3600)
    assert (row.maintenance_s, row.excluded_cec_s) == (2 * 3600, 0)


def test_an_outage_that_goes_on_is_counted_until_now(connector: Connector) -> None:
    out(connector, 10, None)

    assert counted(connector, MIDNIGHT + timedelta(hours=12)).down_s == 2 * 3600
    assert counted(connector).down_s == 14 * 3600


def test_silence_longer_than_a_day_counts_in_france_on_each_of_its_days(
    connector: Connector,
) -> None:
    link(connector, "disconnected", MIDNIGHT + timedelta(hours=22))
    link(connector, "connected", MIDNIGHT + timedelta(hours=47))

    row = counted(connector)

    assert row.down_afirev_s == 2 * 3600


def test_closed_hours_are_no_outage(connector: Connector) -> None:
    Location.objects.filter(pk=connector.station.location_id).update(
        opening_hours={"mon": [["06:00", "22:00"]]}
    )
    out(connector, 4, 8)

    row = counted(connector)

    assert (row.open_s, row.down_s) == (16 * 3600, 2 * 3600)


@pytest.mark.usefixtures("made")
def test_a_station_that_never_connected_has_no_uptime() -> None:
    uptime_days.settle_days(first=DAY, last=DAY, as_of=NOON)

    assert not UptimeDay.objects.exists()


def test_counting_twice_changes_nothing_and_a_late_fact_is_seen_as_wrong(
    connector: Connector,
) -> None:
    as_of = NOON + timedelta(days=3)
    before = counted(connector)
    assert counted(connector).pk == before.pk
    assert uptime_days.find_wrong_days(first=DAY, last=DAY, as_of=as_of) == []

    out(connector, 1, 2)

    assert uptime_days.find_wrong_days(first=DAY, last=DAY, as_of=as_of) == [before]
    assert counted(connector).down_s == 3600
