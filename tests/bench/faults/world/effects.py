"""What a trouble does to a visit: this file alone turns the truth into what can be observed."""

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from stations.metering import facts
from stations.metering.facts import Reading
from tests.bench.faults.world import speech
from tests.bench.faults.world.line import Line
from tests.bench.faults.world.places import Connector, Driver
from tests.bench.faults.world.power import GRID_V, Effects, wanted_w
from tests.bench.faults.world.scenario import Trouble

if TYPE_CHECKING:
    from tests.bench.faults.world.visit import Visit

DAY = 86_400.0
FAILING = {"dead_start", "half_dead", "bad_firmware"}
WORN = {"worn_contact", "wearing_contact"}
STUCK = {"stuck_finishing", "stuck_transaction"}
# Nobody can begin there, and the station says so.
CLOSING = {"unknown_code", "flapping", "boot_loop", "cable_stolen"}


def is_closed_by(trouble: Trouble) -> bool:
    """Return whether a trouble takes its place out of service for all to see."""
    name = trouble.kind.name
    return name in CLOSING or (name.startswith("reported_") and name != "reported_F20")


@dataclass(slots=True)
class Wrong:
    """What is wrong at one connector over the whole run, and what at the instant of a visit."""

    connector: Connector
    line: Line
    troubles: list[Trouble]
    now: list[Trouble]

    @classmethod
    def at(
        cls, connector: Connector, line: Line, troubles: list[Trouble], second: float
    ) -> "Wrong":
        """Return what is wrong at a connector at an instant."""
        return cls(connector, line, troubles, [one for one in troubles if one.holds(second)])

    def named(self, name: str) -> Trouble | None:
        """Return a trouble that holds now, and note that it shows."""
        return next((one for one in self.now if one.kind.name == name), None)

    def closed(self) -> bool:
        """Return whether nobody can begin here."""
        return any(is_closed_by(one) for one in self.now)

    def cut_after(self, second: float, until: float) -> float | None:
        """Return when a session begun now is cut off, None where it is not."""
        cuts = [
            one.onset for one in self.troubles if is_closed_by(one) and second <= one.onset < until
        ]
        dark = self.line.dark_after(second, until)
        return min([*cuts, *([] if dark is None else [dark])], default=None)

    def cut_reason(self, at: float) -> str:
        """Return why a session was cut off."""
        gap = self.line.gap_at(at)
        if gap is not None and gap.why == "power":
            return "PowerLoss"
        if gap is not None and gap.why == "boot":
            return "Reboot"
        stops = [one for one in self.troubles if is_closed_by(one) and one.onset == at]
        if stops and stops[0].kind.code == "F08":
            return "EmergencyStop"
        return "Other"

    def after_cut(self, at: float) -> None:
        """Say that the place is free, where a cut does not say more by itself."""
        if any(is_closed_by(one) and one.onset == at for one in self.troubles):
            return
        gap = self.line.gap_at(at)
        if gap is not None:
            after = gap.end + 3
            speech.say_status(self.line, self.connector, after, "Available")

    def on_power(self, second: float, driver: Driver) -> Effects:
        """Return what is wrong with the power path now, for one car."""
        found = Effects()
        for one in self.now:
            if self._add(found, one, second) and self._is_felt(found, one, driver):
                one.shows(second)
        return found

    def _add(self, found: Effects, one: Trouble, second: float) -> bool:
        name, values = one.kind.name, one.values
        if name == "worn_contact":
            found.theta = values["step"]
        elif name == "wearing_contact":
            found.theta = 1.0 + values["a_day"] * (second - one.onset) / DAY
        elif name == "derated":
            found.factor = values["factor"]
        elif name == "lost_module":
            modules = self.connector.station.make.modules
            left = max(1, modules - round(values["modules"]))
            found.cap_w = self.connector.power_w * left / modules
        elif name == "lost_phase":
            found.lost_phase = True
        elif name in {"meter_too_much", "meter_drift"}:
            found.meter_gain = values["gain"]
        elif name == "weak_supply":
            found.extra_ohm = values["extra_ohm"]
        else:
            return False
        return True

    def _is_felt(self, found: Effects, one: Trouble, driver: Driver) -> bool:
        """Return whether a car is given a tenth less than it would take, or lacks its phase."""
        if one.kind.name == "lost_phase":
            return driver.phases == 3
        left_w = min(self.connector.power_w * found.factor, found.cap_w)
        is_power = one.kind.name in {"derated", "lost_module"}
        return not is_power or left_w < 0.9 * wanted_w(self.connector, driver)

    def stuck_after(self, second: float) -> Trouble | None:
        """Return the trouble that keeps this session from ending."""
        for one in self.troubles:
            if one.kind.name in STUCK and one.first_effect is None and one.holds(second):
                one.shows(second)
                return one
        return None


