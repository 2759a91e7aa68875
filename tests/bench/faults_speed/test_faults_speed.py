"""How soon faults are found at 5,000 connectors: looks, sweeps, the hour and the night.

One process and one connection to PostgreSQL do the work of a worker; FAULTS_CONNECTORS takes other
sizes. What is printed goes into docs/capacity.md.
"""

import json
import os
import time
from collections.abc import Callable
from datetime import timedelta
from statistics import quantiles
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from faults import (
    cables,
    detection,
    healing,
    probing,
    quality,
    queries,
    tickets,
    tuning,
    uptime_days,
)
from faults.models import Fault, Ticket
from stations.models import Connector, Station
from tests.bench.faults_speed import fleet
from tests.bench.faults_speed.fleet import NOON

pytestmark = pytest.mark.usefixtures("committed_db")
CONNECTORS = int(os.environ.get("FAULTS_CONNECTORS", "5000"))
LOOKS = min(200, CONNECTORS // 4)


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def cpu_of(work: Callable[[], object], times: int) -> float:
    began = time.process_time()
    work()
    return round((time.process_time() - began) * 1000 / times, 1)


def shown(samples_ms: list[float]) -> dict[str, float]:
    cuts = quantiles(samples_ms, n=100)
    return {"p50_ms": round(cuts[49], 1), "p99_ms": round(cuts[98], 1)}


def test_how_soon_faults_are_found() -> None:
    stations = fleet.make(CONNECTORS)
    fleet.charge_all()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(json.dumps({"connectors": CONNECTORS, "load": os.getloadavg()}))
    found = looks()
    # printed as they come: at 5,000 connectors the last of them takes minutes
    print(json.dumps(found, indent=1), flush=True)
    print(json.dumps(sweeps(stations), indent=1), flush=True)
    print(json.dumps(rounds(), indent=1), flush=True)
    assert found["message_to_ticket"]["p99_ms"] < 1000


def test_the_night_is_over_in_ten_minutes() -> None:
    fleet.make(CONNECTORS)
    fleet.charge_all()
    found = night()
    print(json.dumps({"connectors": CONNECTORS, "load": os.getloadavg(), **found}), flush=True)
    assert found["together_s"] < 600


def looks() -> dict[str, Any]:
    """Looks of each kind, at stations that were looked at before."""
    some = list(Connector.objects.filter(evse__number=1).order_by("pk")[:LOOKS])
    as_of = NOON + timedelta(seconds=30)

    def look(one: Connector) -> None:
        detection.examine_if_news(station_id=one.station_id, as_of=as_of)

    first = [timed(lambda one=one: look(one)) for one in some]  # type: ignore[misc]
    idle = [timed(lambda one=one: look(one)) for one in some]  # type: ignore[misc]
    for one in some:
        fleet.say(one, "Charging", "", NOON)
    with CaptureQueriesContext(connection) as asked:
        look(some[0])
    status = [timed(lambda one=one: look(one)) for one in some[1:]]  # type: ignore[misc]
    for one in some:
        fleet.finish_session(one, 9999)
    session = [timed(lambda one=one: look(one)) for one in some]  # type: ignore[misc]
    for one in some:
        fleet.say(one, "Faulted", "ReaderFailure", as_of)
    ticket: list[float] = []
    cpu_ms = cpu_of(
        lambda: ticket.extend(timed(lambda one=one: look(one)) for one in some),  # type: ignore[misc]
        len(some),
    )
    assert Ticket.objects.filter(code="F36").count() == LOOKS
    return {
        "first_look": shown(first),
        "nudge_without_news": shown(idle),
        "look_at_a_status": shown(status),
        "queries_of_a_look": len(asked),
        "look_at_a_session_of_40_samples": shown(session),
        "message_to_ticket": {**shown(ticket), "python_cpu_ms": cpu_ms},
    }


def sweeps(stations: list[Station]) -> dict[str, object]:
    """What the sweeps cost when nothing waits, and when a fifth of the network falls silent."""
    as_of = NOON + timedelta(minutes=1)
    # those that nobody looked at yet: a week of sessions each would be what is measured
    fleet.count_from(NOON + timedelta(seconds=40))
    quiet = {
        "sweep_silent_idle_ms": round(timed(lambda: detection.sweep_silent(as_of=as_of)), 1),
        "sweep_unexamined_idle_ms": round(
            timed(lambda: queries.unexamined_station_ids(as_of + timedelta(minutes=2), 1000)), 1
        ),
        "sweep_wide_ms": round(timed(lambda: detection.sweep_wide(as_of=as_of)), 1),
    }
    gone = [one.pk for one in stations if one.pk % 5 == 0]
    Station.objects.filter(pk__in=gone).update(
        is_online=False, disconnected_at=as_of, check_after=as_of + timedelta(minutes=1)
    )
    later = as_of + timedelta(minutes=1)
    silent_ms = timed(lambda: detection.sweep_silent(as_of=later))
    return {
        **quiet,
        "silent_stations": len(gone),
        "timer_lag_of_the_last_s": round(silent_ms / 1000, 1),
        "pending": Fault.objects.filter(code="F01").count(),
    }


def rounds() -> dict[str, object]:
    """The hour's look at the use of every site, the night's at peers and cohorts."""
    as_of = NOON + timedelta(minutes=5)

    def hour() -> None:
        for minute in range(60):
            detection.sweep_usage(as_of=as_of + timedelta(minutes=minute))

    return {
        "usage_of_all_sites_s": round(timed(hour) / 1000, 1),
        "peers_s": round(timed(lambda: detection.sweep_peers(as_of=as_of)) / 1000, 1),
        "cohorts_s": round(timed(lambda: detection.sweep_cohorts(as_of=as_of)) / 1000, 1),
    }


def night() -> dict[str, float]:
    """What is done once a day, or is dearest then: all of it in one process, one after another."""
    as_of = NOON + timedelta(minutes=10)
    work: dict[str, Callable[[], object]] = {
        "uptime_of_32_days": lambda: uptime_days.settle_recent(as_of=as_of),
        "uptime_of_today": lambda: uptime_days.settle_recent(as_of=as_of, back=timedelta(days=2)),
        "quality_of_the_week": lambda: quality.list_week(as_of=as_of + timedelta(days=7)),
        "precision_of_rules": lambda: tuning.weigh_all(as_of=as_of),
        "peers": lambda: detection.sweep_peers(as_of=as_of),
        "cohorts": lambda: detection.sweep_cohorts(as_of=as_of),
        "cables": lambda: cables.sweep_lives(as_of=as_of),
        "probes_of_a_minute": lambda: probing.sweep_probes(as_of=as_of),
        "healings": lambda: healing.sweep_healings(as_of=as_of),
        "healing_proofs": lambda: healing.sweep_proofs(as_of=as_of),
        "escalations": lambda: tickets.escalate_due(as_of=as_of),
    }
    cpu_s = time.process_time()
    found = {name: round(timed(each) / 1000, 1) for name, each in work.items()}
    spent = {"python_cpu_s": round(time.process_time() - cpu_s, 1)}
    return {**found, "together_s": round(sum(found.values()), 1), **spent}
