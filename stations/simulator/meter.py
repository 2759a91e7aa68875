"""The meter and the cable sensor of one connector, moved on by real elapsed time."""

import random
from datetime import datetime

from stations.simulator import power
from stations.simulator.fleet import ConnectorSpec
from stations.simulator.plan import Visit


class Meter:
    """Register in Wh, power in W, cable temperature in degrees Celsius."""

    def __init__(self, spec: ConnectorSpec, rng: random.Random, register_wh: float) -> None:
        self.spec = spec
        self.rng = rng
        self.register_wh = register_wh
        self.ambient_c = rng.uniform(8.0, 22.0)
        self.cable_c = self.ambient_c
        self.power_w = 0.0
        self.delivered_wh = 0.0
        self.cap_w: float | None = None
        # Resistance of the cable's contacts, in that of new ones; what their current is.
        self.contact = 1.0
        self.amps = 0.0
        self.hot_c: float | None = None
        self.hot_tau_s = power.CABLE_TAU_S

    def begin(self) -> None:
        """Start a session at nothing delivered."""
        self.delivered_wh = 0.0
        self.power_w = 0.0

    def draw(self, power_w: float, visit: Visit) -> None:
        """Let a vehicle draw so much from now on."""
        self.power_w = power_w
        self.amps = power.amps_of(self.spec, visit, power_w)

    def step(self, elapsed_s: float) -> None:
        """Let the present power flow for a while."""
        energy_wh = self.power_w * elapsed_s / 3600
        self.register_wh += energy_wh
        self.delivered_wh += energy_wh
        if self.hot_c is not None and self.power_w > 0:
            target, tau_s = self.hot_c, self.hot_tau_s
        else:
            amps = self.amps if self.power_w > 0 else 0.0
            target = power.cable_target_c(self.spec, amps, self.ambient_c, self.contact)
            tau_s = power.CABLE_TAU_S
        self.cable_c = power.approach(self.cable_c, target, elapsed_s, tau_s)

    def read(self, at: datetime, visit: Visit | None) -> power.Reading:
        """Return what meter and sensors show."""
        volts, amps = power.volts_and_amps(
            self.spec, visit, self.power_w, self.rng.uniform(-1.0, 1.0)
        )
        offered_w = self.spec.max_power_w if self.cap_w is None else self.cap_w
        return power.Reading(
            at=at,
            register_wh=int(self.register_wh),
            power_w=round(self.power_w),
            volts=volts,
            amps=amps,
            offered_w=round(min(offered_w, self.spec.max_power_w)),
            soc=self._soc(visit),
            cable_c=round(self.cable_c, 1),
        )

    def _soc(self, visit: Visit | None) -> int | None:
        if visit is None or self.spec.current != "DC":
            return None
        return int(power.soc_after(visit, self.delivered_wh))
