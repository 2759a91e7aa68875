"""The line of a bulk command: who is due is sent, who answered is done."""

from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from stations import commands, limits
from stations.models import BulkCommand, BulkState, BulkTarget, Command

ORIGIN: Final = "bulk"
LIFETIME: Final = timedelta(minutes=5)
MINUTE: Final = timedelta(minutes=1)
State = BulkTarget.State

# The line is paced by the clock and kept in the rows: whoever sweeps next goes on where it stands.
# A station with a command of any bulk under way waits, so that two never meet at one station.
DUE = """
SELECT t.id FROM stations_bulktarget t
WHERE t.bulk_id = %s AND t.state = 'waiting' AND t.due_after_s <= %s
    AND NOT EXISTS (SELECT 1 FROM stations_bulktarget o
        WHERE o.station_id = t.station_id AND o.state = 'sent')
ORDER BY t.due_after_s, t.id LIMIT %s FOR UPDATE OF t SKIP LOCKED
"""


def run_bulks(*, as_of: datetime) -> int:
    """Send what is due of every running bulk command; returns how many were sent."""
    sent = 0
    running = BulkCommand.objects.filter(state=BulkState.RUNNING).order_by("pk")
    for pk in list(running.values_list("pk", flat=True)):
        with transaction.atomic():
            bulk = (
                BulkCommand.objects.select_for_update(skip_locked=True, of=("self",))
                .filter(pk=pk, state=BulkState.RUNNING)
                .select_related("requested_by")
                .first()
            )
            if bulk is not None and not limits.is_halted(bulk.operator_id):
                sent += _send_due(bulk, as_of)
                _finish(bulk, as_of)
    return sent


def _send_due(bulk: BulkCommand, as_of: datetime) -> int:
    assert bulk.next_at is not None, "what runs has a beginning"
    passed_s = int((as_of - bulk.next_at).total_seconds())
    with connection.cursor() as cursor:
        cursor.execute(DUE, [bulk.pk, passed_s, _room(bulk, as_of)])
        ids = [pk for (pk,) in cursor.fetchall()]
    for target in BulkTarget.objects.filter(pk__in=ids).select_related("station"):
        target.command = commands.send_command(
            station=target.station,
            action=bulk.action,
            payload=bulk.payload,
            requested_by=bulk.requested_by,
            as_of=as_of,
            lifetime=LIFETIME,
            origin=f"{ORIGIN}:{target.pk}",
        )
        target.state, target.sent_at = State.SENT, as_of
        target.save(update_fields=["command", "state", "sent_at"])
    return len(ids)


def _room(bulk: BulkCommand, as_of: datetime) -> int:
    """Return how many may leave now: after an outage the line has grown, and keeps its pace."""
    minute = BulkTarget.objects.filter(bulk=bulk, sent_at__gt=as_of - MINUTE)
    return max(0, bulk.per_minute - minute.count())


def _finish(bulk: BulkCommand, as_of: datetime) -> None:
    open_targets = BulkTarget.objects.filter(bulk=bulk, state__in=(State.WAITING, State.SENT))
    if not open_targets.exists():
        BulkCommand.objects.filter(pk=bulk.pk).update(state=BulkState.DONE, finished_at=as_of)


def hear_answer(command: Command, as_of: datetime) -> None:
    """Note how one station's command of a bulk ended."""
    number = int(command.origin.partition(":")[2])
    is_done = command.state == Command.State.ACCEPTED
    answer = command.answer or {}
    BulkTarget.objects.filter(
        pk=number, command_id=command.pk, state__in=(State.SENT, State.FAILED)
    ).update(
        state=State.DONE if is_done else State.FAILED,
        outcome=command.state,
        detail=(command.error or str(answer.get("status", "")))[:255],
        finished_at=as_of,
    )


def sweep_lost_answers(*, as_of: datetime) -> int:
    """Close targets whose command is gone or ended unheard: no station is held for ever."""
    stale = BulkTarget.objects.filter(
        state=State.SENT, sent_at__lt=as_of - LIFETIME - timedelta(minutes=5)
    )
    done = 0
    for target in stale.select_related("command")[:500]:
        command = target.command
        if command is not None and command.finished_at is None:
            continue
        outcome = command.state if command else "unknown"
        state = State.DONE if outcome == Command.State.ACCEPTED else State.FAILED
        done += BulkTarget.objects.filter(pk=target.pk, state=State.SENT).update(
            state=state, outcome=outcome, finished_at=as_of
        )
    return done
