"""Fault rules and notifications in the background; each task is one verb."""

from celery import shared_task

from chargenet.core import clock, slots
from faults import detection, notifications

SILENT_EVERY_S, UNEXAMINED_EVERY_S, OUTBOX_EVERY_S = 15, 60, 10


@shared_task(name="faults.tasks.examine_station", ignore_result=True)
def examine_station(*, station_id: int | None = None, **_: object) -> None:
    """Look at one station; a ticket without a station is nobody's to look at."""
    if station_id is not None:
        detection.examine_station(station_id=station_id, as_of=clock.now())


@shared_task(name="faults.tasks.sweep_silent_stations", ignore_result=True)
def sweep_silent_stations(**_: object) -> None:
    """Look at the stations that were silent for too long."""
    as_of = clock.now()
    if slots.claim_slot(name="sweep_silent_stations", every_s=SILENT_EVERY_S, as_of=as_of):
        detection.sweep_silent(as_of=as_of)


@shared_task(name="faults.tasks.sweep_unexamined", ignore_result=True)
def sweep_unexamined(**_: object) -> None:
    """Look at the stations whose nudge was lost."""
    as_of = clock.now()
    if slots.claim_slot(name="sweep_unexamined", every_s=UNEXAMINED_EVERY_S, as_of=as_of):
        detection.sweep_unexamined(as_of=as_of)


@shared_task(name="faults.tasks.relay_outbox", ignore_result=True)
def relay_outbox(**_: object) -> None:
    """Send the mail that is due; any number of relays may run at once."""
    notifications.relay_due(as_of=clock.now())
