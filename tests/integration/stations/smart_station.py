"""A station's side of commands, for tests of what follows from their answers."""

from datetime import UTC, datetime, timedelta
from typing import Any

from stations import followups
from stations.models import Command, Connector, Session, Station

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def queued(station: Station) -> list[Command]:
    """Return the commands that wait for a station, the oldest first."""
    return list(Command.objects.filter(station=station, state="queued").order_by("pk"))


def answer(
    command: Command,
    state: str = "accepted",
    body: dict[str, Any] | None = None,
    as_of: datetime = NOW,
) -> None:
    """Let a station answer a command, and follow what that means."""
    default = {"accepted": {"status": "Accepted"}, "rejected": {"status": "Rejected"}}
    is_unsent = state == "expired"
    Command.objects.filter(pk=command.pk).update(
        state=state,
        answer=body or default.get(state),
        sent_at=None if is_unsent else as_of,
        finished_at=as_of,
    )
    followups.follow_station(station_id=command.station_id, as_of=as_of)


def answer_all(station: Station, state: str = "accepted", as_of: datetime = NOW) -> int:
    """Answer until nothing waits any more; returns how many."""
    count = 0
    while waiting := queued(station):
        for command in waiting:
            answer(command, state, as_of=as_of)
            count += 1
    return count


def begin(connector: Connector, transaction: str, at: datetime = NOW) -> Session:
    """Begin a session at a connector."""
    return Session.objects.create(
        operator_id=connector.operator_id,
        station_id=connector.station_id,
        connector=connector,
        ocpp_transaction_id=transaction,
        started_at=at - timedelta(seconds=1),
        received_at=at,
    )


def end(session: Session, at: datetime = NOW) -> None:
    """End a session."""
    Session.objects.filter(pk=session.pk).update(
        state="completed", ended_at=at, energy_wh=1000, completed_at=at
    )
