"""One look at one station: one transaction, every rule asked, each fact counted once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction

from faults import queries, rules
from faults.detection import life
from faults.models import Fault, RuleState
from faults.queries import Taken
from faults.rules.protocol import CannotKnow, Clear, Firing, Result, Rule, Snapshot, State
from stations import commands
from stations.models import Station

STATION_LOCK = 4601
# A station that sends more than this many times a thousand facts is looked at again by a sweep.
MOST_ROUNDS = 20
LOOK_AGAIN_AFTER = timedelta(minutes=5)
PROBE_EXPIRES_AFTER = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a look found: how many faults fire, and whether only asking the station can tell.

    `check_after` is when silence alone changes an answer that no fault row waits for.
    """

    firing: int
    wants_probe: bool
    check_after: datetime | None


@dataclass(slots=True)
class _Look:
    """One pass over a station while its lock is held."""

    taken: Taken
    faults: dict[tuple[str, str], Fault]
    views: dict[int | None, Snapshot]
    as_of: datetime
    states: list[RuleState] = field(default_factory=list)
    waits: list[datetime] = field(default_factory=list)
    wants_probe: bool = False


def examine_station(*, station_id: int, as_of: datetime) -> None:
    """Reconcile a station's faults, ask it where only asking tells, and say when to look again."""
    seen_at = Station.objects.filter(pk=station_id).values_list("last_seen_at", flat=True).first()
    found = reconcile_faults(station_id=station_id, as_of=as_of)
    if found is None:
        return
    if found.wants_probe:
        _ask(station_id, as_of)
    # heard in the meantime: then the gateway has written a better one
    Station.objects.filter(pk=station_id, last_seen_at=seen_at).update(
        check_after=found.check_after
    )


def sweep_silent(*, as_of: datetime, limit: int = 200) -> int:
    """Examine the stations whose silence, or whose waiting fault, has come of age."""
    due = [
        *queries.silent_station_ids(as_of, limit),
        *queries.waiting_station_ids(as_of, limit),
    ]
    return _examine_all(due, as_of)


def sweep_unexamined(*, as_of: datetime, limit: int = 200) -> int:
    """Examine the stations whose nudge was lost."""
    return _examine_all(queries.unexamined_station_ids(as_of, limit), as_of)


def _examine_all(station_ids: list[int], as_of: datetime) -> int:
    for station_id in dict.fromkeys(station_ids):
        examine_station(station_id=station_id, as_of=as_of)
    return len(station_ids)


def reconcile_faults(*, station_id: int, as_of: datetime) -> Reconciled | None:
    """Open, change and clear the faults of one station; None where there is no such station."""
    for _ in range(MOST_ROUNDS):
        with transaction.atomic():
            _lock_station(station_id)
            taken = queries.take_snapshot(station_id, as_of)
            if taken is None:
                return None
            found = _look(taken, as_of)
        if not taken.has_more:
            break
    return found


def _look(taken: Taken, as_of: datetime) -> Reconciled:
    holding = Fault.objects.filter(station_id=taken.snapshot.station_id)
    rows = holding.exclude(state=Fault.State.CLEARED).select_related("ticket").order_by("pk")
    views = {place: taken.snapshot.at(place) for place in (None, *taken.snapshot.connectors)}
    look = _Look(taken, {(row.code, row.scope_key): row for row in rows}, views, as_of)
    for rule, subject in _subjects(taken):
        _ask_rule(look, rule, subject)
    _remember(look)
    return Reconciled(
        firing=sum(fault.state == Fault.State.FIRING for fault in look.faults.values()),
        wants_probe=look.wants_probe,
        check_after=min(look.waits, default=None),
    )


def _subjects(taken: Taken) -> Iterator[tuple[Rule, int | None]]:
    for rule in rules.RULES:
        if "station" in rule.scopes:
            yield rule, None
        if "connector" in rule.scopes:
            for connector_id in taken.snapshot.connectors:
                yield rule, connector_id


def _ask_rule(look: _Look, rule: Rule, subject: int | None) -> None:
    snapshot = look.views[subject]
    key = (rule.code, queries.scope_key(snapshot.station_id, subject))
    row, fault = look.taken.states.get(key), look.faults.get(key)
    result = rule.check(snapshot, rule.thresholds, row.state if row else {})
    _note_state(look, key, row, result)
    if isinstance(result, Firing):
        place = life.Place(
            operator_id=look.taken.operator_id,
            location_id=look.taken.location_id,
            station_id=snapshot.station_id,
            connector_id=subject,
            scope_key=key[1],
        )
        look.faults[key] = life.hold(
            rule=rule, place=place, fault=fault, result=result, as_of=look.as_of
        )
    elif isinstance(result, Clear) and fault is not None:
        if life.let_go(fault=fault, result=result, as_of=look.as_of):
            del look.faults[key]
    elif isinstance(result, CannotKnow):
        look.wants_probe |= result.wants_probe
        if fault is not None:
            _leave(fault, result, look.as_of)
    if not isinstance(result, Firing) and result.check_at is not None:
        look.waits.append(result.check_at)


def _leave(fault: Fault, result: CannotKnow, as_of: datetime) -> None:
    """Leave a fault as it is: not to know is no reason to open it, nor to clear it."""
    wanted = result.check_at or as_of + LOOK_AGAIN_AFTER
    if fault.check_at is None or fault.check_at <= as_of or wanted < fault.check_at:
        fault.check_at = wanted
        fault.save(update_fields=["check_at"])


def _note_state(look: _Look, key: tuple[str, str], row: RuleState | None, result: Result) -> None:
    is_knowing = not isinstance(result, CannotKnow)
    if row is None and is_knowing and not result.state:
        return
    if row is not None and row.state == result.state and row.is_knowing == is_knowing:
        return
    look.states.append(_state(look, key, result.state, is_knowing=is_knowing))


def _remember(look: _Look) -> None:
    """Write the rules' memories and how far the facts were counted, in the same transaction."""
    key = (queries.EXAMINED, queries.scope_key(look.taken.snapshot.station_id, None))
    marks = {name: mark.written() for name, mark in look.taken.marks.items()}
    look.states.append(_state(look, key, marks, is_knowing=True))
    RuleState.objects.bulk_create(
        look.states,
        update_conflicts=True,
        unique_fields=["operator", "code", "scope_key"],
        update_fields=["state", "is_knowing", "watermark", "updated_at", "station"],
    )


def _state(look: _Look, key: tuple[str, str], state: State, *, is_knowing: bool) -> RuleState:
    return RuleState(
        operator_id=look.taken.operator_id,
        station_id=look.taken.snapshot.station_id,
        code=key[0],
        scope_key=key[1],
        state=state,
        is_knowing=is_knowing,
        watermark=max(mark.to for mark in look.taken.marks.values()).isoformat(),
        updated_at=look.as_of,
    )


def _lock_station(station_id: int) -> None:
    """Let one look at a station run at a time; its row is the gateway's to write."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [STATION_LOCK, station_id])


def _ask(station_id: int, as_of: datetime) -> None:
    """Ask a silent station for a heartbeat: any answer, also a refusal, is a sign of life."""
    commands.send_command(
        station=Station.objects.get(pk=station_id),
        action=commands.TRIGGER,
        payload={"message": "Heartbeat"},
        as_of=as_of,
        lifetime=PROBE_EXPIRES_AFTER,
    )
