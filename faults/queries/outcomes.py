"""Completed sessions as rules see them, with what their samples say together."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from django.db.models import QuerySet

from faults.engine.containing import HOLES
from faults.queries import warmth
from faults.queries.facts import LOOK_BACK, Mark
from faults.rules import measuring
from faults.rules.facts import Card, Measures, Sample, SessionOutcome
from stations import commands
from stations.metering.tokens import token_word
from stations.models import Command, MeterValue, OcppVersion, Session

logger = logging.getLogger(__name__)

# A session told later than this is history: it moves no statistic.
LATEST_SESSION = timedelta(days=3)
AT_A_TIME = 100
# A day at a sample a minute, or a fast charge at one each second for half an hour.
MOST_SAMPLES = 1500
# A sample may have come before the start it belongs to was stored.
BEFORE_START = timedelta(hours=1)
# A person who asked for a start has plugged in by then.
ASKED_BEFORE = timedelta(minutes=5)
RFID, REMOTE, FREE = "rfid", "remote", "free"
Cards = Mapping[int | None, Card]


def fresh_sessions(
    connector_ids: Iterable[int], mark: Mark, cards: Cards
) -> tuple[list[SessionOutcome], Mark, bool]:
    """Return the sessions completed since the mark, the mark after them, and if there may be more.

    Imported history is none of it.
    """
    since = mark.to - LOOK_BACK
    found: QuerySet[Session] = Session.objects.filter(
        connector_id__in=list(connector_ids),
        state=Session.State.COMPLETED,
        source="ocpp",
        started_at__gt=since - LATEST_SESSION,
        completed_at__gt=since,
    ).exclude(pk__in=mark.ids)
    rows = list(found.order_by("completed_at", "pk")[:AT_A_TIME])
    moved = mark.moved((row.completed_at, row.pk) for row in rows if row.completed_at is not None)
    return outcomes_of(rows, cards), moved, len(rows) == AT_A_TIME


def outcomes_of(
    rows: list[Session], cards: Cards, *, is_sampled: bool = True
) -> list[SessionOutcome]:
    """Return completed sessions of one station with all that rules may know of them.

    Without their samples where nobody asks for what these tell.
    """
    if not rows:
        return []
    samples = samples_of(rows) if is_sampled else {}
    warmth.add_to(samples, rows, cards)
    asked = _asked_for(rows)
    found = []
    for row in rows:
        card = cards.get(row.connector_id) or Card()
        measures = _measured(row, samples[row.pk], card) if row.pk in samples else None
        outcome = outcome_of(row, measures, is_asked_for=row.pk in asked)
        if outcome is not None:
            found.append(outcome)
    return found


def _measured(row: Session, samples: list[Sample], card: Card) -> Measures | None:
    """Return what samples say together; None, with a word in the log, where they make no sense."""
    try:
        return measuring.measure(samples, card)
    except HOLES:
        # one session's strange figures must not blind every rule at its station
        logger.exception("session not measured session=%d", row.pk)
        return None


def outcome_of(
    row: Session, measures: Measures | None = None, *, is_asked_for: bool = False
) -> SessionOutcome | None:
    """Return a completed session as rules see it."""
    if row.ended_at is None or row.energy_wh is None:
        return None
    return SessionOutcome(
        id=row.pk,
        connector_id=row.connector_id,
        token=token_word(row.token_id, row.id_tag),
        started_at=row.started_at,
        ended_at=row.ended_at,
        energy_wh=row.energy_wh,
        stop_reason=row.stop_reason,
        channel=channel_of(row, is_asked_for=is_asked_for),
        meter_start_wh=row.meter_start_wh,
        meter_stop_wh=row.meter_stop_wh,
        flags=frozenset(row.flags),
        measures=measures,
    )


def channel_of(row: Session, *, is_asked_for: bool) -> str:
    """Return how a session began: by us, by a token at the reader, or free of either."""
    if is_asked_for or row.remote_start_id is not None:
        return REMOTE
    return RFID if row.token_id is not None or row.id_tag else FREE


def samples_of(rows: Iterable[Session]) -> dict[int, list[Sample]]:
    """Return the samples of sessions by session, oldest first, at most 1,500 each."""
    found: dict[int, list[Sample]] = {}
    for row in rows:
        kept = MeterValue.objects.filter(
            session_id=row.pk, received_at__gte=row.started_at - BEFORE_START
        )
        samples = list(_read(kept.order_by("occurred_at")[:MOST_SAMPLES]))
        if samples:
            found[row.pk] = samples
    return found


COLUMNS = (
    *("occurred_at", "energy_wh", "power_w", "power_offered_w", "current_a"),
    *("current_l1_a", "current_l2_a", "current_l3_a", "current_offered_a", "voltage_v"),
    *("voltage_l1_v", "voltage_l2_v", "voltage_l3_v", "soc_percent"),
    *("temperature_c", "temperature_body_c", "extra"),
)


def _read(rows: QuerySet[MeterValue]) -> Iterator[Sample]:
    for at, energy, power, offered, *said, soc, cable, body, extra in rows.values_list(*COLUMNS):
        current, a1, a2, a3, wanted, voltage, v1, v2, v3 = map(_number, said)
        yield Sample(
            at=at,
            energy_wh=energy,
            power_w=power,
            power_offered_w=offered,
            current_a=current,
            phases_a=(a1, a2, a3),
            current_offered_a=wanted,
            voltage_v=voltage,
            phases_v=(v1, v2, v3),
            soc_percent=soc,
            cable_c=_number(cable),
            pair_c=_number(extra.get("pair_c")) if extra else None,
            body_c=_number(body),
        )


def _number(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]


def _asked_for(rows: list[Session]) -> set[int]:
    """Return the 1.6 sessions a person started from afar: there is no number that says so."""
    tagged = [row for row in rows if row.remote_start_id is None and row.id_tag]
    if not tagged:
        return set()
    since = min(row.started_at for row in tagged) - ASKED_BEFORE
    asked = Command.objects.filter(
        station_id=tagged[0].station_id,
        station__ocpp_version=OcppVersion.V16,
        action__in=(commands.REMOTE_START, "RemoteStartTransaction"),
        created_at__gte=since,
    )
    times: dict[str, list[datetime]] = defaultdict(list)
    for payload, created_at in asked.values_list("payload", "created_at")[:AT_A_TIME]:
        token = str(payload.get("token") or payload.get("idTag") or "")
        times[token.lower()].append(created_at)
    return {
        row.pk
        for row in tagged
        if any(
            row.started_at - ASKED_BEFORE <= at <= row.started_at
            for at in times[row.id_tag.lower()]
        )
    }
