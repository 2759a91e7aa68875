"""The physics of one session: power by the battery, currents, voltages, register and cable.

Nothing here is the detector's: heat follows I²R with the connector's own time constant.
"""

from dataclasses import dataclass
from math import exp
from random import Random

from stations.metering.facts import Reading
from tests.bench.faults.world import speech
from tests.bench.faults.world.line import Line
from tests.bench.faults.world.places import Connector, Driver

STEP = 60.0
NOISE = tuple(Random(7).gauss(0, 1) for _ in range(4096))
GRID_V = 231.0
MOST_A = 500.0


@dataclass(slots=True)
class Effects:
    """What is wrong with the power path of a connector right now."""

    theta: float = 1.0
    factor: float = 1.0
    cap_w: float = 1e9
    lost_phase: bool = False
    meter_gain: float = 1.0
    extra_ohm: float = 0.0
    no_sensor: bool = False


@dataclass(slots=True)
class Flow:
    """One car drawing power: how far its battery is, and what the meter of its phases shows."""

    line: Line
    connector: Connector
    driver: Driver
    effects: Effects
    soc: float
    ambient_c: float
    noise: int
    slow_v: float
    # What the battery got, Wh; a meter that counts wrong does not change that.
    given_wh: float = 0.0

    def step(self, second: float, *, draws: bool) -> Reading:
        """Let a minute pass and return what the meter shows at its end."""
        connector, effects = self.connector, self.effects
        power = self._power() if draws else 0.0
        is_dc = connector.station.make.is_dc
        amps, volts = self._electric(power)
        self._warm(amps)
        self.soc += power * STEP / 3600 / (self.driver.battery_kwh * 10)
        self.given_wh += power * STEP / 3600
        connector.register_wh += power * STEP / 3600 * effects.meter_gain
        reading = Reading(
            self.line.at(second),
            "Sample.Periodic",
            energy_wh=int(connector.register_wh),
            power_w=int(power * (1 + 0.004 * self._noise())),
        )
        if is_dc:
            self._tell_dc(reading, amps, volts)
        else:
            self._tell_ac(reading, power, amps, volts)
        if connector.station.make.has_temperature and not effects.no_sensor:
            reading.temperature_c = speech.tenths(connector.cable_c + 0.3 * self._noise())
        return reading

    def rest(self, second: float) -> None:
        """Let the cable cool until an instant."""
        connector = self.connector
        past = max(0.0, second - connector.cable_at)
        cooled = exp(-past / connector.tau)
        connector.cable_c = self.ambient_c + (connector.cable_c - self.ambient_c) * cooled
        connector.cable_at = second

    def _power(self) -> float:
        station_w = min(float(self.connector.power_w) * self.effects.factor, self.effects.cap_w)
        if self.connector.station.make.is_dc:
            car_w = self.driver.dc_w * _acceptance(self.soc) * (0.97 + 0.02 * self._noise())
            # no cable carries more, so no meter shows more than this times the voltage
            cable_w = MOST_A * self._battery_v()
            return max(0.0, min(station_w, car_w, cable_w))
        car_w = float(min(self.driver.ac_w, self.connector.power_w))
        if self.driver.phases == 1:
            car_w = min(car_w, self.connector.power_w / 3)
        if self.effects.lost_phase:
            car_w *= (2 / 3) if self.driver.phases == 3 else 1.0
        return min(station_w, car_w) * (0.985 + 0.004 * self._noise())

    def _battery_v(self) -> float:
        return 360.0 + 60 * self.soc / 100

    def _electric(self, power: float) -> tuple[float, float]:
        """Return the current in a conductor and the voltage behind it."""
        if self.connector.station.make.is_dc:
            return power / self._battery_v(), self._battery_v()
        legs = self._legs()
        ohm = self.connector.loop_ohm + self.effects.extra_ohm
        self.slow_v = 0.98 * self.slow_v + 0.25 * self._noise()
        amps = power / legs / GRID_V
        volts = GRID_V + self.slow_v - amps * ohm
        return power / legs / volts, volts

    def _legs(self) -> int:
        if self.driver.phases == 1:
            return 1
        return 2 if self.effects.lost_phase else 3

    def _warm(self, amps: float) -> None:
        connector = self.connector
        goal = self.ambient_c + connector.theta * self.effects.theta * amps * amps
        stays = exp(-STEP / connector.tau)
        connector.cable_c = goal + (connector.cable_c - goal) * stays
        connector.cable_at += STEP

    def _tell_dc(self, reading: Reading, amps: float, volts: float) -> None:
        reading.current_a = speech.tenths(amps)
        reading.voltage_v = speech.tenths(volts)
        reading.soc_percent = min(100, int(self.soc))
        reading.power_offered_w = self.connector.power_w

    def _tell_ac(self, reading: Reading, power: float, amps: float, volts: float) -> None:
        tenths = speech.tenths
        reading.current_l1_a = tenths(amps)
        reading.voltage_l1_v = tenths(volts)
        if self.driver.phases == 3:
            reading.current_l2_a = tenths(amps * (1 + 0.005 * self._noise()))
            third = 0.0 if self.effects.lost_phase else amps * (1 + 0.005 * self._noise())
            reading.current_l3_a = tenths(third)
        else:
            reading.current_l2_a = reading.current_l3_a = tenths(0.0)
        rest = GRID_V + self.slow_v
        reading.voltage_l2_v = tenths(volts if self.driver.phases == 3 else rest)
        reading.voltage_l3_v = tenths(rest if self._legs() < 3 else volts)
        reading.current_offered_a = tenths(self.connector.power_w / 690)
        reading.current_a = reading.current_l1_a

    def _noise(self) -> float:
        self.noise = (self.noise + 1) & 4095
        return NOISE[self.noise]


def wanted_w(connector: Connector, driver: Driver) -> float:
    """Return what a car would take there at best while nothing is wrong."""
    if connector.station.make.is_dc:
        return float(min(connector.power_w, driver.dc_w))
    legs = 1 if driver.phases == 1 else 3
    return float(min(driver.ac_w, connector.power_w * legs / 3))


def _acceptance(soc: float) -> float:
    """Return the share of its best power that a battery takes at a state of charge in percent."""
    if soc < 55:
        return 1.0
    return 1.0 - 0.82 * (soc - 55) / 45 if soc < 100 else 0.0
