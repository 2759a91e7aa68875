"""What a car draws and what a meter and a cable show for it. Pure."""

import math
from dataclasses import dataclass
from datetime import datetime

from stations.simulator.fleet import ConnectorSpec
from stations.simulator.plan import Visit

AC_TAPER_SHARE = 0.06
# A plug's contacts follow the heat of their current with nine minutes, and settle this much above
# the air around at full current when they are new.
CABLE_TAU_S = 540.0
CABLE_RISE_K = 24.0
MAINS_V = 230.0
PACK_V = 395.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What the meter and the sensors of a connector show at one moment."""

    at: datetime
    register_wh: int
    power_w: int
    volts: tuple[float, ...]
    amps: tuple[float, ...]
    offered_w: int
    soc: int | None
    cable_c: float


def dc_share(soc: float) -> float:
    """Return the share of its best power a battery takes at a state of charge in percent."""
    if soc < 10:
        return 0.75 + 0.025 * max(soc, 0.0)
    if soc < 50:
        return 1.0
    if soc < 80:
        return 1.0 - 0.6 * (soc - 50) / 30
    return max(0.06, 0.4 - 0.34 * (soc - 80) / 20)


def draw_w(
    connector: ConnectorSpec, visit: Visit, delivered_wh: float, cap_w: float | None = None
) -> float:
    """Return the power a visit draws after so much energy, in W, never above any limit."""
    limit_w = min(visit.car_limit_w, connector.max_power_w)
    if connector.current == "DC":
        soc = soc_after(visit, delivered_wh)
        limit_w = min(connector.max_power_w, visit.car_limit_w * dc_share(soc))
    else:
        left = 1 - delivered_wh / max(visit.energy_wh, 1.0)
        if left < AC_TAPER_SHARE:
            limit_w *= 0.35 + 0.65 * max(left, 0.0) / AC_TAPER_SHARE
    return limit_w if cap_w is None else min(limit_w, max(cap_w, 0.0))


def soc_after(visit: Visit, delivered_wh: float) -> float:
    """Return the state of charge in percent after so much energy at the meter."""
    return min(100.0, visit.soc + 100 * 0.93 * delivered_wh / visit.battery_wh)


def volts_and_amps(
    connector: ConnectorSpec, visit: Visit | None, power_w: float, wobble: float
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return volts and amps per phase (one pair for DC) that multiply to the power."""
    if connector.current == "DC":
        if visit is None:
            return (0.0,), (0.0,)
        pack_v = round(PACK_V + 20 * wobble, 1)
        return (pack_v,), (round(power_w / pack_v, 1),)
    phases = visit.car_phases if visit else connector.phases
    sag = 0.05 * power_w / MAINS_V / phases
    volts_each = round(MAINS_V + 2.5 * wobble - sag, 1)
    amps_each = round(power_w / volts_each / phases, 2)
    return (volts_each,) * connector.phases, (amps_each,) * phases + (0.0,) * (
        connector.phases - phases
    )


def cable_target_c(
    connector: ConnectorSpec, amps: float, ambient_c: float, contact: float = 1.0
) -> float:
    """Return where a cable's temperature settles: I²R, with R in that of new contacts."""
    return ambient_c + CABLE_RISE_K * contact * (amps / full_amps(connector)) ** 2


def full_amps(connector: ConnectorSpec) -> float:
    """Return the current through one contact at full power."""
    if connector.current == "DC":
        return connector.max_power_w / PACK_V
    return connector.max_power_w / MAINS_V / connector.phases


def amps_of(connector: ConnectorSpec, visit: Visit | None, power_w: float) -> float:
    """Return the current through the most loaded contact."""
    if connector.current == "DC":
        return power_w / PACK_V
    return power_w / MAINS_V / (visit.car_phases if visit else connector.phases)


def approach(value: float, target: float, elapsed_s: float, tau_s: float = CABLE_TAU_S) -> float:
    """Return a value that goes towards its target with a time constant."""
    return target + (value - target) * math.exp(-elapsed_s / tau_s)
