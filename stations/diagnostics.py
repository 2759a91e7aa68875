"""Diagnostics and logs: asked for, left at a secret address, kept for who looks into a fault."""

import logging
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from chargenet.core import audit
from chargenet.core.models import User
from stations import commands, retention, transfers
from stations.models import Command, Station, StationLog, StationReport
from stations.transfers import Source

logger = logging.getLogger(__name__)

ORIGIN: Final = "log"
FOLDER: Final = "logs"
# A station gathers a day of logs over a slow line; after that nobody waits for it.
LIFETIME: Final = timedelta(hours=6)
RETRIES: Final = 2
RETRY_EVERY_S: Final = 120
State = StationLog.State
WAITED_FOR: Final = (State.ASKED, State.UPLOADING)
UPLOADING, UPLOADED = "Uploading", "Uploaded"
# Words of either version that end an upload badly.
BAD_WORDS: Final = frozenset(
    {"UploadFailed", "UploadFailure", "BadMessage", "NotSupportedOperation", "PermissionDenied"}
    | {"AcceptedCanceled"}
)


@transaction.atomic
def ask_log(
    *,
    station: Station,
    kind: str,
    requested_by: User | None,
    as_of: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
) -> StationLog:
    """Ask a station for a log at an address of its own; raises commands.CommandUnfit."""
    log = StationLog.objects.create(
        operator_id=station.operator_id,
        station=station,
        kind=StationLog.Kind(kind),
        requested_by=requested_by,
        created_at=as_of,
    )
    url = transfers.make_link(station=station, log=log, lifetime=LIFETIME, as_of=as_of)
    payload = _payload(log, url, since, until)
    commands.require_fit(station=station, action=commands.GET_LOG, payload=payload)
    log.command = commands.send_command(
        station=station,
        action=commands.GET_LOG,
        payload=payload,
        requested_by=requested_by,
        as_of=as_of,
        origin=f"{ORIGIN}:{log.pk}",
    )
    log.save(update_fields=["command"])
    audit.record(
        operator_id=station.operator_id,
        user_id=requested_by.pk if requested_by else None,
        action="log.ask",
        object_type="log",
        object_id=log.pk,
        as_of=as_of,
        details={"station_id": station.pk, "kind": log.kind},
    )
    return log


def _payload(
    log: StationLog, url: str, since: datetime | None, until: datetime | None
) -> dict[str, Any]:
    wanted = {"since": _wire(since), "until": _wire(until)}
    return {
        "kind": log.kind,
        "url": url,
        "request": log.pk,
        "retries": RETRIES,
        "retry_interval": RETRY_EVERY_S,
        **{name: value for name, value in wanted.items() if value is not None},
    }


def _wire(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else None


def take_log(
    *,
    log: StationLog,
    secret: str,
    source: Source,
    file_name: str,
    address: str,
    as_of: datetime,
) -> bool:
    """Keep the file a station leaves; False where its address was used up meanwhile.

    It is never opened, run or shown here: a person downloads it. Raises transfers.TooLarge.
    """
    stored = transfers.store_file(source, folder=FOLDER, most_bytes=transfers.MOST_LOG_BYTES)
    is_first = stored.size_bytes > 0 and transfers.use_link(
        secret, is_upload=True, address=address, as_of=as_of
    )
    if not is_first:
        transfers.private_storage().delete(stored.key)
        return False
    log.storage_key = stored.key
    log.size_bytes, log.sha256 = stored.size_bytes, stored.sha256
    log.file_name = transfers.safe_name(file_name or log.file_name, otherwise=f"log-{log.pk}")
    log.state, log.error = State.RECEIVED, ""
    log.received_at = log.finished_at = as_of
    log.save(
        update_fields=[
            *("storage_key", "size_bytes", "sha256", "file_name"),
            *("state", "error", "received_at", "finished_at"),
        ]
    )
    return True


def hear_answer(command: Command, as_of: datetime) -> None:
    """Note how the asking itself ended; a station without logs says so here."""
    log = _of_origin(command)
    if log is None or log.state not in WAITED_FOR:
        return
    answer = command.answer or {}
    name = str(answer.get("fileName") or answer.get("filename") or "")
    if command.state == Command.State.ACCEPTED:
        StationLog.objects.filter(pk=log.pk, file_name="").update(file_name=name[:255])
        if not name and "status" not in answer:
            # OCPP 1.6 §5.10: no file name means there is nothing to upload
            _fail(log, "The station has nothing to upload.", as_of)
    elif command.state in {Command.State.TIMEOUT, Command.State.UNKNOWN}:
        return  # it may be uploading all the same: the address stays open until it expires
    else:
        _fail(log, command.error or f"The station says {answer.get('status', 'no')}.", as_of)


def hear_status(report: StationReport, as_of: datetime) -> None:
    """Note how an upload goes; the file itself says more than the word."""
    log = _of_report(report)
    word = str(report.payload.get("status", ""))[:40]
    if log is None or not word or word == "Idle":
        return
    StationLog.objects.filter(pk=log.pk).update(status=word)
    if log.state not in WAITED_FOR:
        return
    if word in BAD_WORDS:
        _fail(log, f"The station says {word}.", as_of)
    elif word in {UPLOADING, UPLOADED}:
        StationLog.objects.filter(pk=log.pk, state=State.ASKED).update(state=State.UPLOADING)


def _of_origin(command: Command) -> StationLog | None:
    number = command.origin.partition(":")[2]
    found = StationLog.objects.filter(pk=int(number), station_id=command.station_id)
    return found.first()


def _of_report(report: StationReport) -> StationLog | None:
    """Return the log a status speaks of: by its request, in 1.6 the newest diagnostics."""
    own = StationLog.objects.filter(station_id=report.station_id).order_by("-pk")
    request = report.payload.get("requestId")
    if isinstance(request, int):
        return own.filter(pk=request).first()
    return own.filter(kind=StationLog.Kind.DIAGNOSTICS).first()


def _fail(log: StationLog, why: str, as_of: datetime) -> None:
    done = StationLog.objects.filter(pk=log.pk, state__in=WAITED_FOR).update(
        state=State.FAILED, error=why[:255], finished_at=as_of
    )
    if done:
        transfers.close_links(log=log)


def end_overdue_logs(*, as_of: datetime) -> int:
    """End what was waited for too long; returns how many."""
    overdue = StationLog.objects.filter(state__in=WAITED_FOR, created_at__lt=as_of - LIFETIME)
    ended = list(overdue[:500])
    for log in ended:
        said = f" The station last said {log.status}." if log.status else ""
        _fail(log, f"Nothing came in {LIFETIME // timedelta(hours=1)} hours.{said}", as_of)
    return len(ended)


def forget_logs(*, as_of: datetime) -> int:
    """Forget files and their rows older than their operator keeps them; returns how many."""
    forgotten = 0
    for operator_id, days in retention.kept_days("uploads_kept_days").items():
        old = StationLog.objects.filter(
            operator_id=operator_id, created_at__lt=as_of - timedelta(days=days)
        ).exclude(state__in=WAITED_FOR)
        for log in list(old[:1000]):
            if log.storage_key:
                transfers.private_storage().delete(log.storage_key)
            log.delete()
            forgotten += 1
    return forgotten
