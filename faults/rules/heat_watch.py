"""How hot a plug is, from the readings told while a session runs: shared by F20 and F21.

A station that says °C and means °F is heard by this, that its plug is never cool.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from faults.rules import error_codes, instants, readings, series
from faults.rules.facts import DeviceEvent, Notice
from faults.rules.protocol import Snapshot, State

# Three sessions whose coolest reading is above this were not measured in °C.
NEVER_COOL_C, SESSIONS_COOL, REMEMBERED = 50.0, 3, 8
# What a broken sensor says is no heat: nothing survives this.
LEAST_C, IMPOSSIBLE_C = -60.0, 250.0


@dataclass(frozen=True, slots=True)
class Warmth:
    """One reading of a plug, °C."""

    at: datetime
    celsius: float
    is_late: bool = False


def taken_in(snapshot: Snapshot, state: State) -> State:
    """Return a state with the coolest readings of the new sessions: {"coolest": [°C]}."""
    coolest = list(state.get("coolest", ()))
    for _, found in series.fresh_measured(snapshot, ""):
        if found.coolest_c is not None:
            coolest = series.grown(coolest, round(found.coolest_c, 1), REMEMBERED)
    return {**state, "coolest": coolest} if coolest else dict(state)


def is_fahrenheit(state: State) -> bool:
    """Return whether a station's degrees can only be °F, whatever it calls them."""
    coolest = state.get("coolest", ())
    return len(coolest) >= SESSIONS_COOL and min(coolest) > NEVER_COOL_C


def warmths(snapshot: Snapshot, state: State) -> list[Warmth]:
    """Return the new temperatures of one plug, the oldest first."""
    found = [*_of_readings(snapshot), *_of_events(snapshot)]
    if is_fahrenheit(state):
        found = [replace(one, celsius=(one.celsius - 32) / 1.8) for one in found]
    return sorted(found, key=lambda one: one.at)


def cooled_at(snapshot: Snapshot, below_c: float) -> datetime | None:
    """Return when a whole session showed the plug cool, if a new one did."""
    ends = [
        session.ended_at
        for session, found in series.fresh_measured(snapshot, "")
        if found.hottest_c is not None and found.hottest_c < below_c
    ]
    return max(ends, default=None)


def _of_readings(snapshot: Snapshot) -> Iterator[Warmth]:
    for notice, sample in readings.readings_of(snapshot.notices):
        known = [one for one in (sample.cable_c, sample.pair_c) if one is not None]
        if known and LEAST_C <= max(known) <= IMPOSSIBLE_C:
            yield _warmth(notice, max(known), trusted=snapshot.is_clock_trusted)


def _of_events(snapshot: Snapshot) -> Iterator[Warmth]:
    """Yield the temperatures that 2.x stations report as values of a sensor of the connector."""
    for event in snapshot.events:
        celsius = celsius_of(event)
        if celsius is not None:
            yield _warmth(event, celsius, trusted=snapshot.is_clock_trusted)


def _warmth(fact: Notice | DeviceEvent, celsius: float, *, trusted: bool) -> Warmth:
    return Warmth(
        instants.happened_at(fact.occurred_at, fact.received_at, trusted=trusted),
        celsius,
        instants.is_late(fact.occurred_at, fact.received_at, trusted=trusted),
    )


def celsius_of(event: DeviceEvent) -> float | None:
    """Return the temperature a device event tells of a connector, °C, if it tells one."""
    if event.connector_id is None or error_codes.fold(event.component) != "temperaturesensor":
        return None
    if error_codes.fold(event.variable) != "temperature":
        return None
    try:
        celsius = float(event.value)
    except ValueError:
        return None
    return celsius if LEAST_C <= celsius <= IMPOSSIBLE_C else None
