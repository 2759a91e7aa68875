"""Texts on a station's screen (OCPP 2.x block O)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Max

from chargenet.core.models import User
from stations import commands
from stations.models import (
    Command,
    DisplayMessage,
    Session,
    Station,
    StationReport,
)

ORIGIN: Final = "message"
LIFETIME: Final = timedelta(minutes=10)
LONGEST: Final = 512
PRICE_NUMBER: Final = 900_000
SPEAKS_2X: Final = ("2.0.1", "2.1")
State = DisplayMessage.State
ACCEPTED: Final = Command.State.ACCEPTED


class MessageRefused(ValueError):
    """A text no station may be asked to show; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text as somebody wants it shown."""

    text: str
    priority: str = DisplayMessage.Priority.NORMAL
    during: str = ""
    language: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    transaction: str = ""


@transaction.atomic
def show_message(
    *, station: Station, text: Text, requested_by: User | None = None, as_of: datetime
) -> DisplayMessage:
    """Ask a station to show a text (O01, O02, O06). Raises MessageRefused."""
    _check(station, text, as_of)
    Station.objects.select_for_update(no_key=True).get(pk=station.pk)
    rows = DisplayMessage.objects.filter(station=station, number__lt=PRICE_NUMBER)
    number = (rows.aggregate(top=Max("number"))["top"] or 0) + 1
    message = DisplayMessage.objects.create(
        operator_id=station.operator_id,
        station=station,
        number=number,
        priority=text.priority,
        during=text.during,
        text=text.text,
        language=text.language,
        starts_at=text.starts_at,
        ends_at=text.ends_at,
        transaction=text.transaction,
        asked_at=as_of,
    )
    send_message(message, requested_by, as_of)
    return message


def send_message(message: DisplayMessage, requested_by: User | None, as_of: datetime) -> None:
    """Send a text as its row says it."""
    _send(message, commands.SHOW_MESSAGE, said(message), requested_by, as_of)


@transaction.atomic
def clear_message(
    *, message: DisplayMessage, requested_by: User | None = None, as_of: datetime
) -> None:
    """Ask a station to forget a text (O05)."""
    DisplayMessage.objects.filter(pk=message.pk).update(state=State.CLEARING)
    _send(message, commands.CLEAR_MESSAGE, {"id": message.number}, requested_by, as_of)


def read_messages(
    *, station: Station, requested_by: User | None = None, as_of: datetime
) -> Command:
    """Ask a station which texts it shows (O03); raises MessageRefused before OCPP 2."""
    if station.ocpp_version not in SPEAKS_2X:
        raise MessageRefused("a station of OCPP 1.6 has no messages to show")
    return commands.send_command(
        station=station,
        action="GetDisplayMessages",
        payload={"requestId": int(as_of.timestamp()) % 2**31},
        requested_by=requested_by,
        as_of=as_of,
    )


def said(message: DisplayMessage) -> dict[str, Any]:
    """Return a text in the words of our command."""
    return {
        "id": message.number,
        "priority": message.priority,
        "state": message.during,
        "text": message.text,
        "format": message.format,
        "language": message.language,
        "start": _stamp(message.starts_at),
        "end": _stamp(message.ends_at),
        "transaction": message.transaction,
    }


def _stamp(at: datetime | None) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else ""


def _send(
    message: DisplayMessage,
    action: str,
    payload: Mapping[str, Any],
    requested_by: User | None,
    as_of: datetime,
) -> None:
    commands.send_command(
        station=message.station,
        action=action,
        payload=payload,
        requested_by=requested_by,
        as_of=as_of,
        lifetime=LIFETIME,
        origin=f"{ORIGIN}:{message.pk}",
    )


def _check(station: Station, text: Text, as_of: datetime) -> None:
    if station.ocpp_version not in SPEAKS_2X:
        raise MessageRefused("a station of OCPP 1.6 has no messages to show")
    if not text.text.strip() or len(text.text) > LONGEST:
        raise MessageRefused(f"a text has 1 to {LONGEST} characters")
    if text.priority not in DisplayMessage.Priority.values:
        raise MessageRefused("the priority is unknown")
    if text.during not in DisplayMessage.During.values:
        raise MessageRefused("the state is unknown")
    if text.ends_at is not None and text.ends_at <= max(as_of, text.starts_at or as_of):
        raise MessageRefused("the end lies before the beginning, or in the past")
    if (
        text.transaction
        and not station.sessions.filter(
            ocpp_transaction_id=text.transaction, state=Session.State.OPEN
        ).exists()
    ):
        raise MessageRefused("no such session goes on there")  # O06.FR.01


def follow_message(command: Command, as_of: datetime) -> None:
    """Write what a station made of a text."""
    key = int(command.origin.partition(":")[2])
    message = DisplayMessage.objects.filter(pk=key).first()
    if message is None:
        return
    is_clearing = command.action == commands.CLEAR_MESSAGE
    word = str((command.answer or {}).get("status", ""))
    if command.state == ACCEPTED or (is_clearing and word == "Unknown"):
        message.state = State.CLEARED if is_clearing else State.SHOWN
    elif command.state in (Command.State.TIMEOUT, Command.State.UNKNOWN):
        message.state = State.UNSURE
    else:
        message.state = State.SHOWN if is_clearing else State.REFUSED
    message.reason = "" if command.state == ACCEPTED else (word or command.error)[:60]
    message.answered_at = as_of
    message.save(update_fields=["state", "reason", "answered_at"])


def apply_shown(report: StationReport, _as_of: datetime) -> None:
    """Take in which texts a station says it shows (O03, O04); one not ours is kept as found."""
    for row in report.payload.get("messageInfo") or []:
        content = row.get("message") or {}
        if isinstance(content, list):
            content = content[0] if content else {}
        DisplayMessage.objects.update_or_create(
            station_id=report.station_id,
            number=int(row["id"]),
            defaults={"reported_at": report.received_at, "state": State.SHOWN},
            create_defaults={
                "operator_id": report.operator_id,
                "priority": str(row.get("priority", ""))[:12],
                "during": str(row.get("state") or "")[:12],
                "text": str(content.get("content", ""))[:LONGEST],
                "language": str(content.get("language") or "")[:8],
                "state": State.SHOWN,
                "is_ours": False,
                "asked_at": report.received_at,
                "reported_at": report.received_at,
            },
        )
