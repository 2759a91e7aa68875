"""Firmware images: taken in once, hashed, and checked against their signature."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final

from django.db import IntegrityError, transaction

from chargenet.core import audit
from chargenet.core.models import Operator, User
from stations import transfers
from stations.firmware import signing
from stations.models import CertificateAuthority, FirmwareImage, RevokedCertificate
from stations.transfers import Source

FOLDER: Final = "firmware"
# What makers call such files; a page, a script or a picture is none.
ENDINGS: Final = frozenset(
    {".bin", ".img", ".fw", ".hex", ".zip", ".gz", ".tgz", ".xz", ".bz2", ".tar", ".swu", ".upd"}
    | {".raucb", ".mender", ".pkg", ".enc", ".sig", ".efw", ".dat", ".rom", ".update", ".7z"}
)
MAX_SIGNATURE: Final = 800
MAX_CERTIFICATE: Final = 5500


class ImageRefused(ValueError):
    """The image cannot be taken; `field` names what is wrong with it."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True, kw_only=True)
class ImagePlan:
    """What a person says of an image."""

    vendor: str
    version: str
    file_name: str
    model: str = ""
    signature: str = ""
    signing_certificate: str = ""
    notes: str = ""


@transaction.atomic
def add_image(
    *, operator: Operator, plan: ImagePlan, source: Source, uploaded_by: User, as_of: datetime
) -> FirmwareImage:
    """Take an image in; raises ImageRefused, and keeps nothing then."""
    name = transfers.safe_name(plan.file_name, otherwise="")
    _check(plan, name)
    try:
        stored = transfers.store_file(
            source, folder=FOLDER, most_bytes=transfers.MOST_FIRMWARE_BYTES
        )
    except transfers.TooLarge as error:
        megabytes = transfers.MOST_FIRMWARE_BYTES // 2**20
        raise ImageRefused("file", f"The file is longer than {megabytes} MiB.") from error
    try:
        if not stored.size_bytes:
            raise ImageRefused("file", "The file is empty.")
        _check_signature(operator, plan, stored.sha256, as_of)
        image = _keep(operator, plan, name, stored, uploaded_by, as_of)
    except ImageRefused:
        transfers.private_storage().delete(stored.key)
        raise
    audit.record(
        operator_id=operator.pk,
        user_id=uploaded_by.pk,
        action="firmware.add",
        object_type="firmware",
        object_id=image.pk,
        as_of=as_of,
        details={"sha256": stored.sha256, "version": plan.version},
    )
    return image


def _check(plan: ImagePlan, name: str) -> None:
    if not plan.vendor:
        raise ImageRefused("vendor", "Say whose stations it is for.")
    if not plan.version:
        raise ImageRefused("version", "Say which version it is, as the station will report it.")
    if PurePosixPath(name).suffix.lower() not in ENDINGS:
        raise ImageRefused("file", f"A file called {name or '?'} is no firmware we take.")
    if len(plan.signature) > MAX_SIGNATURE:
        raise ImageRefused("signature", f"A signature has at most {MAX_SIGNATURE} characters.")
    if len(plan.signing_certificate) > MAX_CERTIFICATE:
        text = f"A certificate has at most {MAX_CERTIFICATE} characters."
        raise ImageRefused("signing_certificate", text)
    if bool(plan.signature) != bool(plan.signing_certificate):
        raise ImageRefused("signature", "A signature and its certificate come together.")


def _check_signature(operator: Operator, plan: ImagePlan, sha256: str, as_of: datetime) -> None:
    if not plan.signature:
        return
    makers = CertificateAuthority.objects.filter(
        operator=operator, use=CertificateAuthority.Use.MANUFACTURER, is_active=True
    )
    revoked = RevokedCertificate.objects.filter(operator=operator)
    try:
        signing.verify_firmware(
            digest=bytes.fromhex(sha256),
            signature=plan.signature,
            signing_certificate=plan.signing_certificate,
            roots=list(makers.values_list("pem", flat=True)),
            revoked=set(revoked.values_list("serial_number", flat=True)),
            as_of=as_of,
        )
    except signing.FirmwareRefused as error:
        raise ImageRefused("signature", str(error)) from error


def _keep(
    operator: Operator,
    plan: ImagePlan,
    name: str,
    stored: transfers.Stored,
    uploaded_by: User,
    as_of: datetime,
) -> FirmwareImage:
    try:
        with transaction.atomic():
            return FirmwareImage.objects.create(
                operator=operator,
                vendor=plan.vendor[:80],
                model=plan.model[:80],
                version=plan.version[:80],
                file_name=name,
                storage_key=stored.key,
                size_bytes=stored.size_bytes,
                sha256=stored.sha256,
                signature=plan.signature,
                signing_certificate=plan.signing_certificate,
                notes=plan.notes[:500],
                uploaded_by=uploaded_by,
                created_at=as_of,
            )
    except IntegrityError as error:
        raise ImageRefused("file", "This very file is there already.") from error


@transaction.atomic
def withdraw_image(*, image: FirmwareImage, withdrawn_by: User, as_of: datetime) -> bool:
    """Let no new campaign use an image; those that run are stopped by who runs them."""
    done = FirmwareImage.objects.filter(pk=image.pk, withdrawn_at__isnull=True).update(
        withdrawn_at=as_of
    )
    if done:
        audit.record(
            operator_id=image.operator_id,
            user_id=withdrawn_by.pk,
            action="firmware.withdraw",
            object_type="firmware",
            object_id=image.pk,
            as_of=as_of,
        )
    return bool(done)
