"""One look at one station: one transaction, every rule asked, each fact counted once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from chargenet.core import locks
from faults import cables, queries, rules
from faults.detection import noting
from faults.detection.rows import Rows
from faults.engine import inhibition, life, looking
from faults.engine.containing import Failure
from faults.engine.inhibition import Around
from faults.engine.keeping import Place
from faults.engine.looking import Inhibitor, Key, Look, Memory
from faults.models import Fault, RuleFailure, RuleState
from faults.queries import Taken, Tuning
from faults.queries.snapshots import NO_USAGE
from faults.rules import contact_worn
from faults.rules.facts import Usage
from faults.rules.protocol import Clear, Rule
from stations import commands
from stations.models import Station

Usages = Mapping[int | None, Usage]
STATION_LOCK = 4601
# A station that sends more than this many times a thousand facts is looked at again by a sweep.
MOST_ROUNDS = 20
PROBE_EXPIRES_AFTER = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a look found: how many faults fire, and whether only asking the station can tell.

    `check_after` is when silence alone changes an answer that no fault row waits for.
    """

    firing: int
    wants_probe: bool
    check_after: datetime | None


def examine_station(*, station_id: int, as_of: datetime, usages: Usages = NO_USAGE) -> None:
    """Reconcile a station's faults, ask it where only asking tells, and say when to look again.

    `usages` is how its site is used, in the hourly look.
    """
    seen_at = Station.objects.filter(pk=station_id).values_list("last_seen_at", flat=True).first()
    found = reconcile_faults(station_id=station_id, as_of=as_of, usages=usages)
    if found is None:
        return
    if found.wants_probe:
        _ask(station_id, as_of)
    # heard in the meantime: then the gateway has written a better one
    Station.objects.filter(pk=station_id, last_seen_at=seen_at).update(
        check_after=found.check_after
    )


def examine_if_news(*, station_id: int, as_of: datetime) -> None:
    """Look at a station that said something nobody has counted: of many nudges one is a look."""
    if queries.has_news(station_id):
        examine_station(station_id=station_id, as_of=as_of)


def reconcile_faults(
    *, station_id: int, as_of: datetime, usages: Usages = NO_USAGE
) -> Reconciled | None:
    """Open, change and clear the faults of one station; None where there is no such station."""
    for _ in range(MOST_ROUNDS):
        with transaction.atomic():
            _lock_station(station_id)
            taken = queries.take_snapshot(station_id, as_of, usages)
            if taken is None:
                return None
            found = _look(taken, as_of)
        if not taken.has_more:
            break
    return found


def look_again(*, failure_id: int, as_of: datetime) -> bool:
    """Show a rule again what it could not bear; say whether it can now.

    Only this rule is asked, of these facts only: what is new at the station waits for its look.
    """
    with transaction.atomic():
        failure = RuleFailure.objects.get(pk=failure_id)
        assert failure.station_id is not None, "only a station's facts are set aside"
        _lock_station(failure.station_id)
        # a look that held the lock may have set more aside
        failure.refresh_from_db()
        taken = queries.take_snapshot(failure.station_id, as_of)
        failed: list[Failure] = []
        if taken is not None:
            kept = queries.kept_facts(failure.station_id, failure.aside, taken.snapshot.cards)
            taken = replace(taken, snapshot=replace(taken.snapshot, **kept))
            at, tuning = _look_at(taken, as_of)
            asked = (one for one in tuning.asked() if one.code == failure.code)
            looking.ask_again(at, asked, failure.scope_key)
            _write(taken, at.changed, as_of)
            failed = at.failed
        failure.last_at = as_of
        failure.ended_at = None if failed else as_of
        failure.save()
    return not failed


def _look(taken: Taken, as_of: datetime) -> Reconciled:
    at, tuning = _look_at(taken, as_of)
    # what may explain others is asked first
    asked = sorted(tuning.asked(), key=lambda rule: rule.code not in inhibition.ORDER)
    looking.look(at, asked)
    _let_go_of(at, tuning)
    noting.note_failures(
        at.failed,
        operator_id=taken.operator_id,
        station_id=taken.snapshot.station_id,
        as_of=as_of,
    )
    _remember(taken, at)
    _note_cables(taken, at)
    return Reconciled(
        firing=sum(fault.state == Fault.State.FIRING for fault in at.conditions.values()),
        wants_probe=at.wants_probe,
        check_after=min(looking.waits(at), default=None),
    )


