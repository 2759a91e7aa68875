"""Two workers at one station: what it said is applied in the order it said it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from django.db import connection
from django.utils import timezone

from stations import followups
from stations.models import Station, StationReport
from tests.cast import Cast


def test_two_workers_apply_what_a_station_said_in_its_order(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second worker finds the first at it: it must wait, not overtake."""
    seen: list[int] = []
    has_begun, may_end = threading.Event(), threading.Event()

    def slow(row: StationReport, _: datetime) -> None:
        has_begun.set()
        assert may_end.wait(20)
        seen.append(row.pk)

    def quick(row: StationReport, _: datetime) -> None:
        seen.append(row.pk)

    monkeypatch.setattr(followups, "REPORTS", {"SLOW": (slow,), "QUICK": (quick,)})
    first = said(cast.ac_station, "SLOW")
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(follow, cast.ac_station.pk)
        assert has_begun.wait(20)
        second = said(cast.ac_station, "QUICK")
        two = pool.submit(follow, cast.ac_station.pk)
        # either it is done, having overtaken, or it waits for the first one
        while not two.done() and not waiting():
            threading.Event().wait(0.01)
        may_end.set()
        one.result()
        two.result()

    assert seen == [first, second]


def said(station: Station, kind: str) -> int:
    row = StationReport.objects.create(
        operator_id=station.operator_id,
        station=station,
        kind=kind,
        received_at=timezone.now(),
    )
    return row.pk


def follow(station_id: int) -> None:
    try:
        followups.follow_station(station_id=station_id, as_of=timezone.now())
    finally:
        connection.close()


def waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        (found,) = cursor.fetchone()
    return bool(found)
