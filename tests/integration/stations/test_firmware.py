"""Firmware campaigns: in waves, proven by the next boot, stopped when it goes wrong."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from stations import firmware, limits
from stations.models import (
    Command,
    FirmwareJob,
    OperationLimits,
    Session,
    Station,
)
from tests.cast import Cast
from tests.integration.stations import firmware_scene
from tests.integration.stations.firmware_scene import MINUTE, NOW, campaign, jobs, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    return firmware_scene.nine_stations()


def boots(job: FirmwareJob, version: str, at: datetime = NOW) -> None:
    told(
        job, "BootNotification", {"chargePointVendor": "Nordkraft", "firmwareVersion": version}, at
    )


def test_a_campaign_goes_from_one_station_to_all_by_itself(made: Cast) -> None:
    row = campaign(made)
    at, sizes = NOW, []
    for _ in range(6):
        firmware.run_campaigns(as_of=at)
        asked = jobs("asked")
        sizes.append(len(asked))
        for job in asked:
            boots(job, "2.0", at)
        at += MINUTE

    row.refresh_from_db()
    # 9 stations: 1 %, 10 % and 100 % of them; a tenth of nine is the one that has it already
    assert [size for size in sizes if size] == [1, 8]
    assert (row.state, len(jobs("proven"))) == ("done", 9)


def test_nobody_is_asked_twice_by_two_workers_or_a_second_sweep(made: Cast) -> None:
    campaign(made, waves=(100,))

    asked = [firmware.run_campaigns(as_of=NOW) for _ in range(3)]

    assert asked == [9, 0, 0]
    assert Command.objects.filter(action="update_firmware").count() == 9


def test_a_wave_that_fails_holds_the_rest(made: Cast) -> None:
    row = campaign(made)
    firmware.run_campaigns(as_of=NOW)
    (first,) = jobs("asked")

    told(first, "FirmwareStatusNotification", {"status": "InstallationFailed"})
    firmware.run_campaigns(as_of=NOW)

    row.refresh_from_db()
    assert (row.state, row.stop_reason) == ("paused", "1 of 1 stations of wave 1 failed.")
    assert len(jobs("waiting")) == 8
    assert firmware.run_campaigns(as_of=NOW + timedelta(days=1)) == 0


def test_a_few_failures_are_borne(made: Cast) -> None:
    row = campaign(made, waves=(100,), max_failed_percent=20)
    firmware.run_campaigns(as_of=NOW)
    for job in jobs("asked")[:1]:
        told(job, "FirmwareStatusNotification", {"status": "DownloadFailed"})
    for job in jobs("asked"):
        boots(job, "2.0")

    firmware.run_campaigns(as_of=NOW)

    row.refresh_from_db()
    assert row.state == "done"


def test_who_does_not_come_back_has_failed(made: Cast) -> None:
    row = campaign(made, back_within_min=30)
    firmware.run_campaigns(as_of=NOW)
    (job,) = jobs("asked")
    told(job, "FirmwareStatusNotification", {"status": "Installing"}, NOW)
    Station.objects.filter(pk=job.station_id).update(is_online=False)

    firmware.run_campaigns(as_of=NOW + 29 * MINUTE)
    job.refresh_from_db()
    assert job.state == "install"
    firmware.run_campaigns(as_of=NOW + 31 * MINUTE)

    job.refresh_from_db()
    row.refresh_from_db()
    assert job.error == "Not back within 30 min. It last said Installing. It is offline."
    assert row.state == "paused"


def test_installed_is_proven_by_the_boot_and_disproven_by_the_old_version(made: Cast) -> None:
    campaign(made, waves=(100,))
    firmware.run_campaigns(as_of=NOW)
    liar, honest, early = jobs("asked")[:3]
    for job in (liar, honest):
        told(job, "FirmwareStatusNotification", {"status": "Installed"})
        job.refresh_from_db()
        assert job.state == "written"
    # boots once more before it installs: that says nothing
    boots(early, "1.0")

    boots(liar, "1.0")
    boots(honest, "2.0")

    for job in (liar, honest, early):
        job.refresh_from_db()
    assert (liar.state, liar.error) == ("failed", "It said installed, and boots with 1.0.")
    assert (honest.state, early.state) == ("proven", "asked")


def test_a_lost_report_is_made_good_by_what_the_station_calls_itself(made: Cast) -> None:
    campaign(made)
    firmware.run_campaigns(as_of=NOW)
    (job,) = jobs("asked")
    Station.objects.filter(pk=job.station_id).update(firmware_version="2.0")

    firmware.run_campaigns(as_of=NOW)

    job.refresh_from_db()
    assert job.state == "proven"


def test_words_out_of_order_take_nothing_back(made: Cast) -> None:
    campaign(made)
    firmware.run_campaigns(as_of=NOW)
    (job,) = jobs("asked")

    for word in ("Installing", "Downloaded", "Idle", "Gargling"):
        told(job, "FirmwareStatusNotification", {"status": word})

    job.refresh_from_db()
    assert (job.state, job.status) == ("install", "Gargling")


def test_a_station_is_asked_when_it_is_idle_online_and_in_its_hours(made: Cast) -> None:
    stations = list(Station.objects.filter(ocpp_version="1.6").order_by("pk"))
    Station.objects.filter(pk=stations[0].pk).update(is_online=False)
    Session.objects.create(
        operator=made.operator,
        station=stations[1],
        connector=stations[1].connectors.all()[0],
        ocpp_transaction_id="1",
        started_at=NOW,
        received_at=NOW,
    )
    campaign(made, waves=(100,))

    firmware.run_campaigns(as_of=NOW)

    waiting = {job.station_id for job in jobs("waiting")}
    assert waiting == {stations[0].pk, stations[1].pk}


@pytest.mark.parametrize(
    ("window", "hour", "is_open"),
    [
        ((1, 5), 2, True),
        ((1, 5), 5, False),
        ((22, 4), 23, True),
        ((22, 4), 3, True),
        ((22, 4), 12, False),
        ((0, 0), 12, True),
    ],
)
def test_the_hours_are_those_of_the_site(
    made: Cast, window: tuple[int, int], hour: int, is_open: bool
) -> None:
    row = campaign(made, window_from=time(window[0]), window_to=time(window[1]))
    # Stockholm in November is an hour ahead of UTC
    at = datetime(2026, 11, 22, tzinfo=UTC) + timedelta(hours=hour - 1)

    assert firmware.waves.is_in_window(row, made.ac_station, at) is is_open


def test_the_kill_switch_holds_everything_and_asks_go_on_after_it(made: Cast) -> None:
    campaign(made)
    halt: dict[str, Any] = {
        "operator_id": made.operator.pk,
        "changed_by": made.cilla,
        "as_of": NOW,
    }
    limits.set_halted(is_halted=True, **halt)

    assert firmware.run_campaigns(as_of=NOW) == 0
    limits.set_halted(is_halted=False, **halt)
    assert firmware.run_campaigns(as_of=NOW) == 1


def test_many_stations_need_a_second_person(made: Cast) -> None:
    OperationLimits.objects.update(approval_above=3)
    row = campaign(made)
    row.refresh_from_db()
    assert row.state == "waiting"
    assert firmware.run_campaigns(as_of=NOW) == 0

    with pytest.raises(firmware.NotYours):
        firmware.approve_campaign(campaign=row, user=made.cilla, as_of=NOW)
    firmware.approve_campaign(campaign=row, user=made.dag, as_of=NOW)

    assert firmware.run_campaigns(as_of=NOW) == 1


def test_a_paused_campaign_asks_nobody_and_a_stopped_one_never_again(made: Cast) -> None:
    row = campaign(made)
    move: dict[str, Any] = {"campaign": row, "user": made.cilla, "as_of": NOW}
    firmware.pause_campaign(**move)
    assert firmware.run_campaigns(as_of=NOW) == 0
    firmware.resume_campaign(**move)
    firmware.stop_campaign(**move)

    assert firmware.run_campaigns(as_of=NOW) == 0
    assert {job.error for job in jobs("skipped")} == {"The campaign was stopped."}
    with pytest.raises(firmware.CampaignInvalid):
        firmware.resume_campaign(**move)