def _look_at(taken: Taken, as_of: datetime) -> tuple[Look[Any], Tuning]:
    """Return a look at a station, and what its rules are tuned to there."""
    station_id = taken.snapshot.station_id
    tuning = queries.tuning_of(taken.operator_id, taken.location_id, taken.station_model)
    rows = Fault.objects.filter(station_id=station_id).exclude(state=Fault.State.CLEARED)
    conditions = {
        (row.code, row.scope_key): row for row in rows.select_related("ticket").order_by("pk")
    }
    at: Look[Any] = Look(
        keeper=Rows(),
        station=Place(
            operator_id=taken.operator_id,
            scope="station",
            scope_key=queries.scope_key(station_id, None),
            location_id=taken.location_id,
            station_id=station_id,
        ),
        snapshot=taken.snapshot,
        memories={key: _memory(row) for key, row in taken.states.items()},
        conditions=conditions,
        as_of=as_of,
        tuned=tuning.thresholds,
        inhibitor=_inhibitor(taken, conditions),
    )
    return at, tuning


def _inhibitor(taken: Taken, conditions: dict[Key, Any]) -> Inhibitor:
    """Return what explains a condition of a station, by all that holds when it is asked."""
    surroundings: list[Around] = []

    def explained(rule: Rule, subject: int | None) -> str:
        if not surroundings:
            surroundings.append(
                queries.around_station(
                    taken.snapshot,
                    operator_id=taken.operator_id,
                    location_id=taken.location_id,
                    network_group=taken.network_group,
                )
            )
        now = inhibition.with_own(surroundings[0], conditions.values())
        return inhibition.explanation(now, rule.code, subject)

    return explained


def _let_go_of(at: Look[Any], tuning: Tuning) -> None:
    """Clear what a rule found that is switched off by now; a safety fault waits for a person."""
    for key in [key for key in at.conditions if key[0] in tuning.off]:
        off = Clear(state={}, evidence={"switched_off": True})
        gone = life.let_go(
            at.keeper,
            rule=rules.BY_CODE[key[0]],
            condition=at.conditions[key],
            result=off,
            as_of=at.as_of,
        )
        if gone:
            del at.conditions[key]


def _note_cables(taken: Taken, at: Look[Any]) -> None:
    """Let cables know of their new sessions, and what the rule of worn contacts makes of them."""
    if not taken.snapshot.sessions:
        return
    now = {**at.memories, **at.changed}
    worn = {
        place: now[key].state
        for place in taken.snapshot.connectors
        if (key := (contact_worn.CODE, queries.scope_key(taken.snapshot.station_id, place))) in now
    }
    cables.note_sessions(taken.snapshot.sessions, worn, at.as_of)


def _memory(row: RuleState) -> Memory:
    return Memory(state=row.state, is_knowing=row.is_knowing, check_at=row.check_at)


def _remember(taken: Taken, at: Look[Any]) -> None:
    """Write the rules' memories and how far the facts were counted, in the same transaction."""
    marks = {name: mark.written() for name, mark in taken.marks.items()}
    examined = (queries.EXAMINED, queries.scope_key(taken.snapshot.station_id, None))
    _write(taken, {**at.changed, **_overdue(at), examined: Memory(state=marks)}, at.as_of)


def _write(taken: Taken, changed: Mapping[Key, Memory], as_of: datetime) -> None:
    RuleState.objects.bulk_create(
        [_state(taken, key, memory, as_of) for key, memory in changed.items()],
        update_conflicts=True,
        unique_fields=["operator", "code", "scope_key"],
        update_fields=["state", "is_knowing", "check_at", "watermark", "updated_at", "station"],
    )


def _overdue(at: Look[Any]) -> dict[Key, Memory]:
    """Return the memories that still wait for a moment that has passed, put right.

    A rule that is asked hourly, is switched off or is gone waits for nothing; one that named the
    past is asked again soon: else a sweep would find it every time.
    """
    found = {}
    for key, memory in {**at.memories, **at.changed}.items():
        if memory.check_at is not None and memory.check_at <= at.as_of:
            soon = at.as_of + looking.LOOK_AGAIN_AFTER if key in at.changed else None
            found[key] = replace(memory, check_at=soon)
    return found


def _state(taken: Taken, key: Key, memory: Memory, as_of: datetime) -> RuleState:
    return RuleState(
        operator_id=taken.operator_id,
        station_id=taken.snapshot.station_id,
        code=key[0],
        scope_key=key[1],
        state=memory.state,
        is_knowing=memory.is_knowing,
        check_at=memory.check_at,
        watermark=max(mark.to for mark in taken.marks.values()).isoformat(),
        updated_at=as_of,
    )


def _lock_station(station_id: int) -> None:
    """Let one look at a station run at a time; its row is the gateway's to write."""
    locks.hold(STATION_LOCK, station_id)


def _ask(station_id: int, as_of: datetime) -> None:
    """Ask a silent station for a heartbeat: any answer, also a refusal, is a sign of life."""
    commands.send_command(
        station=Station.objects.get(pk=station_id),
        action=commands.TRIGGER,
        payload={"message": "Heartbeat"},
        as_of=as_of,
        lifetime=PROBE_EXPIRES_AFTER,
    )
