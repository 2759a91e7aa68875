"""Workers killed (-9) in the middle: campaigns, bulk commands, passwords, a site's limit."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db.models import Count

from stations import bulk, charging, credentials, firmware, followups, registry
from stations.models import (
    BulkTarget,
    Command,
    Connector,
    FirmwareJob,
    LoadGroup,
    OperationLimits,
    Station,
    StationAccess,
)
from tests.cast import make_cast, make_station
from tests.chaos.conftest import Report
from tests.chaos.killed import kill_at_every_write
from tests.integration.stations import firmware_scene, shared_site
from tests.integration.stations.smart_station import NOW, answer_all, begin

pytestmark = [pytest.mark.chaos, pytest.mark.usefixtures("committed_db")]
STATIONS = 3


def sent_to_each(action: str) -> set[int]:
    """Return how many commands of an action each station was sent."""
    rows = Command.objects.filter(action=action).values("station").annotate(n=Count("pk"))
    return {row["n"] for row in rows}


def finish(state: str = "accepted", answer: Any = None) -> None:
    """Let every command that waits end, and nobody hear of it yet."""
    Command.objects.filter(state="queued").update(
        state=state, answer=answer or {"status": "Accepted"}, sent_at=NOW, finished_at=NOW
    )


def follow_all() -> None:
    for pk in Command.objects.filter(followed_at=None).values_list("station_id", flat=True):
        followups.follow_station(station_id=pk, as_of=NOW)


def test_a_wave_of_a_campaign_asks_each_station_once(report: Report) -> None:
    row = firmware_scene.campaign(firmware_scene.nine_stations(), waves=(100,))

    deaths = kill_at_every_write(lambda: firmware.run_campaigns(as_of=firmware_scene.NOW))

    assert sent_to_each("update_firmware") == {1}
    jobs = FirmwareJob.objects.filter(campaign=row)
    assert not jobs.exclude(command__station_id__gt=0).exists(), "asked, and nobody knows by what"
    finish()
    deaths += kill_at_every_write(follow_all)
    assert set(jobs.values_list("state", flat=True)) == {"asked"}
    assert firmware.run_campaigns(as_of=firmware_scene.NOW) == 0
    report("killed: campaign wave", deaths=deaths, stations=jobs.count(), asked_twice=0)


def test_a_bulk_command_is_sent_to_each_station_once(report: Report) -> None:
    made = make_cast()
    OperationLimits.objects.create(operator=made.operator, approval_above=100)
    for number in range(STATIONS):
        make_station(made.location, f"NORD-X-{number}")
    row = bulk.plan_bulk(
        operator_id=made.operator.pk,
        plan=bulk.BulkPlan(
            action="reset", payload={"type": "soft"}, reason="killed", per_minute=60
        ),
        stations=Station.objects.filter(ocpp_version="1.6"),
        requested_by=made.cilla,
        as_of=NOW,
    )
    deaths = kill_at_every_write(lambda: bulk.confirm_bulk(bulk=row, user=made.cilla, as_of=NOW))

    later = NOW + timedelta(minutes=2)
    deaths += kill_at_every_write(lambda: bulk.run_bulks(as_of=later))

    assert sent_to_each("reset") == {1}
    finish()
    deaths += kill_at_every_write(follow_all)
    deaths += kill_at_every_write(lambda: bulk.run_bulks(as_of=later))
    targets = BulkTarget.objects.filter(bulk=row)
    row.refresh_from_db()
    assert (row.state, set(targets.values_list("state", flat=True))) == ("done", {"done"})
    report("killed: bulk command", deaths=deaths, stations=targets.count(), sent_twice=0)


@pytest.mark.parametrize(("state", "opens"), [("accepted", 1), ("rejected", 0), ("unknown", 2)])
def test_a_change_of_password_locks_nobody_out(state: str, opens: int, report: Report) -> None:
    old, new = "the-password-of-old", "the-password-of-new"
    station = make_cast().ac_station
    registry.set_password(station, old)
    Station.objects.filter(pk=station.pk).update(ocpp_version="1.6", security_profile=1)

    def rotate() -> None:
        row = Station.objects.get(pk=station.pk)
        credentials.rotate_password(station=row, requested_by=None, as_of=NOW, password=new)

    deaths = kill_at_every_write(rotate)
    assert sent_to_each("ChangeConfiguration") == {1}
    finish(state)
    deaths += kill_at_every_write(follow_all)

    kept = [Station.objects.get(pk=station.pk).password_hash]
    kept += StationAccess.objects.get(station=station).pending_password_hash.split()
    found = [
        word
        for word in (old, new)
        if any(registry.check_password(each, word.encode()) for each in kept)
    ]
    assert found == {0: [old], 1: [new], 2: [old, new]}[opens]
    report("killed: password change", ended=state, deaths=deaths, locked_out=0)


def test_a_sites_limit_is_never_promised_twice(report: Report) -> None:
    site = make_cast()
    Station.objects.update(is_online=True, registration="accepted")
    group = shared_site.group_of(site, limit_a=32, stations=1)
    first, second = Connector.objects.filter(station=site.ac_station).order_by("pk")[:2]
    begin(first, "1")
    begin(second, "2")
    deaths = rounds(group, site.ac_station)

    def change() -> None:
        row = LoadGroup.objects.get(pk=group.pk)
        charging.change_group(group=row, limit_a=20, rotation_s=row.rotation_s)

    deaths += kill_at_every_write(change)
    deaths += rounds(group, site.ac_station)

    group.refresh_from_db()
    told = [share_of.confirmed_a or 0 for share_of in map(shared_site.share_of, (first, second))]
    assert 0 < sum(told) <= 20
    assert group.ceiling_l1_a <= 20
    report("killed: site limit", deaths=deaths, limit_a=20, told_a=told)


def rounds(group: LoadGroup, station: Station) -> int:
    """Share anew and let the station answer, until nothing is left to say; return the deaths."""
    deaths = 0
    for second in range(0, 300, 60):
        deaths += kill_at_every_write(partial(shared_site.reconcile, group, second))
        waiting = Command.objects.filter(station=station, state="queued")
        spoken = [(row.payload["profile"]["purpose"], row.payload["evse"]) for row in waiting]
        assert len(spoken) == len(set(spoken)), "one limit was sent twice"
        answer_all(station)
    return deaths
