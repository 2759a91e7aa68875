"""Charging sessions as meters see them, by the physics they follow."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import exp

from faults.rules.facts import Card, Sample

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
DC = Card(is_dc=True, max_power_w=150_000)
AC = Card(is_dc=False, max_power_w=22_000)
TAU = timedelta(minutes=9)


def warming(
    currents: Sequence[float],
    *,
    theta: float,
    ambient: float = 15.0,
    every: timedelta = timedelta(seconds=60),
) -> list[Sample]:
    """Return samples of a plug that carries these currents, the first of them idle."""
    load, rows = 0.0, []
    for index, amps in enumerate(currents):
        if index:
            squares = (currents[index - 1] ** 2 + amps**2) / 2
            load = squares + (load - squares) * exp(-every / TAU)
        rows.append(
            Sample(at=START + index * every, current_a=amps, cable_c=ambient + theta * load)
        )
    return rows


def fast(
    powers: Sequence[int], *, soc: int | None = 40, offered: int | None = 150_000
) -> list[Sample]:
    """Return samples of a direct-current session, one a minute."""
    return [
        Sample(
            at=START + timedelta(minutes=index),
            power_w=power,
            power_offered_w=offered,
            current_a=power / 400,
            voltage_v=400.0,
            soc_percent=soc,
        )
        for index, power in enumerate(powers)
    ]


def with_register(samples: Sequence[Sample], registers: Sequence[int]) -> list[Sample]:
    """Return samples with a register each."""
    return [replace(one, energy_wh=wh) for one, wh in zip(samples, registers, strict=True)]
