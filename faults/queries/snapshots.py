"""One station as it stands, for the rules."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from faults.models import Fault, RuleState
from faults.queries import cards, facts, neighbours, outcomes, under_way, vendor_codes
from faults.queries.facts import Fresh, Mark
from faults.rules import instants, link_weak, sessions_failing
from faults.rules.facts import Card, Probe, SessionOutcome, TokenElsewhere, Usage
from faults.rules.protocol import Snapshot
from stations import commands
from stations.models import Command, Session, Station, StatusChange

# The rule state that holds the marks of a station; no rule has this code.
EXAMINED = "examined"
NO_USAGE: Final[Mapping[int | None, Usage]] = {}
NEVER_ASKED_WITHIN = timedelta(seconds=60)
ANSWER_ARRIVES_WITHIN = timedelta(seconds=60)
NETWORK_IS_HEARD_WITHIN = timedelta(minutes=2)
ELSEWHERE = timedelta(days=7)
CALLS_WITHIN = timedelta(hours=24)
WENT_WRONG = frozenset({link_weak.CALL_FAILED, link_weak.CALL_SLOW})
UNSENT = (Command.State.QUEUED, Command.State.CLAIMED)


@dataclass(frozen=True, slots=True)
class Taken:
    """A snapshot and what detection needs to write down what follows from it.

    `states` is keyed by code and scope key; `marks` is the watermark after this snapshot's facts.
    """

    snapshot: Snapshot
    operator_id: int
    location_id: int
    station_model: str
    network_group: str
    states: dict[tuple[str, str], RuleState]
    marks: dict[str, Mark]
    has_more: bool


def scope_key(station_id: int, subject: int | None) -> str:
    """Return the one word for what a fault is about."""
    return f"station:{station_id}" if subject is None else f"connector:{subject}"


def take_snapshot(
    station_id: int, as_of: datetime, usages: Mapping[int | None, Usage] = NO_USAGE
) -> Taken | None:
    """Return one station with its uncounted facts, or None where there is no such station."""
    station = cards.find_station(station_id, as_of)
    if station is None:
        return None
    rows = RuleState.objects.filter(operator_id=station.operator_id, station_id=station_id)
    states = {(row.code, row.scope_key): row for row in rows}
    row = states.get((EXAMINED, scope_key(station_id, None)))
    connectors = cards.find_connectors(station_id, as_of)
    known = cards.cards_of(station, connectors)
    fresh = _fresh_facts(station_id, row.state if row else {}, known, as_of)
    snapshot = replace(
        _snapshot(station, connectors, known, fresh, states.values(), as_of),
        calls_sent=_calls_sent(station.pk, fresh, states.values(), as_of),
    )
    if usages:
        snapshot = replace(snapshot, usage=usages.get(None), usages=usages)
    return Taken(
        snapshot=snapshot,
        operator_id=station.operator_id,
        location_id=station.location_id,
        station_model=station.model,
        network_group=station.network_group,
        states=states,
        marks=fresh.marks,
        has_more=fresh.has_more,
    )


def kept_facts(
    station_id: int, aside: Iterable[Sequence[Any]], known: Mapping[int | None, Card]
) -> dict[str, Any]:
    """Return facts that a rule could not bear, [kind, id], as a snapshot holds them."""
    ids: dict[str, list[int]] = defaultdict(list)
    for kind, number in aside:
        ids[kind].append(number)
    signs, events, notices = facts.kept_told(station_id, ids)
    rows = Session.objects.filter(station_id=station_id, pk__in=ids.get("sessions", ()))
    sessions = outcomes.outcomes_of(list(rows.order_by("completed_at")), known)
    return {
        "signs": tuple(signs),
        "events": tuple(events),
        "notices": tuple(notices),
        "sessions": tuple(sessions),
    }


def _snapshot(
    station: Any,
    connectors: list[Any],
    known: dict[int | None, Card],
    fresh: Fresh,
    states: Iterable[RuleState],
    as_of: datetime,
) -> Snapshot:
    statuses: dict[int | None, str] = {None: station.status}
    statuses.update((one.pk, one.status) for one in connectors)
    probe, (delays, skews) = _probe(station, as_of), _delays(station, fresh)
    return Snapshot(
        as_of=as_of,
        station_id=station.pk,
        connectors=tuple(one.pk for one in connectors),
        statuses=statuses,
        status_times={
            one.pk: one.status_occurred_at for one in connectors if one.status_occurred_at
        },
        open_codes=_open_codes(station.pk),
        is_active=station.is_active,
        is_online=station.is_online,
        connected_at=station.connected_at,
        last_seen_at=station.last_seen_at,
        heartbeat_interval_s=station.heartbeat_interval_s,
        is_network_alive=_is_network_alive(station, probe, as_of),
        is_clock_trusted=instants.is_clock_trusted(delays),
        skews=skews,
        probe=probe,
        signs=fresh.signs,
        events=fresh.events,
        notices=fresh.notices,
        sessions=fresh.sessions,
        open_sessions=under_way.open_sessions(connectors),
        cards=known,
        vendor_codes=vendor_codes.codes_at(station, fresh.signs, fresh.events),
        is_attended=station.is_attended,
        tokens_elsewhere=_tokens_elsewhere(station, fresh.sessions, states, as_of),
        neighbours=neighbours.neighbours_of(station.location_id, station.pk, states, fresh),
    )


def _fresh_facts(
    station_id: int, kept: dict[str, Any], known: dict[int | None, Card], as_of: datetime
) -> Fresh:
    """Return what is new at a station since the marks kept in its rule state."""
    signs, signs_mark = facts.fresh_signs(station_id, Mark.read(kept.get("signs"), as_of))
    events, notices, events_mark = facts.fresh_notices(
        station_id, Mark.read(kept.get("events"), as_of)
    )
    places = [place for place in known if place is not None]
    at = Mark.read(kept.get("sessions"), as_of)
    sessions, sessions_mark, has_more = outcomes.fresh_sessions(places, at, known)
    told = len(events) + len(notices)
    return Fresh(
        signs=tuple(signs),
        events=tuple(events),
        notices=tuple(notices),
        sessions=tuple(sessions),
        marks={"signs": signs_mark, "events": events_mark, "sessions": sessions_mark},
        has_more=has_more or facts.AT_A_TIME in {len(signs), told},
    )


def _calls_sent(
    station_id: int, fresh: Fresh, states: Iterable[RuleState], as_of: datetime
) -> int:
    """Return how many calls were sent within a day; 0 unless some went wrong: few need it."""
    is_asked = any(one.kind in WENT_WRONG for one in fresh.notices) or any(
        row.code == link_weak.CODE and row.state.get("seen", {}).keys() & {"failed", "slow"}
        for row in states
    )
    if not is_asked:
        return 0
    sent = Command.objects.filter(station_id=station_id, sent_at__gt=as_of - CALLS_WITHIN)
    return sent.count()


def _open_codes(station_id: int) -> dict[int | None, frozenset[str]]:
    codes: dict[int | None, set[str]] = defaultdict(set)
    rows = Fault.objects.filter(station_id=station_id, state=Fault.State.FIRING)
    for connector_id, code in rows.values_list("connector_id", "code"):
        codes[connector_id].add(code)
    return {subject: frozenset(found) for subject, found in codes.items()}


def _delays(station: Station, fresh: Fresh) -> tuple[tuple[timedelta, ...], tuple[timedelta, ...]]:
    """Return how late the latest states came, and those of them that waited in no queue."""
    if not fresh.signs and not fresh.events:
        return (), ()
    rows = StatusChange.objects.filter(station=station).order_by("-received_at")
    latest = list(rows.values_list("occurred_at", "received_at")[:20])[::-1]
    skews = [
        received - occurred
        for occurred, received in latest
        if not instants.was_queued(occurred, received, station.connected_at)
    ]
    return tuple(received - occurred for occurred, received in latest[-10:]), tuple(skews[-10:])


def _probe(station: Station, as_of: datetime) -> Probe | None:
    if station.last_seen_at is None or as_of - station.last_seen_at < NEVER_ASKED_WITHIN:
        return None
    asked = (
        Command.objects.filter(
            station=station, action=commands.TRIGGER, created_at__gt=station.last_seen_at
        )
        .order_by("-pk")
        .first()
    )
    return None if asked is None else _read_probe(asked, as_of)


def _read_probe(asked: Command, as_of: datetime) -> Probe:
    has_left = asked.sent_at is not None
    if has_left and asked.state in {
        Command.State.ACCEPTED,
        Command.State.REJECTED,
        Command.State.ERROR,
    }:
        return Probe(asked.created_at, "answered")
    if has_left and asked.state == Command.State.SENT:
        is_waiting = as_of < asked.expires_at + ANSWER_ARRIVES_WITHIN
        return Probe(asked.created_at, "waiting" if is_waiting else "unanswered")
    if asked.state in UNSENT and as_of < asked.expires_at:
        return Probe(asked.created_at, "waiting")
    # unknown: the gateway ended before the answer, which says nothing of the station
    is_ours = not has_left or asked.state == Command.State.UNKNOWN
    return Probe(asked.created_at, "not_sent" if is_ours else "unanswered")


def _is_network_alive(station: Station, probe: Probe | None, as_of: datetime) -> bool:
    """Return whether any other station is heard; asked only where our own silence is possible."""
    if probe is None or probe.outcome != "not_sent":
        return True
    heard = Station.objects.filter(last_seen_at__gt=as_of - NETWORK_IS_HEARD_WITHIN)
    return heard.exclude(pk=station.pk).exists()


def _tokens_elsewhere(
    station: Station,
    sessions: Sequence[SessionOutcome],
    states: Iterable[RuleState],
    as_of: datetime,
) -> dict[str, TokenElsewhere]:
    """Return how the tokens that fail here fare at the operator's other stations."""
    thresholds = sessions_failing.Thresholds()
    tokens = {one.token for one in sessions if sessions_failing.has_failed(one, thresholds)}
    for state in states:
        if state.code == sessions_failing.CODE and tokens:
            tokens.update(failure["token"] for failure in state.state.get("failures", []))
    known = [int(token) for token in tokens if token.isdigit()]
    if not known:
        return {}
    rows = Session.objects.filter(
        token_id__in=known, state=Session.State.COMPLETED, ended_at__gt=as_of - ELSEWHERE
    ).exclude(station_id=station.pk)
    failed: dict[str, set[int]] = defaultdict(set)
    able: set[str] = set()
    for row in rows[: facts.AT_A_TIME]:
        outcome = outcomes.outcome_of(row)
        if outcome is None:
            continue
        verdict = sessions_failing.has_failed(outcome, thresholds)
        if verdict:
            failed[outcome.token].add(row.station_id)
        elif verdict is False:
            able.add(outcome.token)
    return {
        token: TokenElsewhere(len(failed.get(token, ())), token in able)
        for token in failed.keys() | able
    }
