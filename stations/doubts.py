"""Commands whose answer never came: what was seen of them afterwards says how they ended."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from chargenet.core import events
from chargenet.core.events import Event
from stations import commands
from stations.models import Command, Connector, OcppFrame, Session, Station
from stations.models.places import Status

LOOKED_BACK: Final = timedelta(hours=1)
# A driver who was let in has to plug in; a reset takes its time.
WITHIN: Final = timedelta(minutes=15)
MOST_AT_ONCE: Final = 200
SEEN: Final = "The answer never came; what followed shows that it was done."

Evidence = Callable[[Command, datetime], bool]


def settle_doubts(*, as_of: datetime) -> int:
    """Call accepted what a station evidently did although it never answered; returns how many.

    Nothing is sent again. What left no trace stays unknown.
    """
    doubtful = Command.objects.filter(
        state=Command.State.UNKNOWN, finished_at__gt=as_of - LOOKED_BACK, sent_at__isnull=False
    )
    settled = 0
    for command in doubtful.order_by("id")[:MOST_AT_ONCE]:
        evidence = EVIDENCE.get(command.action)
        if command.sent_at is not None and evidence and evidence(command, command.sent_at):
            settled += _settle(command)
    return settled


def _settle(command: Command) -> int:
    row = Command.objects.filter(pk=command.pk, state=Command.State.UNKNOWN)
    done = row.update(state=Command.State.ACCEPTED, error=SEEN, followed_at=None)
    if done:
        events.publish(
            Event.COMMAND_FINISHED, station_id=command.station_id, command_id=command.pk
        )
    return done


def _has_started(command: Command, sent_at: datetime) -> bool:
    """Say whether the session begun that was asked for (F02.FR.05: by our own number)."""
    here = Session.objects.filter(
        station_id=command.station_id, received_at__range=(sent_at, sent_at + WITHIN)
    )
    if here.filter(remote_start_id=command.pk % 2**31).exists():
        return True
    token = command.payload.get("token") or command.payload.get("idTag")
    return bool(token) and here.filter(remote_start_id=None, id_tag__iexact=token).exists()


def _has_stopped(command: Command, sent_at: datetime) -> bool:
    number = command.payload.get("transaction", command.payload.get("transactionId"))
    return Session.objects.filter(
        station_id=command.station_id,
        ocpp_transaction_id=str(number),
        completed_at__gte=sent_at,
        stop_reason="Remote",
    ).exists()


def _has_booted(command: Command, sent_at: datetime) -> bool:
    return Station.objects.filter(pk=command.station_id, last_boot_at__gte=sent_at).exists()


def _is_switched(command: Command, sent_at: datetime) -> bool:
    places = Connector.objects.filter(
        station_id=command.station_id, status_received_at__gte=sent_at
    )
    evse, wanted = command.payload.get("evse"), command.payload.get("operative")
    if evse:
        places = places.filter(evse__number=evse)
    is_out = places.filter(status=Status.UNAVAILABLE)
    if wanted is False:
        return is_out.exists()
    return wanted is True and places.exists() and not is_out.exists()


def _was_sent(command: Command, sent_at: datetime) -> bool:
    message = command.payload.get("message", command.payload.get("requestedMessage"))
    return OcppFrame.objects.filter(
        station_id=command.station_id,
        received_at__range=(sent_at, sent_at + WITHIN),
        is_inbound=True,
        action=message,
    ).exists()


EVIDENCE: Final[Mapping[str, Evidence]] = {
    commands.REMOTE_START: _has_started,
    "RequestStartTransaction": _has_started,
    "RemoteStartTransaction": _has_started,
    commands.REMOTE_STOP: _has_stopped,
    "RequestStopTransaction": _has_stopped,
    "RemoteStopTransaction": _has_stopped,
    commands.RESET: _has_booted,
    "Reset": _has_booted,
    commands.CHANGE_AVAILABILITY: _is_switched,
    commands.TRIGGER: _was_sent,
    "TriggerMessage": _was_sent,
}
