"""Firmware campaigns: in waves, proven by the next boot, stopped when it goes wrong."""

import base64
import io
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client

from chargenet.core import sealing
from chargenet.core.models import User
from stations import certificates, firmware, followups, limits
from stations.models import (
    Command,
    FirmwareCampaign,
    FirmwareImage,
    FirmwareJob,
    OperationLimits,
    Session,
    Station,
    StationReport,
    TransferLink,
)
from tests.cast import Cast, make_cast, make_station

pytestmark = pytest.mark.django_db
AsWeb = Callable[[User | None], AbstractContextManager[None]]
NOW = datetime.now(UTC).replace(microsecond=0)
MINUTE = timedelta(minutes=1)
CONTENT = b"firmware " * 40_000


@pytest.fixture
def made() -> Cast:
    made = make_cast()
    OperationLimits.objects.create(
        operator=made.operator, may_install_unsigned=True, approval_above=100
    )
    for number in range(8):
        make_station(made.location, f"NORD-X-{number}")
    Station.objects.update(
        is_online=True, vendor="Nordkraft", firmware_version="1.0", security_profile=1
    )
    return made


def signed(content: bytes) -> dict[str, str]:
    """Return a signature over a file and the certificate of who made it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Nordkraft")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return {
        "signature": base64.b64encode(key.sign(content, ec.ECDSA(hashes.SHA256()))).decode(),
        "signing_certificate": certificate.public_bytes(serialization.Encoding.PEM).decode(),
    }


def trust(made: Cast, maker: str) -> None:
    """Have the operator trust who made an image."""
    certificates.add_authorities(
        operator=made.operator, use="manufacturer", text=maker, added_by=made.cilla, as_of=NOW
    )


def image(made: Cast, content: bytes = CONTENT, **more: Any) -> FirmwareImage:
    known: dict[str, Any] = {"vendor": "Nordkraft", "version": "2.0", "file_name": "fw.bin"}
    return firmware.add_image(
        operator=made.operator,
        plan=firmware.ImagePlan(**known | more),
        source=io.BytesIO(content),
        uploaded_by=made.cilla,
        as_of=NOW,
    )


def campaign(made: Cast, kept: FirmwareImage | None = None, **more: Any) -> FirmwareCampaign:
    plan: dict[str, Any] = {"name": "Autumn", "rest_min": 0} | more
    row = firmware.plan_campaign(
        image=kept or image(made),
        stations=Station.objects.filter(ocpp_version="1.6"),
        plan=firmware.CampaignPlan(**plan),
        requested_by=made.cilla,
        as_of=NOW,
    )
    firmware.confirm_campaign(campaign=row, user=made.cilla, as_of=NOW)
    return row


def jobs(state: str) -> list[FirmwareJob]:
    return list(FirmwareJob.objects.filter(state=state).order_by("pk"))


def boots(job: FirmwareJob, version: str, at: datetime = NOW) -> None:
    told(
        job, "BootNotification", {"chargePointVendor": "Nordkraft", "firmwareVersion": version}, at
    )


def told(job: FirmwareJob, kind: str, payload: dict[str, Any], at: datetime = NOW) -> None:
    StationReport.objects.create(
        operator_id=job.operator_id,
        station_id=job.station_id,
        kind=kind,
        payload=payload,
        received_at=at,
    )
    followups.follow_station(station_id=job.station_id, as_of=at)


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


def test_an_unsigned_image_is_for_nobody_who_demands_a_signature(made: Cast) -> None:
    kept = image(made)
    Station.objects.filter(identity="NORD-X-1").update(security_profile=2)
    campaign(made, kept)
    assert [job.error for job in jobs("skipped")] == ["It demands a signed image."]

    OperationLimits.objects.update(may_install_unsigned=False)
    with pytest.raises(firmware.FirmwareUnsigned):
        campaign(made, kept)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"file_name": "page.html"}, "file"),
        ({"file_name": "../../etc/passwd"}, "file"),
        ({"content": b""}, "file"),
        ({"vendor": ""}, "vendor"),
        ({"version": ""}, "version"),
        ({"signature": "c2ln"}, "signature"),
        ({"signature": "c2ln", "signing_certificate": "no PEM"}, "signature"),
        ({**signed(b"another file")}, "signature"),
        ({**signed(CONTENT), "signature": "~~~"}, "signature"),
    ],
)
def test_an_image_that_is_not_what_it_should_be_is_not_kept(
    made: Cast, more: dict[str, Any], field: str
) -> None:
    with pytest.raises(firmware.ImageRefused) as refused:
        image(made, **more)

    assert refused.value.field == field
    assert not FirmwareImage.objects.exists()


def test_a_1_6_station_without_signed_updates_is_asked_the_old_way(made: Cast) -> None:
    proof = signed(CONTENT)
    trust(made, proof["signing_certificate"])
    campaign(made, image(made, CONTENT, **proof))
    firmware.run_campaigns(as_of=NOW)
    (job,) = jobs("asked")
    Command.objects.update(state="error", error="NotImplemented", finished_at=NOW)

    followups.follow_station(station_id=job.station_id, as_of=NOW)

    job.refresh_from_db()
    first, second = Command.objects.order_by("pk")
    assert "signature" in first.payload
    assert "signature" not in second.payload
    assert (job.state, job.command_id) == ("asked", second.pk)
    # and once only: a second refusal is the end
    Command.objects.filter(pk=second.pk).update(
        state="error", error="NotSupported", finished_at=NOW
    )
    followups.follow_station(station_id=job.station_id, as_of=NOW)
    job.refresh_from_db()
    assert job.state == "failed"


@pytest.mark.parametrize(
    ("state", "error", "expected"),
    [
        ("accepted", "", "asked"),
        ("rejected", "", "failed"),
        ("error", "InternalError", "failed"),
        ("expired", "", "waiting"),
        ("timeout", "", "asked"),
        ("unknown", "", "asked"),
    ],
)
def test_how_the_asking_ended_decides_what_follows(
    made: Cast, state: str, error: str, expected: str
) -> None:
    campaign(made)
    firmware.run_campaigns(as_of=NOW)
    (job,) = jobs("asked")
    Command.objects.update(state=state, error=error, finished_at=NOW)

    followups.follow_station(station_id=job.station_id, as_of=NOW)

    job.refresh_from_db()
    assert job.state == expected


def fetch(as_web: AsWeb, path: str, **headers: str) -> tuple[int, bytes]:
    with as_web(None):
        answer = Client().get(path, headers=headers)
        content = b"".join(answer) if answer.streaming else answer.content
    return answer.status_code, content


def path_of(job: FirmwareJob) -> str:
    command = Command.objects.get(origin=f"firmware:{job.pk}")
    assert command.sealed is not None
    return urlsplit(str(json.loads(sealing.unseal(bytes(command.sealed)))["url"])).path


def test_a_station_fetches_its_image_whole_or_in_parts_and_only_while_it_needs_it(
    made: Cast, as_web: AsWeb
) -> None:
    campaign(made)
    firmware.run_campaigns(as_of=NOW)
    (job,) = jobs("asked")
    path = path_of(job)

    assert fetch(as_web, path) == (200, CONTENT)
    assert fetch(as_web, path, range="bytes=0-9") == (206, CONTENT[:10])
    assert fetch(as_web, path, range="bytes=-5") == (206, CONTENT[-5:])
    assert fetch(as_web, path, range=f"bytes={len(CONTENT)}-")[0] == 416
    assert fetch(as_web, path, range="bytes=7-") == (206, CONTENT[7:])
    # three whole deliveries were promised, a part in the middle is none
    assert fetch(as_web, path)[0] == 404


def test_the_address_closes_when_the_station_has_the_file(made: Cast, as_web: AsWeb) -> None:
    campaign(made)
    firmware.run_campaigns(as_of=NOW)
    (job,) = jobs("asked")
    path = path_of(job)
    assert fetch(as_web, path)[0] == 200

    told(job, "FirmwareStatusNotification", {"status": "Downloaded"})

    assert fetch(as_web, path)[0] == 404
    assert TransferLink.objects.get().last_used_from == "127.0.0.1"