def refusal(wrong: Wrong, driver: Driver, rng: Random) -> str:
    """Return why a visit does not come to a session, empty where it does."""
    for one in wrong.now:
        name = one.kind.name
        word = ""
        if name == "silent":
            word = "silent"
        elif name == "no_pilot" and rng.random() < one.values["fails"]:
            word = "pilot"
        elif name == "cards_refused" and rng.random() < one.values["fails"]:
            word = "token"
        elif name == "stuck_preparing":
            word = "stuck"
        elif name == "reader_dead" and not driver.uses_app:
            word = "nothing"
        if word:
            one.shows(wrong.connector.attempts[-1])
            return word
    return ""


def fails(wrong: Wrong, driver: Driver, rng: Random) -> bool:
    """Return whether a session breaks off before it gives anything."""
    for one in wrong.now:
        if one.kind.name in FAILING and rng.random() < one.values["fails"]:
            one.shows(wrong.connector.attempts[-1])
            return True
    return driver.is_sick and rng.random() < 0.9


def say_pilot(line: Line, connector: Connector, second: float) -> None:
    """Say that station and car do not understand each other."""
    place = speech.place_of(connector)
    if line.station.make.version == "1.6":
        fact = facts.StatusFact(
            place=place,
            status="SuspendedEVSE",
            occurred_at=line.at(second),
            error_code="EVCommunicationError",
        )
        line.say(second, fact)
        return
    for after, value in ((0.0, "true"), (20.0, "false")):
        detail = {
            "component": "CPPWMController",
            "variable": "Problem",
            "value": value,
            "trigger": "Alerting",
            "tech_code": "CX014",
            "tech_info": "",
            "is_cleared": value == "false",
        }
        at = line.at(second + after)
        told = facts.NoticeFact(kind="device_event", occurred_at=at, place=place, detail=detail)
        line.say(second + after, told, keeps=True)


def disturb_meter(
    wrong: Wrong, connector: Connector, reading: Reading, at: float, start: float
) -> None:
    """Let the register jump back ten minutes into a session."""
    if not 600 <= at - start < 660 or not wrong.now:
        return
    trouble = wrong.named("meter_backwards")
    if trouble is not None:
        trouble.shows(at)
        connector.register_wh = max(0.0, connector.register_wh - trouble.values["back_wh"])
        reading.energy_wh = int(connector.register_wh)


def warn(wrong: Wrong, line: Line, connector: Connector, at: float, start: float) -> None:
    """Let a hot cable be told of five minutes into a session."""
    if not 300 <= at - start < 360 or not wrong.now:
        return
    trouble = wrong.named("reported_F20")
    if trouble is not None:
        trouble.shows(at)
        speech.say_trouble(line, connector, at, "F20", is_over=False)
        speech.say_trouble(line, connector, at + 900, "F20", is_over=True, free="Charging")


def leak(wrong: Wrong, line: Line, connector: Connector, second: float) -> None:
    """Let power flow after a session where the contactor has welded."""
    trouble = wrong.named("output_live") if wrong.now else None
    if trouble is None:
        return
    trouble.shows(second)
    for minute in range(5):
        at = second + 60 * minute
        connector.register_wh += 20
        reading = Reading(line.at(at), "Sample.Clock", energy_wh=int(connector.register_wh))
        reading.power_w, reading.current_a = 1200, speech.tenths(5.2)
        reading.voltage_v = speech.tenths(380.0 if line.station.make.is_dc else GRID_V)
        fact = facts.MeterFact(
            place=speech.place_of(connector), transaction="", readings=(reading,)
        )
        line.say(at, fact)


def stay_stuck(visit: "Visit", trouble: Trouble, at: float, seq: int) -> float:
    """Let the car leave and the station not notice, until somebody mends it."""
    line, connector = visit.line, visit.connector
    if trouble.kind.name == "stuck_finishing":
        speech.end(line, connector, at, number=visit.number, reason="Local", seq=seq)
        speech.say_status(line, connector, at + 1, "Finishing")
    else:
        beat = at
        while beat + 900 < trouble.end:
            beat += 900
            reading = Reading(line.at(beat), "Sample.Periodic", power_w=0)
            reading.energy_wh = int(connector.register_wh)
            speech.meter(line, connector, reading, beat, visit.number, seq)
            seq += 1
        speech.end(line, connector, trouble.end, number=visit.number, reason="Other", seq=seq)
    speech.say_status(line, connector, trouble.end + 2, "Available")
    return trouble.end + 2
