"""Two at one shared limit at the same moment: neither waits for what the other holds."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from stations import charging, followups
from stations.charging import reading
from stations.models import (
    ChargingProfile,
    Command,
    Commissioning,
    LoadGroup,
    LoadMember,
    Station,
    StationReport,
)
from tests import cast
from tests.integration.stations.shared_site import group_of, reconcile
from tests.integration.stations.smart_station import NOW, answer_all, begin, end, queued

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture
def site() -> cast.Cast:
    """Return a site whose two stations are online."""
    made = cast.make_cast()
    Station.objects.update(is_online=True, registration="accepted", ocpp_version="1.6")
    return made


def test_a_station_that_boots_while_its_site_is_shared_out(
    site: cast.Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = group_of(site, stations=2)
    station = site.ac_station
    StationReport.objects.create(
        operator_id=station.operator_id,
        station=station,
        kind="BootNotification",
        payload={"chargePointModel": "A"},
        received_at=NOW,
    )

    meanwhile(monkeypatch, group, lambda: follow(station))

    assert StationReport.objects.get().applied_at == NOW
    # what commissions a station had its row; the site gave its default all the same
    assert Commissioning.objects.filter(station=station).exists()
    assert ChargingProfile.objects.filter(station=station, number=1_000_000).count() == 1


def test_an_answer_that_comes_while_its_site_is_shared_out(
    site: cast.Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = group_of(site, limit_a=64)
    reconcile(group)
    answer_all(site.ac_station)
    session = begin(site.socket, "one")
    reconcile(group)
    (asked,) = queued(site.ac_station)
    Command.objects.filter(pk=asked.pk).update(
        state="accepted", answer={"status": "Accepted"}, sent_at=NOW, finished_at=NOW
    )
    end(session)

    meanwhile(monkeypatch, group, lambda: follow(site.ac_station))

    assert Command.objects.get(pk=asked.pk).followed_at == NOW


@pytest.mark.parametrize("deed", ["wiring", "end"])
def test_a_person_who_changes_a_site_while_it_is_shared_out(
    site: cast.Cast, monkeypatch: pytest.MonkeyPatch, deed: str
) -> None:
    group = group_of(site)
    if deed == "end":
        reconcile(group)
        answer_all(site.ac_station)
        LoadMember.objects.update(default_at=None)
    member = LoadMember.objects.get(station=site.ac_station)

    def change() -> None:
        with transaction.atomic():
            if deed == "wiring":
                charging.set_wiring(member=member, phases="231")
                charging.reconcile_group(group_id=group.pk, as_of=NOW)
            else:
                charging.end_group(group=group, as_of=NOW)

    meanwhile(monkeypatch, group, change)

    if deed == "wiring":
        assert LoadMember.objects.get().phases == "231"
    else:
        assert not LoadGroup.objects.get().is_active


def follow(station: Station) -> None:
    followups.follow_station(station_id=station.pk, as_of=NOW)


def meanwhile(monkeypatch: pytest.MonkeyPatch, group: LoadGroup, deed: Callable[[], None]) -> None:
    """Share a site out; once its group is held let the other begin, and go on when it waits."""
    begun: list[Future[None]] = []
    read_seats = reading.read_seats

    def run() -> None:
        try:
            deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:

        def held(*args: Any) -> Any:
            if not begun:
                begun.append(pool.submit(run))
                while not begun[0].done() and not waiting():
                    pass
            return read_seats(*args)

        monkeypatch.setattr(reading, "read_seats", held)
        reconcile(group)
        begun[0].result(timeout=20)


def waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        (found,) = cursor.fetchone()
    return bool(found)
