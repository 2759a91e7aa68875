"""A real list made worse on purpose: silence, failures and a meter that counts too much.

The background is real and unlabelled; what is put in is known. A third of the connectors is
touched, one trouble each.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.bench.faults.beds.lists import Listed, connector_ids
from tests.bench.faults.world.kinds import BY_NAME, Kind

DAY = timedelta(days=1)
LASTS = {"silent": 45 * DAY, "dead_start": 30 * DAY, "half_dead": 40 * DAY,
         "meter_too_much": 30 * DAY}  # fmt: skip
SHARES = {"silent": 5, "half_dead": 3, "dead_start": 1, "meter_too_much": 1}
LEAST_BEFORE = 60 * DAY
LEAST_A_DAY = 0.3


def spoil(sessions: list[Listed], rng: Random) -> tuple[list[Listed], list[dict[str, Any]]]:
    """Return the list with troubles put in, and the truth of them."""
    ids, troubles = connector_ids(sessions), []
    spoiled: dict[tuple[str, int], tuple[str, datetime, datetime]] = {}
    begin, last = sessions[0].began, sessions[-1].ended
    for place in sorted(ids):
        name = rng.choices(list(SHARES), list(SHARES.values()))[0]
        onset = begin + LEAST_BEFORE + rng.random() * (last - begin - LEAST_BEFORE - LASTS[name])
        mine = [one for one in sessions if one.place == place]
        before = [one for one in mine if onset - LEAST_BEFORE <= one.began < onset]
        # one that was in use until yesterday: what was dead before is not ours to say
        is_alive = bool(before) and before[-1].ended > onset - 3 * DAY
        if rng.random() > 0.5 or len(before) < LEAST_A_DAY * LEAST_BEFORE.days or not is_alive:
            continue
        end = onset + LASTS[name]
        spoiled[place] = (name, onset, end)
        troubles.append(_truth(BY_NAME[name], mine, ids[place], onset, end, begin))
    kept = [after for one in sessions if (after := _after(one, spoiled, rng)) is not None]
    return sorted(kept, key=lambda one: (one.ended, one.station, one.connector)), troubles


def _after(
    one: Listed, spoiled: dict[tuple[str, int], tuple[str, datetime, datetime]], rng: Random
) -> Listed | None:
    name, onset, end = spoiled.get(one.place, ("", one.ended, one.ended))
    if not name or not onset <= one.began < end:
        return one
    if name == "silent":
        return None
    if name == "meter_too_much":
        return replace(one, energy_wh=one.energy_wh * 5 + 5000)
    if name == "half_dead" and rng.random() < 0.5:
        return one
    return replace(one, energy_wh=rng.choice((0, 0, 40)), ended=one.began + timedelta(seconds=70))


def _truth(
    kind: Kind, mine: list[Listed], number: int, onset: datetime, end: datetime, begin: datetime
) -> dict[str, Any]:
    touched = [one for one in mine if onset <= one.began < end]
    first = touched[0].ended if touched else None
    return {
        "kind": kind.name,
        "code": kind.code,
        "codes": sorted(kind.codes),
        "also": sorted(kind.also),
        "row": kind.row,
        "severity": kind.severity,
        "blame": kind.blame,
        "is_held_out": False,
        "scope": "connector",
        "scope_key": f"connector:{number}",
        "stations": [mine[0].station],
        "connectors": [number],
        "onset": (onset - begin).total_seconds(),
        "end": (end - begin).total_seconds(),
        "first_effect": None if first is None else (first - begin).total_seconds(),
        "values": {},
        "is_dc": None,
        "version": None,
    }
