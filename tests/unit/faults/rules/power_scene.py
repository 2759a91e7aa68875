"""Measured sessions and readings of one connector, one after the other."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import count
from typing import Any

from faults.rules.facts import Card, Measures, Notice, SessionOutcome
from faults.rules.protocol import Result, Rule, Snapshot, State
from tests.unit.faults.rules.scene import NOON, at, snapshot

_ids = count(1)
HOURS_8 = timedelta(hours=8)


def measured(number: int, token: str = "", **found: Any) -> SessionOutcome:
    """Return the number-th session: three a day, an hour each."""
    known = {name: found.pop(name) for name in ("energy_wh", "lasts") if name in found}
    start = NOON + number * HOURS_8
    meter = {
        name: found.pop(name) for name in ("meter_start_wh", "meter_stop_wh") if name in found
    }
    return SessionOutcome(
        id=number,
        connector_id=7,
        token=token or f"driver-{number % 5}",
        started_at=start,
        ended_at=start + known.get("lasts", timedelta(hours=1)),
        energy_wh=known.get("energy_wh", 9_000),
        measures=Measures(**{"samples": 60, **found}),
        **meter,
    )


def reading(minutes: float, **said: Any) -> Notice:
    known = {name: said.pop(name) for name in ("received_at",) if name in said}
    return Notice(
        id=next(_ids),
        kind="reading",
        connector_id=7,
        detail=said,
        occurred_at=at(minutes),
        received_at=known.get("received_at", at(minutes)),
    )


def after(
    rule: Rule,
    sessions: Iterable[SessionOutcome],
    *,
    state: State | None = None,
    card: Card | None = None,
    **known: Any,
) -> Result:
    """Return what a rule says once it has seen sessions, one look each."""
    result: Result | None = None
    kept = state or {}
    for one in sessions:
        seen = snapshot(sessions=(one,), cards={7: card or Card()}, **known)
        result = rule.check(_as_of(seen, one), rule.thresholds, kept)
        kept = result.state
    assert result is not None
    return result


def told(rule: Rule, notices: Iterable[Notice], **known: Any) -> Result:
    """Return what a rule says once it has heard readings, one look each."""
    result: Result | None = None
    kept: State = known.pop("state", {})
    for one in notices:
        seen = Snapshot(as_of=one.received_at, station_id=1, subject=7, notices=(one,), **known)
        result = rule.check(seen, rule.thresholds, kept)
        kept = result.state
    assert result is not None
    return result


def series_of(
    values: Iterable[float], make: Callable[[int, float], SessionOutcome]
) -> list[SessionOutcome]:
    return [make(number, value) for number, value in enumerate(values)]


def _as_of(seen: Snapshot, one: SessionOutcome) -> Snapshot:
    return Snapshot(
        **{
            **{name: getattr(seen, name) for name in Snapshot.__slots__},
            "as_of": one.ended_at,
        }
    )
