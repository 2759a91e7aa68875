"""Images: who may be given one, how it is asked for, and its secret address."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from chargenet.core import sealing
from stations import firmware, followups
from stations.models import (
    Command,
    FirmwareImage,
    FirmwareJob,
    OperationLimits,
    Station,
    TransferLink,
)
from tests.as_web import AsWeb
from tests.cast import Cast
from tests.integration.stations import firmware_scene
from tests.integration.stations.firmware_scene import (
    CONTENT,
    NOW,
    campaign,
    image,
    jobs,
    signed,
    told,
    trust,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    return firmware_scene.nine_stations()


def fetch(as_web: AsWeb, path: str, **headers: str) -> tuple[int, bytes]:
    with as_web(None):
        answer = Client().get(path, headers=headers)
        content = b"".join(answer) if answer.streaming else answer.content
    return answer.status_code, content


def path_of(job: FirmwareJob) -> str:
    command = Command.objects.get(origin=f"firmware:{job.pk}")
    assert command.sealed is not None
    return urlsplit(str(json.loads(sealing.unseal(bytes(command.sealed)))["url"])).path


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
