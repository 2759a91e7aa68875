"""Images, campaigns and what stations say of them."""

import base64
import io
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from stations import certificates, firmware, followups
from stations.models import (
    FirmwareCampaign,
    FirmwareImage,
    FirmwareJob,
    OperationLimits,
    Station,
    StationReport,
)
from tests.cast import Cast, make_cast, make_station

NOW = datetime.now(UTC).replace(microsecond=0)

MINUTE = timedelta(minutes=1)
CONTENT = b"firmware " * 40_000


def nine_stations() -> Cast:
    """Make stations whose operator takes unsigned images and needs no second person."""
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


def told(job: FirmwareJob, kind: str, payload: dict[str, Any], at: datetime = NOW) -> None:
    StationReport.objects.create(
        operator_id=job.operator_id,
        station_id=job.station_id,
        kind=kind,
        payload=payload,
        received_at=at,
    )
    followups.follow_station(station_id=job.station_id, as_of=at)
