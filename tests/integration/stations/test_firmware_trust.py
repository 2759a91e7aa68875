"""Whose firmware is taken, and how a campaign that went wrong goes on."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from stations import certificates, firmware
from stations.models import CertificateAuthority, FirmwareImage
from tests.cast import Cast
from tests.integration.stations import firmware_scene
from tests.integration.stations.firmware_scene import (
    CONTENT,
    MINUTE,
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


def test_an_image_a_stranger_signed_for_himself_is_not_kept(made: Cast) -> None:
    with pytest.raises(firmware.ImageRefused, match="No manufacturer you trust") as refused:
        image(made, CONTENT, **signed(CONTENT))

    assert refused.value.field == "signature"
    assert not FirmwareImage.objects.exists()


def test_the_maker_counts_for_firmware_only_while_it_is_trusted_for_that(made: Cast) -> None:
    proof = signed(CONTENT)
    trust(made, proof["signing_certificate"])
    row = CertificateAuthority.objects.get(use="manufacturer")
    CertificateAuthority.objects.update(use="station")
    with pytest.raises(firmware.ImageRefused):
        image(made, CONTENT, **proof)
    CertificateAuthority.objects.update(use="manufacturer")
    assert image(made, CONTENT, **proof).is_signed

    FirmwareImage.objects.all().delete()
    certificates.drop_authority(authority=row)
    with pytest.raises(firmware.ImageRefused, match="No manufacturer you trust"):
        image(made, CONTENT, **proof)


def test_a_revoked_signer_signs_no_more(made: Cast) -> None:
    proof = signed(CONTENT)
    trust(made, proof["signing_certificate"])
    certificates.revoke(
        operator=made.operator, serial_number="07", revoked_by=made.cilla, as_of=NOW
    )

    with pytest.raises(firmware.ImageRefused, match="was revoked"):
        image(made, CONTENT, **proof)


def test_a_person_goes_on_with_a_campaign_that_held_itself(made: Cast) -> None:
    row = campaign(made)
    firmware.run_campaigns(as_of=NOW)
    (bad,) = jobs("asked")
    told(bad, "FirmwareStatusNotification", {"status": "InstallationFailed"})
    firmware.run_campaigns(as_of=NOW)
    row.refresh_from_db()
    assert (row.state, row.finished_at) == ("paused", None)

    firmware.resume_campaign(campaign=row, user=made.cilla, as_of=NOW + MINUTE)
    later = NOW + 2 * MINUTE
    asked = [firmware.run_campaigns(as_of=later) for _ in range(3)]

    # the failure a person has seen holds nothing any more; the next one does
    assert max(asked) == 8
    for job in jobs("asked")[:1]:
        told(job, "FirmwareStatusNotification", {"status": "InvalidSignature"}, later)
    firmware.run_campaigns(as_of=later)
    row.refresh_from_db()
    assert (row.state, row.stop_reason) == ("paused", "1 of 8 stations of wave 3 failed.")


@pytest.mark.parametrize("step", [firmware.pause_campaign, firmware.stop_campaign])
def test_who_was_asked_is_followed_to_the_end_whatever_became_of_the_campaign(
    made: Cast,
    step: Callable[..., str],
) -> None:
    row = campaign(made)
    firmware.run_campaigns(as_of=NOW)
    step(campaign=row, user=made.cilla, as_of=NOW)

    firmware.run_campaigns(as_of=NOW + timedelta(hours=2))

    assert [job.error for job in jobs("failed")] == ["Not back within 60 min."]
    # and its next campaign can ask it again
    row.refresh_from_db()
    assert row.state in {"paused", "stopped"}
