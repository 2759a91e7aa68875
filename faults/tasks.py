"""Fault rules and notifications in the background; each task is one verb."""

import logging
from datetime import datetime, timedelta
from typing import Any, Final

from celery import Task, shared_task
from celery.exceptions import SoftTimeLimitExceeded
from kombu.exceptions import OperationalError

from chargenet.core import clock, slots
from faults import (
    cables,
    deadman,
    detection,
    healing,
    notifications,
    probing,
    quality,
    tickets,
    trials,
    tuning,
    uptime_days,
)

logger = logging.getLogger(__name__)

# A part that waited longer is asked for again by the next sweep; a site's minute comes hourly.
PART_WAITS_S: Final = 30
SITE_WAITS_S: Final = 3600


@shared_task(name="faults.tasks.examine_station", ignore_result=True)
def examine_station(*, station_id: int | None = None, **ids: object) -> None:
    """Look at one station; a ticket without a station is nobody's to look at."""
    if station_id is None:
        return
    # what we did ourselves leaves no fact of the station's to find
    is_ours = "ticket_id" in ids or "command_id" in ids
    look = detection.examine_station if is_ours else detection.examine_if_news
    look(station_id=station_id, as_of=clock.now())


@shared_task(name="faults.tasks.sweep_silent_stations", ignore_result=True)
@slots.once_a_slot
def sweep_silent_stations(as_of: datetime) -> None:
    """Look at the stations that were silent for too long."""
    detection.sweep_silent(as_of=as_of, hand_on=_hand_on(as_of))


@shared_task(name="faults.tasks.sweep_unexamined", ignore_result=True)
@slots.once_a_slot
def sweep_unexamined(as_of: datetime) -> None:
    """Look at the stations whose nudge was lost."""
    detection.sweep_unexamined(as_of=as_of, hand_on=_hand_on(as_of))


@shared_task(name="faults.tasks.examine_part", ignore_result=True)
def examine_part(*, station_ids: list[int], asked_at: str, **_: object) -> None:
    """Look at some of the stations a sweep found."""
    asked = datetime.fromisoformat(asked_at)
    detection.examine_part(
        station_ids=station_ids, asked_at=asked, as_of=clock.now(), hand_on=_hand_on(asked)
    )


def _hand_on(asked_at: datetime) -> detection.HandOn:
    """Return how stations found at an instant are given to another worker."""

    def hand_on(station_ids: list[int]) -> bool:
        part = {"station_ids": station_ids, "asked_at": asked_at.isoformat()}
        return _send(examine_part, part, PART_WAITS_S)

    return hand_on


def _send(task: "Task[Any, Any]", kwargs: dict[str, Any], waits_s: int) -> bool:
    """Ask the workers for a part of a sweep; say whether the broker took it."""
    try:
        task.apply_async(kwargs=kwargs, expires=waits_s, retry=False, ignore_result=True)
    except (OperationalError, OSError) as error:
        logger.warning("broker away, part not handed on task=%s error=%s", task.name, error)
        return False
    return True


@shared_task(name="faults.tasks.note_surroundings", ignore_result=True)
def note_surroundings(*, station_id: int, **_: object) -> None:
    """Have the site of a station that came or went looked at."""
    detection.note_surroundings(station_id=station_id, as_of=clock.now())


@shared_task(name="faults.tasks.sweep_wide", ignore_result=True)
@slots.once_a_slot
def sweep_wide(as_of: datetime) -> None:
    """Look at sites and networks."""
    detection.sweep_wide(as_of=as_of)


@shared_task(name="faults.tasks.ping_checker", ignore_result=True)
@slots.once_a_slot
def ping_checker(as_of: datetime) -> None:
    """Show somebody outside that we are there."""
    deadman.ping_checker(as_of=as_of)


@shared_task(name="faults.tasks.sweep_cohorts", ignore_result=True)
@slots.once_a_slot
def sweep_cohorts(as_of: datetime) -> None:
    """Compare models and firmwares."""
    detection.sweep_cohorts(as_of=as_of)


@shared_task(name="faults.tasks.sweep_usage", ignore_result=True)
@slots.once_a_slot
def sweep_usage(as_of: datetime) -> None:
    """Look at how the sites of this minute are used."""
    detection.sweep_usage(as_of=as_of, hand_on=_hand_site_on)


@shared_task(name="faults.tasks.examine_usage", ignore_result=True)
def examine_usage(*, location_id: int, after: int = 0, **_: object) -> None:
    """Look at how a site is used, from a station on."""
    detection.examine_usage(
        location_id=location_id, as_of=clock.now(), after=after, hand_on=_hand_site_on
    )


def _hand_site_on(location_id: int, after: int) -> bool:
    return _send(examine_usage, {"location_id": location_id, "after": after}, SITE_WAITS_S)


@shared_task(name="faults.tasks.sweep_peers", ignore_result=True)
@slots.once_a_slot
def sweep_peers(as_of: datetime) -> None:
    """Work out how often connectors are used."""
    detection.sweep_peers(as_of=as_of)


