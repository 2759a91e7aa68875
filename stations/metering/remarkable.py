"""Which reading of a meter is worth a word of its own: what rules must see before a session ends.

The gateway and the engine on trial ask the same; what is ordinary is kept as a sample and no more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from stations.metering.facts import Reading

# The kind of the Observation, and of the Notice a rule is shown.
READING: Final = "reading"

HOT_CABLE_C, BURNING_CABLE_C, HOT_BODY_C = 45, 80, 50
# EN 50160: 230 V and a tenth either way; a line voltage is 400 V with the same tolerance.
PHASE_V: Final = (207, 253)
LINE_V: Final = (360, 440)
# Below this the contactor is open, and a meter behind it has nothing to measure.
NO_SUPPLY_V: Final = 60
# A plug that nobody uses must not be live (IEC 61851-23: 60 V DC).
LIVE_DC_V: Final = 60
# What a meter shows of its own noise and of the cabinet's heater.
IDLE_W, IDLE_A = 100, 1
# What still flows this soon after the end was measured before it.
RAMP_DOWN: Final = timedelta(seconds=10)
EVERY: Final = timedelta(seconds=20)
# That it is well again is told too: at once, then now and then, until it is old news.
WELL_EVERY: Final = timedelta(minutes=5)
WELL_FOR: Final = timedelta(minutes=45)

HOT_CABLE, BURNING_CABLE, HOT_BODY = "hot_cable", "burning_cable", "hot_body"
VOLTAGE, FLOW, LIVE = "voltage", "flow", "live"


@dataclass(slots=True)
class Watch:
    """What was told of one connector: when, how it was, and when it was last out of order."""

    told_at: datetime | None = None
    odd_at: datetime | None = None
    words: frozenset[str] = frozenset()


def remarks(reading: Reading, *, is_dc: bool, in_session: bool) -> frozenset[str]:
    """Return what is out of the ordinary in a reading; nothing, for almost all of them."""
    found = []
    cable, body = reading.temperature_c, reading.temperature_body_c
    if cable is not None and cable >= HOT_CABLE_C:
        found.append(BURNING_CABLE if cable >= BURNING_CABLE_C else HOT_CABLE)
    if body is not None and body >= HOT_BODY_C:
        found.append(HOT_BODY)
    if not is_dc and _is_voltage_odd(reading):
        found.append(VOLTAGE)
    if not in_session:
        found += _outside(reading, is_dc=is_dc)
    return frozenset(found) if found else _NOTHING


_NOTHING: Final[frozenset[str]] = frozenset()


def pick(
    watch: Watch,
    readings: Sequence[Reading],
    *,
    received_at: datetime,
    is_dc: bool,
    ended_at: datetime | None,
    is_open: bool,
) -> tuple[Reading, frozenset[str]] | None:
    """Return the reading of one message to tell of, and its remarks; None for almost all.

    At most one each 20 seconds for a connector, unless something new is wrong. `is_open` says
    that a session goes on, `ended_at` when the readings' own session ended, where they have one.
    """
    worst: tuple[Reading, frozenset[str]] | None = None
    for reading in readings:
        in_session = is_open or (
            ended_at is not None and reading.occurred_at <= ended_at + RAMP_DOWN
        )
        words = remarks(reading, is_dc=is_dc, in_session=in_session)
        if words and (worst is None or _weight(words) >= _weight(worst[1])):
            worst = reading, words
    if worst is None:
        return _well_again(watch, readings, received_at)
    is_news = not worst[1] <= watch.words
    watch.odd_at = received_at
    if watch.told_at is not None and not is_news and received_at - watch.told_at < EVERY:
        return None
    watch.told_at, watch.words = received_at, worst[1]
    return worst


def detail_of(reading: Reading, words: frozenset[str], *, in_session: bool) -> dict[str, object]:
    """Return a reading as an Observation keeps it: the names of `faults.rules.facts.Sample`.

    Beside them "remarks", the words, and "in_session".
    """
    said: dict[str, object] = {
        "energy_wh": reading.energy_wh,
        "power_w": reading.power_w,
        "power_offered_w": reading.power_offered_w,
        "current_a": _number(reading.current_a),
        "current_offered_a": _number(reading.current_offered_a),
        "voltage_v": _number(reading.voltage_v),
        "soc_percent": reading.soc_percent,
        "cable_c": _number(reading.temperature_c),
        "body_c": _number(reading.temperature_body_c),
    }
    currents = (reading.current_l1_a, reading.current_l2_a, reading.current_l3_a)
    voltages = (reading.voltage_l1_v, reading.voltage_l2_v, reading.voltage_l3_v)
    for name, phases in (("phases_a", currents), ("phases_v", voltages)):
        if any(phase is not None for phase in phases):
            said[name] = [_number(phase) for phase in phases]
    kept = {name: value for name, value in said.items() if value is not None}
    return {**kept, "remarks": sorted(words), "in_session": in_session}


def _well_again(
    watch: Watch, readings: Sequence[Reading], received_at: datetime
) -> tuple[Reading, frozenset[str]] | None:
    if watch.odd_at is None or not readings:
        return None
    if received_at - watch.odd_at > WELL_FOR:
        watch.odd_at = None
        return None
    is_first = bool(watch.words)
    if not is_first and watch.told_at is not None and received_at - watch.told_at < WELL_EVERY:
        return None
    watch.told_at, watch.words = received_at, _NOTHING
    return readings[-1], _NOTHING


def _is_voltage_odd(reading: Reading) -> bool:
    voltage = reading.voltage_v
    if voltage is not None and _is_off(voltage) and not LINE_V[0] <= voltage <= LINE_V[1]:
        return True
    phases = (reading.voltage_l1_v, reading.voltage_l2_v, reading.voltage_l3_v)
    return any(phase is not None and _is_off(phase) for phase in phases)


def _is_off(voltage: Decimal) -> bool:
    return voltage >= NO_SUPPLY_V and not PHASE_V[0] <= voltage <= PHASE_V[1]


def _outside(reading: Reading, *, is_dc: bool) -> list[str]:
    """Return what no reading outside a session may show: a flow, or a live plug."""
    found = []
    power, current, voltage = reading.power_w, reading.current_a, reading.voltage_v
    if (power is not None and power >= IDLE_W) or (current is not None and current >= IDLE_A):
        found.append(FLOW)
    if is_dc and voltage is not None and voltage > LIVE_DC_V:
        found.append(LIVE)
    return found


def _weight(words: frozenset[str]) -> tuple[bool, int]:
    return BURNING_CABLE in words or FLOW in words or LIVE in words, len(words)


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
