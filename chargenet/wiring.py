"""Who is woken by what: the whole wiring of the product on one page."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from kombu.exceptions import OperationalError

from chargenet import nudging
from chargenet.celery import DEFAULT, SLOW, URGENT, app, run_many
from chargenet.core import events
from chargenet.core.events import Event
from stations import commands

logger = logging.getLogger(__name__)

# Nudges in one message: a second or two of work, far below a task's time limit; of what cannot
# wait so few that the next is soon another worker's, and of a flood so many for each of several.
MANY, FEW, SHARED_BY = 50, 8, 4
DAY_S = 24 * 3600

# Each subscriber has a sweep that finds by query what a lost nudge left (BEAT below).
SUBSCRIBERS: dict[Event, tuple[str, ...]] = {
    Event.STATION_CONNECTED: (
        "faults.tasks.examine_station",
        "faults.tasks.heal_station",
        "faults.tasks.note_surroundings",
        "stations.tasks.reconcile_station",
    ),
    Event.STATION_DISCONNECTED: (
        "faults.tasks.examine_station",
        "faults.tasks.note_surroundings",
        "stations.tasks.reconcile_station",
    ),
    Event.STATION_REPORTED: ("stations.tasks.follow_station",),
    Event.STATUS_CHANGED: ("faults.tasks.examine_station",),
    Event.OBSERVATION_RECORDED: ("faults.tasks.examine_station",),
    Event.IMPAIRMENT_CHANGED: (),
    Event.SESSION_STARTED: (
        "stations.tasks.reconcile_station",
        "stations.tasks.match_reservations",
    ),
    Event.SESSION_COMPLETED: (
        "billing.tasks.rate_session",
        "faults.tasks.examine_station",
        "stations.tasks.reconcile_station",
        "stations.tasks.keep_signed",
    ),
    Event.COMMAND_FINISHED: ("stations.tasks.follow_station", "faults.tasks.examine_station"),
    Event.CDR_RATED: ("revenue.tasks.post_cdr",),
    Event.INVOICE_ISSUED: ("revenue.tasks.post_invoice",),
    Event.INVOICE_RUN_ASKED: ("billing.tasks.work_on_run",),
    Event.PAYMENT_REPORTED: ("billing.tasks.settle_webhook",),
    Event.PAYMENT_SETTLED: ("revenue.tasks.post_payment",),
    Event.REFUND_MADE: ("revenue.tasks.post_refund",),
    Event.CUSTOMER_ERASED: ("billing.tasks.forget_login",),
    Event.FAULT_OPENED: ("faults.tasks.heal_fault",),
    Event.FAULT_CLEARED: ("faults.tasks.heal_fault",),
    Event.TICKET_CHANGED: ("faults.tasks.examine_station",),
    Event.TRIAL_ASKED: ("faults.tasks.run_trial",),
}

# Between a station's word and the ticket before a person there is nothing but these.
AT_ONCE = frozenset(
    {"faults.tasks.examine_station", "faults.tasks.heal_fault", "faults.tasks.heal_station"}
)
# A network that comes back all at once must not stand before what one station just told.
IN_TURN = frozenset({Event.STATION_CONNECTED, Event.STATION_DISCONNECTED})
# A minute of work or more that a person asked for and comes back to.
AT_LEISURE = frozenset({"faults.tasks.run_trial", "billing.tasks.work_on_run"})
# What is done less often than this can wait for its turn behind what takes minutes.
SELDOM_S = 600

# A broker forgets, and a beat that begins anew counts from then: a day's work is asked for hourly.
MOST_BETWEEN_ASKS_S = 3600
# name: (task, every so many seconds); what is wrapped in `slots.once_a_slot` takes the period from
# here, whoever else asks.
BEAT: dict[str, tuple[str, int]] = {
    "list_quality": ("faults.tasks.list_quality", DAY_S),
    "sweep_probes": ("faults.tasks.sweep_probes", 60),
    "retry_failed_rules": ("faults.tasks.retry_failed_rules", 600),
    "relay_outbox": ("faults.tasks.relay_outbox", 10),
    "gather_notices": ("faults.tasks.gather_notices", 10),
    "escalate_tickets": ("faults.tasks.escalate_tickets", 30),
    "send_digests": ("faults.tasks.send_digests", 3600),
    "sweep_proofs": ("chargenet.dashboard.tasks.sweep_proofs", 60),
    "sweep_silent_stations": ("faults.tasks.sweep_silent_stations", 15),
    "sweep_unexamined": ("faults.tasks.sweep_unexamined", 60),
    "sweep_usage": ("faults.tasks.sweep_usage", 60),
    "sweep_wide": ("faults.tasks.sweep_wide", 15),
    "ping_checker": ("faults.tasks.ping_checker", 60),
    "sweep_cohorts": ("faults.tasks.sweep_cohorts", 6 * 3600),
    "sweep_peers": ("faults.tasks.sweep_peers", DAY_S),
    "sweep_trials": ("faults.tasks.sweep_trials", 600),
    "weigh_rules": ("faults.tasks.weigh_rules", DAY_S),
    "sweep_healings": ("faults.tasks.sweep_healings", 15),
    "sweep_healing_proofs": ("faults.tasks.sweep_healing_proofs", 3600),
    "settle_uptime": ("faults.tasks.settle_uptime", DAY_S),
    "settle_uptime_of_today": ("faults.tasks.settle_uptime_of_today", 900),
    "sweep_cables": ("faults.tasks.sweep_cables", 600),
    "sweep_unrated_sessions": ("billing.tasks.sweep_unrated_sessions", 60),
    "recheck_yesterday": ("billing.tasks.recheck_yesterday", DAY_S),
    "sweep_due_invoices": ("billing.tasks.sweep_due_invoices", 3600),
    "sweep_runs": ("billing.tasks.sweep_runs", 60),
    "sweep_archive": ("billing.tasks.sweep_archive", 60),
    "sweep_reminders": ("billing.tasks.sweep_reminders", 3600),
    "relay_invoices": ("billing.tasks.relay_invoices", 20),
    "sweep_erased_logins": ("billing.tasks.sweep_erased_logins", 3600),
    "sweep_open_payments": ("billing.tasks.sweep_open_payments", 60),
    "sweep_webhooks": ("billing.tasks.sweep_webhooks", 60),
    "deliver_demo_events": ("billing.tasks.deliver_demo_events", 10),
    "sweep_unposted": ("revenue.tasks.sweep_unposted", 30),
    "sweep_unposted_history": ("revenue.tasks.sweep_unposted_history", 3600),
    "sweep_unfollowed": ("stations.tasks.sweep_unfollowed", 30),
    "sweep_certificates": ("stations.tasks.sweep_certificates", 60),
    "warn_of_ends": ("stations.tasks.warn_of_ends", DAY_S),
    "sweep_endings": ("stations.tasks.sweep_endings", 60),
    "sweep_doubts": ("stations.tasks.sweep_doubts", 30),
    "sweep_commissionings": ("stations.tasks.sweep_commissionings", 10),
    "sweep_signals": ("stations.tasks.sweep_signals", 600),
    "sweep_running_costs": ("chargenet.dashboard.tasks.sweep_running_costs", 15),
    "sweep_lists": ("stations.tasks.sweep_lists", 30),
    "sweep_reservations": ("stations.tasks.sweep_reservations", 30),
    "sweep_signed": ("stations.tasks.sweep_signed", 600),
    "sweep_groups": ("stations.tasks.sweep_groups", 15),
    "sweep_partitions": ("stations.tasks.sweep_partitions", 3600),
    "sweep_old_frames": ("stations.tasks.sweep_old_frames", DAY_S),
    "sweep_bulks": ("stations.tasks.sweep_bulks", 2),
    "sweep_campaigns": ("stations.tasks.sweep_campaigns", 15),
    "sweep_logs": ("stations.tasks.sweep_logs", 300),
    "sweep_old_reports": ("stations.tasks.sweep_old_reports", 3600),
    "sweep_payments": ("chargenet.dashboard.tasks.sweep_payments", 60),
    "sweep_settled_inbox": ("chargenet.dashboard.tasks.sweep_settled_inbox", DAY_S),
}


def send_to_workers(news: list[events.News]) -> None:
    """Nudge the subscribers of each piece of news, all over one connection, and the open pages.

    A broker that is away costs a log line: the sweeps find the work.
    """
    nudging.push(news)
    calls = list(_calls(news))
    if not calls:
        return
    try:
        with app.producer_pool.acquire(block=True, timeout=2) as producer:
            for lane, task, kwargs in calls:
                app.send_task(
                    task,
                    kwargs=kwargs,
                    producer=producer,
                    queue=lane,
                    retry=False,
                    ignore_result=True,
                    # For the worker's log only, and dearer to write than the message itself.
                    argsrepr="",
                    kwargsrepr="",
                )
    except (OperationalError, OSError) as error:
        logger.warning("broker away, sweeps will find it calls=%d error=%s", len(calls), error)


def _lane_of(event: Event, task: str) -> str:
    """Return the lane a nudge of a task travels in."""
    if task in AT_LEISURE:
        return SLOW
    return URGENT if task in AT_ONCE and event not in IN_TURN else DEFAULT


def _calls(news: list[events.News]) -> Iterator[tuple[str, str, dict[str, object]]]:
    """Yield what to send, with its lane: one message for many nudges, for a message costs most."""
    nudges: dict[tuple[str, str], list[dict[str, int]]] = {}
    for event, ids in news:
        for task in SUBSCRIBERS[event]:
            nudges.setdefault((_lane_of(event, task), task), []).append(dict(ids))
    for (lane, task), many in nudges.items():
        if len(many) == 1:
            yield lane, task, dict(many[0])
            continue
        most = min(max(FEW, len(many) // SHARED_BY), MANY) if lane == URGENT else MANY
        for start in range(0, len(many), most):
            yield lane, run_many.name, {"task": task, "many": many[start : start + most]}


class _Speech:
    """What stations understand, read when the first command is asked for: schemas are many."""

    def complaints(self, version: str, action: str, payload: Mapping[str, Any]) -> list[str]:
        from stations.ocpp import checking

        return checking.complaints(version, action, payload)

    def known_actions(self, version: str) -> list[str]:
        from stations.ocpp import checking

        return checking.known_actions(version)


class _Costs:
    """Billing's running costs, for the screens of stations."""

    def costs_of(self, session_ids: Sequence[int], as_of: datetime) -> Mapping[int, str]:
        from billing import queries

        return queries.running_costs(session_ids, as_of)

    def tariff_of(self, station_id: int, uid: str, as_of: datetime) -> str:
        from billing import queries

        tariff = queries.driver_tariff(station_id, uid, as_of)
        return "" if tariff is None else tariff.text


def wire() -> None:
    """Bind the event transport and the periodic sweeps; called when Django is ready."""
    from stations.ocpp import ports

    missing = set(Event) - set(SUBSCRIBERS)
    if missing:
        raise ImproperlyConfigured(f"wiring does not name {sorted(missing)}")
    events.bind_transport(send_to_workers)
    commands.bind_speech(_Speech())
    ports.desk.bind(_Costs())
    app.conf.beat_schedule = {
        name: {
            "task": task,
            "schedule": float(asked_s := min(every_s, MOST_BETWEEN_ASKS_S)),
            "kwargs": {"every_s": every_s},
            "options": {
                "expires": float(asked_s),
                "queue": SLOW if every_s >= SELDOM_S else DEFAULT,
            },
        }
        for name, (task, every_s) in BEAT.items()
    }