@shared_task(name="faults.tasks.weigh_rules", ignore_result=True)
@slots.once_a_slot
def weigh_rules(as_of: datetime) -> None:
    """Let rules that were wrong too often send nobody out."""
    tuning.weigh_all(as_of=as_of)


@shared_task(name="faults.tasks.retry_failed_rules", ignore_result=True)
@slots.once_a_slot
def retry_failed_rules(as_of: datetime) -> None:
    """Show rules again what they could not bear."""
    for failure_id in detection.due_failures(as_of=as_of):
        try:
            detection.look_again(failure_id=failure_id, as_of=as_of)
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:
            # one that fails in its own way must not keep the others from their turn
            logger.exception("rule not asked again failure=%d", failure_id)
            detection.note_failed_again(failure_id=failure_id, error=error, as_of=as_of)


@shared_task(name="faults.tasks.relay_outbox", ignore_result=True)
def relay_outbox(**_: object) -> None:
    """Send the mail that is due; any number of relays may run at once."""
    notifications.relay_due(as_of=clock.now())


@shared_task(name="faults.tasks.sweep_probes", ignore_result=True)
@slots.once_a_slot
def sweep_probes(as_of: datetime) -> None:
    """Ask idle connectors at night what a healthy one answers, and judge what they said."""
    probing.sweep_probes(as_of=as_of)


@shared_task(
    name="faults.tasks.settle_uptime",
    ignore_result=True,
    # a month of days of every connector, in parts that stay; less than the broker waits for it
    soft_time_limit=540,
    time_limit=570,
)
@slots.once_a_slot
def settle_uptime(as_of: datetime) -> None:
    """Count the uptime of the last month again, with what came late."""
    uptime_days.settle_recent(as_of=as_of)


@shared_task(name="faults.tasks.settle_uptime_of_today", ignore_result=True)
@slots.once_a_slot
def settle_uptime_of_today(as_of: datetime) -> None:
    """Count the uptime of today and yesterday, for the pages."""
    uptime_days.settle_recent(as_of=as_of, back=timedelta(days=2))


@shared_task(name="faults.tasks.gather_notices", ignore_result=True)
def gather_notices(**_: object) -> None:
    """Make messages of what people are to be told."""
    notifications.gather_due(as_of=clock.now())


@shared_task(name="faults.tasks.escalate_tickets", ignore_result=True)
@slots.once_a_slot
def escalate_tickets(as_of: datetime) -> None:
    """Tell somebody else of what nobody has accepted or restored in time."""
    tickets.escalate_due(as_of=as_of)


@shared_task(name="faults.tasks.send_digests", ignore_result=True)
@slots.once_a_slot
def send_digests(as_of: datetime) -> None:
    """Write the weekly letter of what wakes nobody."""
    notifications.send_digests(as_of=as_of)


@shared_task(name="faults.tasks.list_quality", ignore_result=True)
@slots.once_a_slot
def list_quality(as_of: datetime) -> None:
    """List what the records of the last whole week contradict; read daily, written once."""
    quality.list_week(as_of=as_of)


@shared_task(name="faults.tasks.sweep_cables", ignore_result=True)
@slots.once_a_slot
def sweep_cables(as_of: datetime) -> None:
    """Weigh anew which cables to replace next."""
    cables.sweep_lives(as_of=as_of)


@shared_task(name="faults.tasks.heal_fault", ignore_result=True)
def heal_fault(*, fault_id: int, **_: object) -> None:
    """Take the next step about a fault that came or went."""
    healing.heal_fault(fault_id=fault_id, as_of=clock.now())


@shared_task(name="faults.tasks.heal_station", ignore_result=True)
def heal_station(*, station_id: int, **_: object) -> None:
    """Go on with the healings of a station that came back."""
    healing.heal_station(station_id=station_id, as_of=clock.now())


@shared_task(name="faults.tasks.sweep_healings", ignore_result=True)
@slots.once_a_slot
def sweep_healings(as_of: datetime) -> None:
    """Go on with the healings that are due."""
    healing.sweep_healings(as_of=as_of)


@shared_task(name="faults.tasks.sweep_healing_proofs", ignore_result=True)
@slots.once_a_slot
def sweep_healing_proofs(as_of: datetime) -> None:
    """See which healed places have charged since."""
    healing.sweep_proofs(as_of=as_of)


@shared_task(
    name="faults.tasks.run_trial", ignore_result=True, soft_time_limit=240, time_limit=270
)
def run_trial(*, trial_id: int, **_: object) -> None:
    """Try a change of thresholds a person asked for; one that takes too long is given up."""
    try:
        trials.run_trial(trial_id=trial_id, as_of=clock.now())
    except SoftTimeLimitExceeded:
        trials.give_up(trial_id=trial_id)


@shared_task(
    name="faults.tasks.sweep_trials", ignore_result=True, soft_time_limit=240, time_limit=270
)
@slots.once_a_slot
def sweep_trials(as_of: datetime) -> None:
    """Try what waits because its nudge was lost, one at a time."""
    for trial_id in trials.sweep_trials(as_of=as_of)[:1]:
        run_trial.run(trial_id=trial_id)
