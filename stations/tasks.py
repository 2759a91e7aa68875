"""The stations' periodic work."""

from datetime import datetime

from celery import shared_task

from chargenet.core import clock, slots
from stations import (
    bulk,
    certificates,
    charging,
    commissioning,
    diagnostics,
    doubts,
    endings,
    firmware,
    followups,
    local_lists,
    reservations,
    retention,
    security,
    signatures,
)


@shared_task
@slots.once_a_slot
def sweep_partitions(as_of: datetime) -> None:
    retention.make_partitions(as_of=as_of)


@shared_task
@slots.once_a_slot
def sweep_old_frames(as_of: datetime) -> None:
    retention.forget_frames(as_of=as_of)


@shared_task
@slots.once_a_slot
def sweep_old_reports(as_of: datetime) -> None:
    retention.forget_reports(as_of=as_of)
    retention.forget_commands(as_of=as_of)
    diagnostics.forget_logs(as_of=as_of)


@shared_task
def sweep_logs(**_: object) -> None:
    diagnostics.end_overdue_logs(as_of=clock.now())


@shared_task
def follow_station(*, station_id: int, **_: object) -> None:
    followups.follow_station(station_id=station_id, as_of=clock.now())


@shared_task
def sweep_unfollowed(**_: object) -> None:
    as_of = clock.now()
    for station_id in followups.find_unfollowed(as_of=as_of):
        followups.follow_station(station_id=station_id, as_of=as_of)


@shared_task
def sweep_certificates(**_: object) -> None:
    as_of = clock.now()
    certificates.try_again(as_of=as_of)
    security.note_foreign_stops(as_of=as_of)


@shared_task
@slots.once_a_slot
def warn_of_ends(as_of: datetime) -> None:
    certificates.warn_of_ends(as_of=as_of)


@shared_task
def sweep_commissionings(**_: object) -> None:
    as_of = clock.now()
    for station in commissioning.find_new(as_of=as_of):
        commissioning.begin_due(station=station, as_of=as_of)
    for commissioning_id in commissioning.find_due(as_of=as_of):
        commissioning.advance(commissioning_id=commissioning_id, as_of=as_of)


@shared_task
def sweep_signals(**_: object) -> None:
    as_of = clock.now()
    for station in commissioning.find_unlooked(as_of=as_of):
        commissioning.look_at_signals(station=station, as_of=as_of)


@shared_task
def reconcile_station(*, station_id: int, **_: object) -> None:
    charging.reconcile_station(station_id=station_id, as_of=clock.now())


@shared_task
def sweep_groups(**_: object) -> None:
    charging.sweep_groups(as_of=clock.now())


@shared_task
def sweep_campaigns(**_: object) -> None:
    firmware.run_campaigns(as_of=clock.now())


@shared_task
def match_reservations(*, station_id: int, **_: object) -> None:
    reservations.match_sessions(station_id=station_id, as_of=clock.now())


@shared_task
def sweep_reservations(**_: object) -> None:
    reservations.sweep_expired(as_of=clock.now())


@shared_task
def sweep_lists(**_: object) -> None:
    local_lists.sweep_lists(as_of=clock.now())


@shared_task
def keep_signed(*, session_id: int, **_: object) -> None:
    signatures.keep_signed(session_id=session_id, as_of=clock.now())


@shared_task
def sweep_signed(**_: object) -> None:
    signatures.sweep_signed(as_of=clock.now())


@shared_task
@slots.once_a_slot
def sweep_endings(as_of: datetime) -> None:
    endings.sweep_endings(as_of=as_of)


@shared_task
def sweep_doubts(**_: object) -> None:
    doubts.settle_doubts(as_of=clock.now())


@shared_task
def sweep_bulks(**_: object) -> None:
    as_of = clock.now()
    bulk.run_bulks(as_of=as_of)
    bulk.sweep_lost_answers(as_of=as_of)
