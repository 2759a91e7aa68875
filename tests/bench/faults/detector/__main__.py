"""Hears a world over stdin and says on stdout what the product would have made of it.

It knows no seed and can open no scenario: there is none on any disk, and what could make one is
locked before the first fact is read.
"""

import json
import sys
import time
from datetime import datetime, timedelta
from typing import Any, TextIO

from faults.engine.fleet import Fleet, RepairFact
from faults.engine.memory import Job
from tests.bench.faults.baselines import BASELINES
from tests.bench.faults.detector import hearing, lock
from tests.bench.faults.detector.healing import EVERY, Healing

# A person looks at what concerns safety within this, and says so.
CREW_AFTER = timedelta(hours=24)


class Desk:
    """The product with a crew: what it opened, and what people do with it."""

    def __init__(self, begin: datetime, fleet: Fleet, ids: dict[tuple[str, str], int]) -> None:
        self.begin, self.fleet, self.ids = begin, fleet, ids
        self.seen: set[int] = set()
        self.healing = Healing(fleet)
        self._heals_at = begin

    def heal(self, as_of: datetime) -> None:
        """Let the ladder be looked at, if it is time."""
        if as_of >= self._heals_at:
            self._heals_at = as_of + EVERY
            self.healing.work(as_of)

    def work(self, as_of: datetime) -> None:
        """Let the crew look at safety tickets that are a day old."""
        for job in self.fleet.tickets():
            due = job.opened_at + CREW_AFTER
            if job.severity == 1 and job.number not in self.seen and due <= as_of:
                self.seen.add(job.number)
                where = self.fleet.where(job.place)
                evse = int(where.connector.split(":")[0] or 0) if where.connector else 0
                told = RepairFact(evse=evse, families=frozenset({job.family}))
                if where.station:
                    self.fleet.take(where.station, as_of, (told,))

    def tickets(self) -> list[dict[str, Any]]:
        """Return every ticket, instants in seconds from the begin."""
        return [self._told(job) for job in self.fleet.tickets()]

    def steps(self) -> list[dict[str, Any]]:
        """Return what the ladder would have sent, and where to."""
        return [
            {
                "code": one["code"],
                "step": one["step"],
                "at": self._second(one["at"]),
                "station": self.fleet.where(one["held"].place).station,
                "scope_key": self._scope_key(one["held"].place),
            }
            for one in self.healing.taken
        ]

    def conditions(self) -> list[dict[str, Any]]:
        """Return every condition that fired."""
        return [
            {
                "code": one.code,
                "severity": one.severity,
                "scope": one.scope,
                "scope_key": self._scope_key(one.place),
                "opened": self._second(one.opened_at),
                "began": self._second(one.began_at),
                "cleared": self._second(one.cleared_at),
                "attribution": one.attribution,
                "reopened": one.reopened,
                "was_seen_to": one.job is not None and one.job.resolved_at is not None,
                "tokens": _tokens(one.evidence),
            }
            for one in self.fleet.conditions()
        ]

    def _told(self, job: Job) -> dict[str, Any]:
        held = [one for one in self.fleet.conditions() if one.job is job]
        first = min(held, key=lambda one: one.opened_at or job.opened_at, default=None)
        return {
            "code": first.code if first is not None else job.code,
            "codes": sorted({one.code for one in held} | {job.code}),
            "family": job.family,
            "severity": job.severity,
            "scope": job.place.scope,
            "scope_key": self._scope_key(job.place),
            "opened": self._second(job.opened_at),
            "closed": self._second(job.closed_at),
            "resolved": self._second(job.resolved_at),
            "reopened": job.reopened,
            "is_duplicate": job.duplicate_of is not None,
            "attribution": held[-1].attribution if held else "",
            "evidence": held[-1].evidence if held else {},
        }

    def _scope_key(self, place: Any) -> str:
        where = self.fleet.where(place)
        if place.scope == "connector":
            return f"connector:{self.ids.get((where.station, where.connector), 0)}"
        if place.scope == "station":
            return f"station:{where.station}"
        return f"site:{where.site}" if place.scope == "site" else str(place.scope_key)

    def _second(self, at: datetime | None) -> float | None:
        return None if at is None else round((at - self.begin).total_seconds(), 1)


def _tokens(evidence: dict[str, Any]) -> list[str]:
    """Return whose failures a condition is about."""
    said = (evidence.get("failures"), evidence.get("sessions"))
    failures = next((one for one in said if isinstance(one, list)), [])
    found = {one.get("token", "") for one in failures if isinstance(one, dict)}
    return sorted(found - {""})


def take(
    fleet: Fleet, ear: hearing.Ear, said: bytes, desk: Desk | None = None
) -> list[hearing.Heard]:
    """Let a fleet hear one part, fact by fact, and return what it was.

    What a session is called is known only when its start has been taken.
    """
    heard = []
    for one in ear.hear(said):
        at, station, told, number = one
        heard.append(one)
        if desk is not None:
            desk.heal(at)
        if isinstance(told, hearing.ListedSession):
            _take_listed(fleet, station, at, told)
        else:
            ear.learn(number, fleet.take(station, at, told))
    return heard


def _take_listed(fleet: Fleet, station: str, at: datetime, told: hearing.ListedSession) -> None:
    fleet.take_session(
        station,
        told.connector,
        at,
        token=told.token,
        started_at=told.began,
        ended_at=told.ended,
        energy_wh=told.energy_wh,
    )


def main(source: Any, out: TextIO) -> None:
    """Hear a world to its end and say what was found."""
    lock.lock()
    frames = hearing.read_frames(source)
    begin, places, ids = hearing.read_network(next(frames))
    fleet = Fleet(places)
    desk, ear = Desk(begin, fleet, ids), hearing.Ear(begin)
    baselines = [make(places, ids) for make in BASELINES]
    at, count, spent = begin, 0, 0.0
    crew_at = begin
    for said in frames:
        began = time.process_time()
        heard = take(fleet, ear, said, desk)
        at = heard[-1][0] if heard else at
        count += len(heard)
        spent += time.process_time() - began
        for baseline in baselines:
            baseline.hear(heard)
        if at >= crew_at:
            desk.work(at)
            crew_at = at + timedelta(hours=1)
    fleet.advance(at)
    found = {
        "tickets": desk.tickets(),
        "conditions": desk.conditions(),
        "steps": desk.steps(),
        "baselines": {one.NAME: one.tickets(begin) for one in baselines},
        "facts": count,
        "detector_cpu_s": round(spent, 2),
        "process_cpu_s": round(time.process_time(), 2),
        "until": round((at - begin).total_seconds()),
    }
    json.dump(found, out, default=str)


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout)
