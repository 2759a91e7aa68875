"""What a person or a program has a station do: checked first, asked for once, written down."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction

from chargenet.core import audit
from chargenet.core.models import User
from stations import commands
from stations.models import Command, Station

LIFETIME: Final = timedelta(minutes=2)
LONGEST_LIFETIME: Final = timedelta(days=1)
PER_MINUTE: Final = 60
MINUTE: Final = timedelta(minutes=1)
LONGEST_KEY: Final = 64
# Nobody reads a command that is longer, and no station keeps it.
MOST_BYTES: Final = 64 * 1024


class TooManyCommands(Exception):
    """The person has asked for enough commands this minute; `retry_after_s` says when again."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"{PER_MINUTE} commands a minute; try again in {retry_after_s} s")
        self.retry_after_s = retry_after_s


class KeyUsedOtherwise(ValueError):
    """The idempotency key stands for another command."""


@transaction.atomic
def order_command(
    *,
    station: Station,
    action: str,
    payload: Mapping[str, Any],
    requested_by: User | None,
    as_of: datetime,
    lifetime: timedelta = LIFETIME,
    idempotency_key: str = "",
) -> tuple[Command, bool]:
    """Queue one command; return it, and whether it is new.

    The same key, or the same command while it is under way, is one command. Raises
    commands.CommandUnfit, TooManyCommands, KeyUsedOtherwise.
    """
    asked = _hash(station, action, payload)
    kept = _find_by_key(station, idempotency_key, asked)
    if kept is not None:
        return kept, False
    if len(json.dumps(payload)) > MOST_BYTES:
        raise commands.CommandUnfit("The payload is too long.")
    commands.require_fit(station=station, action=action, payload=payload)
    if requested_by is not None:
        _require_patience(requested_by, as_of)
    command, is_new = commands.send_command_once(
        station=station,
        action=action,
        payload=payload,
        requested_by=requested_by,
        as_of=as_of,
        lifetime=min(lifetime, LONGEST_LIFETIME),
    )
    if idempotency_key and not command.idempotency_key:
        command = _keep_key(command, idempotency_key, asked)
    if is_new:
        _write_down(command, as_of)
    return command, is_new


def _write_down(command: Command, as_of: datetime) -> None:
    audit.record(
        operator_id=command.operator_id,
        user_id=command.requested_by_id,
        action=f"command.{command.action}"[:60],
        object_type="command",
        object_id=command.pk,
        as_of=as_of,
        details={"station_id": command.station_id},
    )


def _keep_key(command: Command, key: str, asked: str) -> Command:
    try:
        with transaction.atomic():
            Command.objects.filter(pk=command.pk, idempotency_key="").update(
                idempotency_key=key, request_hash=asked
            )
    except IntegrityError as error:
        # two requests with one key met: the other one's command stands for both
        raise KeyUsedOtherwise("The key is in use by another command.") from error
    command.idempotency_key = key
    return command


def _find_by_key(station: Station, key: str, asked: str) -> Command | None:
    if not key:
        return None
    kept = Command.objects.filter(operator_id=station.operator_id, idempotency_key=key).first()
    if kept is not None and kept.request_hash != asked:
        raise KeyUsedOtherwise("The key stands for another command.")
    return kept


def _require_patience(user: User, as_of: datetime) -> None:
    """Raise TooManyCommands for a person in a loop; counted in the store, Redis may be away."""
    recent = Command.objects.filter(requested_by=user, created_at__gt=as_of - MINUTE, origin="")
    oldest = recent.order_by("-created_at").values_list("created_at", flat=True)[
        PER_MINUTE - 1 : PER_MINUTE
    ]
    for created_at in oldest:
        left = (created_at + MINUTE - as_of).total_seconds()
        raise TooManyCommands(max(1, int(left)))


def _hash(station: Station, action: str, payload: Mapping[str, Any]) -> str:
    asked = json.dumps([station.pk, action, dict(payload)], sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()
