"""One station's update, from the asking to the boot that proves it."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction

from stations import commands, transfers
from stations.models import Command, FirmwareImage, FirmwareJob, Station, StationReport

ORIGIN: Final = "firmware"
LINK_LIFETIME: Final = timedelta(hours=24)
RETRIES: Final = 2
RETRY_EVERY_S: Final = 300
State = FirmwareJob.State
UNDER_WAY: Final = FirmwareJob.UNDER_WAY
# OCPP's words for how far it came; what is not here changes nothing.
STEPS: Final = {
    "Downloading": State.DOWNLOADING,
    "Downloaded": State.DOWNLOADED,
    "SignatureVerified": State.DOWNLOADED,
    "InstallScheduled": State.DOWNLOADED,
    "Installing": State.INSTALLING,
    "InstallRebooting": State.INSTALLING,
    "Installed": State.INSTALLED,
}
BAD_WORDS: Final = frozenset(
    {"DownloadFailed", "InstallationFailed", "InstallVerificationFailed", "InvalidSignature"}
    | {"RevokedCertificate", "InvalidCertificate"}
)
# The file is wanted no more once the station has it.
HAS_FILE: Final = (State.DOWNLOADED, State.INSTALLING, State.INSTALLED, State.PROVEN)
NOT_KNOWN: Final = ("NotImplemented", "NotSupported")


def demands_signature(station: Station) -> bool:
    """Say whether a station must not be given unsigned firmware.

    The security whitepaper of 1.6 and OCPP 2.x have signed firmware; profiles 2 and 3 mean it.
    """
    return station.security_profile >= 2 or station.ocpp_version not in {"", "1.6"}


@transaction.atomic
def ask(job: FirmwareJob, *, as_of: datetime, is_signed: bool | None = None) -> bool:
    """Ask a station to fetch and install its image; False where another job has it."""
    image, station = job.campaign.image, job.station
    is_signed = image.is_signed if is_signed is None else is_signed
    try:
        with transaction.atomic():
            taken = FirmwareJob.objects.filter(pk=job.pk, state=State.WAITING).update(
                state=State.ASKED,
                asked_at=as_of,
                changed_at=as_of,
                version_before=station.firmware_version,
            )
    except IntegrityError:
        return False  # the database lets one update a station be under way
    if not taken:
        return False
    payload = _payload(job, image, station, is_signed=is_signed, as_of=as_of)
    command = commands.send_command(
        station=station,
        action=commands.UPDATE_FIRMWARE,
        payload=payload,
        requested_by=job.campaign.requested_by,
        as_of=as_of,
        origin=f"{ORIGIN}:{job.pk}",
    )
    FirmwareJob.objects.filter(pk=job.pk).update(command=command)
    return True


def _payload(
    job: FirmwareJob, image: FirmwareImage, station: Station, *, is_signed: bool, as_of: datetime
) -> dict[str, Any]:
    url = transfers.make_link(
        station=station, job=job, uses=RETRIES + 1, lifetime=LINK_LIFETIME, as_of=as_of
    )
    at = as_of.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    payload: dict[str, Any] = {
        "url": url,
        "request": job.pk,
        "retrieve_at": at,
        "retries": RETRIES,
        "retry_interval": RETRY_EVERY_S,
    }
    if is_signed:
        payload["signature"] = image.signature
        payload["signing_certificate"] = image.signing_certificate
    return payload


def hear_answer(command: Command, as_of: datetime) -> None:
    """Note how the asking ended: an order nobody heard is given again later."""
    number = int(command.origin.partition(":")[2])
    job = (
        FirmwareJob.objects.filter(pk=number, command=command, state=State.ASKED)
        .select_related("campaign__image", "station")
        .first()
    )
    if job is None or command.state == Command.State.ACCEPTED:
        return
    if command.state in {Command.State.TIMEOUT, Command.State.UNKNOWN}:
        return  # it may have begun: only its silence, later, says that it did not
    transfers.close_links(job=job)
    if command.state == Command.State.EXPIRED:
        FirmwareJob.objects.filter(pk=job.pk).update(state=State.WAITING, changed_at=as_of)
        return
    may_fall_back = job.campaign.image.is_signed and not demands_signature(job.station)
    if command.error.startswith(NOT_KNOWN) and may_fall_back and not job.error:
        # a 1.6 station without the security extension: the same image, the old way
        FirmwareJob.objects.filter(pk=job.pk).update(
            state=State.WAITING, error="knows no signed update"
        )
        job.state, job.error = State.WAITING, "knows no signed update"
        ask(job, as_of=as_of, is_signed=False)
        return
    status = (command.answer or {}).get("status", "no")
    end(job, State.FAILED, command.error or f"The station says {status}.", as_of)


def hear_status(report: StationReport, as_of: datetime) -> None:
    """Follow a station's words on its update."""
    word = str(report.payload.get("status", ""))[:40]
    job = _job_of(report)
    if job is None or not word or word == "Idle":
        return
    FirmwareJob.objects.filter(pk=job.pk).update(status=word, changed_at=as_of)
    if word in BAD_WORDS:
        end(job, State.FAILED, f"The station says {word}.", as_of)
        return
    step = STEPS.get(word)
    if step is None or list(UNDER_WAY).index(step) < list(UNDER_WAY).index(job.state):
        return
    FirmwareJob.objects.filter(pk=job.pk, state__in=UNDER_WAY).update(state=step)
    if step in HAS_FILE:
        transfers.close_links(job=job)
    if step == State.INSTALLED and job.station.firmware_version == job.campaign.image.version:
        end(job, State.PROVEN, "", as_of)  # it booted first and said so afterwards


def _job_of(report: StationReport) -> FirmwareJob | None:
    """Return the job a status speaks of: by its request, without one the job under way."""
    own = FirmwareJob.objects.filter(
        station_id=report.station_id, state__in=UNDER_WAY
    ).select_related("campaign__image", "station")
    request = report.payload.get("requestId")
    return own.filter(pk=request).first() if isinstance(request, int) else own.first()


def hear_boot(report: StationReport, as_of: datetime) -> None:
    """Let a boot prove an update, or disprove it after the station said that it was done."""
    station = report.payload.get("chargingStation")
    told = station if isinstance(station, dict) else report.payload
    version = str(told.get("firmwareVersion") or "")
    job = (
        FirmwareJob.objects.filter(station_id=report.station_id, state__in=UNDER_WAY)
        .select_related("campaign__image", "station")
        .first()
    )
    if job is None or not version:
        return
    if version == job.campaign.image.version:
        end(job, State.PROVEN, "", as_of)
    elif job.state == State.INSTALLED:
        end(job, State.FAILED, f"It said installed, and boots with {version}."[:255], as_of)


def end(job: FirmwareJob, state: str, why: str, as_of: datetime) -> bool:
    """End a job that is under way, once, and close its address."""
    done = FirmwareJob.objects.filter(pk=job.pk, state__in=(*UNDER_WAY, State.WAITING)).update(
        state=state, error=why[:255], finished_at=as_of, changed_at=as_of
    )
    if done:
        transfers.close_links(job=job)
    return bool(done)
