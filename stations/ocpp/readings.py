"""Sampled values of either version as readings in our units."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from stations.metering import energy
from stations.metering.facts import Reading
from stations.ocpp.instants import read_instant

REGISTER = "Energy.Active.Import.Register"
POWER = "Power.Active.Import"
# measurand, phase -> column; L1-N is L1 (both are used for phase to neutral).
PHASED = {
    ("Current.Import", ""): "current_a",
    ("Current.Import", "L1"): "current_l1_a",
    ("Current.Import", "L2"): "current_l2_a",
    ("Current.Import", "L3"): "current_l3_a",
    ("Voltage", ""): "voltage_v",
    ("Voltage", "L1"): "voltage_l1_v",
    ("Voltage", "L2"): "voltage_l2_v",
    ("Voltage", "L3"): "voltage_l3_v",
    ("Current.Offered", ""): "current_offered_a",
}
# What most samples are; read without a decimal number.
WHOLE = {(REGISTER, "Wh"): "energy_wh", (POWER, "W"): "power_w"}
MAX_PLAIN = 9
# What is said over and over again, by thousands of stations: 230.4 V.
REMEMBERED = 8192
NOT_OURS = ("Inlet", "EV")
MILLI = Decimal("0.001")
# What the columns hold: numeric(9,3), integer, smallint percent, numeric(7,2).
MAX_PHASED = Decimal(10) ** 6 - 1
MAX_POWER_W = 2**31 - 1
MAX_TEMPERATURE_C = 1000
MAX_KEPT = 40

Sample = Mapping[str, Any]


class _Entry:
    """The samples of one instant and context while they are read."""

    __slots__ = ("power_phases", "reading", "register_phases", "warm_at")

    def __init__(self, occurred_at: datetime, context: str) -> None:
        self.reading = Reading(occurred_at, context)
        self.register_phases: dict[str, int] = {}
        self.power_phases: dict[str, int] = {}
        # Where the first temperature was taken: a second one there is the other contact's.
        self.warm_at: object = None

    def finish(self) -> Reading:
        """Return the reading; a total the station left out is the sum of its phases."""
        reading = self.reading
        if reading.energy_wh is None and self.register_phases:
            reading.energy_wh = sum(self.register_phases.values())
        if reading.power_w is None and self.power_phases:
            reading.power_w = min(sum(self.power_phases.values()), MAX_POWER_W)
        return reading


def read_meter_values(
    values: Iterable[Sample], received_at: datetime, flags: list[str]
) -> tuple[Reading, ...]:
    """Return the readings of a frame, oldest first; what was odd is added to `flags`.

    Entries of one instant and context are one reading (some makes send one sample an entry).
    """
    entries: dict[tuple[datetime, str], _Entry] = {}
    for value in values:
        occurred_at = read_instant(value.get("timestamp"), received_at, flags)
        samples = value.get("sampledValue")
        for sample in samples if isinstance(samples, list) else ():
            if not isinstance(sample, dict):
                flags.append("sample_unreadable")
                continue
            context = str(sample.get("context") or "Sample.Periodic")[:24]
            entry = entries.get((occurred_at, context))
            if entry is None:
                entry = entries[occurred_at, context] = _Entry(occurred_at, context)
            _read_sample(entry, sample, flags)
    found = [entry.finish() for entry in entries.values()]
    if len(found) > 1:
        found.sort(key=lambda reading: reading.occurred_at)
    return tuple(found)


def _read_plain(reading: Reading, sample: Sample) -> bool:
    """Read a sample about which nothing is odd; says whether it was one."""
    measurand, phase, value = sample.get("measurand"), sample.get("phase", ""), sample.get("value")
    if not isinstance(measurand, str) or not isinstance(phase, str):
        return False
    if "signedMeterValue" in sample or sample.get("format", "Raw") != "Raw":
        return False
    column = PHASED.get((measurand, phase))
    if column is None:
        return not phase and _read_whole(reading, sample, measurand, value)
    is_short = isinstance(value, float) or (isinstance(value, str) and len(value) <= MAX_PLAIN)
    number = _thousandths(value) if is_short else None
    if number is not None:
        setattr(reading, column, number)
    return number is not None


def _read_whole(reading: Reading, sample: Sample, measurand: str, value: object) -> bool:
    """Read a whole number of Wh or W, if it is one."""
    unit = sample.get("unit")
    if unit is None:
        measure = sample.get("unitOfMeasure")
        unit = measure.get("unit") if isinstance(measure, dict) and len(measure) == 1 else None
    column = WHOLE.get((measurand, unit)) if isinstance(unit, str) else None
    if column is None or sample.get("location") in NOT_OURS:
        return False
    if isinstance(value, str):
        if len(value) > MAX_PLAIN or not value.isascii() or not value.isdecimal():
            return False
        value = int(value)
    elif type(value) is not int or not 0 <= value < 10**MAX_PLAIN:
        return False
    setattr(reading, column, value)
    return True


@lru_cache(REMEMBERED, typed=True)
def _thousandths(value: Any) -> Decimal | None:
    """Return a number as its column holds it, or None where it is none or too large."""
    number = energy.read_number(value)
    if number is None or abs(number) > MAX_PHASED:
        return None
    return number.quantize(MILLI)


def _read_sample(entry: _Entry, sample: Sample, flags: list[str]) -> None:
    if _read_plain(entry.reading, sample):
        return
    if sample.get("format") == "SignedData" or "signedMeterValue" in sample:
        _keep(entry, sample)
        if "signedMeterValue" not in sample:
            return
    number = energy.read_number(sample.get("value"))
    if number is None:
        flags.append("sample_without_value")
        _keep(entry, sample)
        return
    measurand = sample.get("measurand") or REGISTER
    phase = (sample.get("phase") or "").removesuffix("-N")
    if measurand in (REGISTER, POWER):
        is_read = _read_energy(entry, sample, number, measurand, phase)
    elif measurand == "Temperature":
        is_read = _read_warmth(entry, sample, number)
    else:
        is_read = _read_other(entry.reading, sample, number, measurand, phase)
    if not is_read:
        _keep(entry, sample)


def _unit(sample: Sample) -> tuple[str, int]:
    unit = sample.get("unit")
    if isinstance(unit, str):
        return unit, 0
    measure = sample.get("unitOfMeasure")
    if not isinstance(measure, dict):
        return "", 0
    multiplier = measure.get("multiplier", 0)
    return str(measure.get("unit") or ""), multiplier if isinstance(multiplier, int) else 0


def _read_energy(
    entry: _Entry, sample: Sample, number: Decimal, measurand: str, phase: str
) -> bool:
    unit, multiplier = _unit(sample)
    reading = entry.reading
    # The inlet is the grid's side of the station, the vehicle's own meter is not ours to bill by.
    if sample.get("location") in NOT_OURS:
        return False
    if measurand == POWER:
        power_w = energy.power_w(number, unit, multiplier)
        if power_w is None or abs(power_w) > MAX_POWER_W:
            return False
        if phase:
            entry.power_phases[phase] = power_w
        else:
            reading.power_w = power_w
        return True
    energy_wh = energy.energy_wh(number, unit, multiplier)
    if energy_wh is None:
        return False
    if phase:
        entry.register_phases[phase] = energy_wh
    else:
        reading.energy_wh = energy_wh
    return True


def _read_other(
    reading: Reading, sample: Sample, number: Decimal, measurand: str, phase: str
) -> bool:
    column = PHASED.get((measurand, phase))
    if column is not None:
        if abs(number) > MAX_PHASED:
            return False
        setattr(reading, column, number.quantize(MILLI))
        return True
    if measurand == "SoC" and 0 <= number <= 100:
        reading.soc_percent = energy.whole(number)
        return True
    unit, multiplier = _unit(sample)
    if measurand == "Power.Offered" and not phase:
        power_w = energy.power_w(number, unit, multiplier)
        reading.power_offered_w = power_w
        return power_w is not None and abs(power_w) <= MAX_POWER_W
    return False


def _read_warmth(entry: _Entry, sample: Sample, number: Decimal) -> bool:
    """Take a temperature; of several at the plug the hottest counts, whichever came last.

    Two of one place are those of its two contacts. A vehicle's own is not the plug's.
    """
    place = sample.get("location")
    if abs(number) >= MAX_TEMPERATURE_C or place == "EV":
        return False
    reading, celsius = entry.reading, energy.temperature_c(number, _unit(sample)[0])
    if place == "Body":
        reading.temperature_body_c = celsius
        return True
    first = reading.temperature_c
    if first is None:
        reading.temperature_c, entry.warm_at = celsius, place
        return True
    reading.temperature_c = max(first, celsius)
    if entry.warm_at != place or reading.temperature_pair_c is not None:
        return False
    reading.temperature_pair_c = min(first, celsius)
    return True


def _keep(entry: _Entry, sample: Sample) -> None:
    """Keep a sample that has no column, word for word: signed data is evidence."""
    if len(entry.reading.other) < MAX_KEPT:
        entry.reading.other.append(dict(sample))
