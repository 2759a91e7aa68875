"""One visit of a car at a connector: what the driver does, what happens, what the station says."""

from dataclasses import dataclass
from random import Random

from stations.metering import facts
from tests.bench.faults.world import effects, speech
from tests.bench.faults.world.effects import Wrong
from tests.bench.faults.world.line import Line
from tests.bench.faults.world.places import Connector, Driver
from tests.bench.faults.world.power import STEP, Flow

BROKEN_OFF = ("Other", "EVDisconnected", "Local", "Other")
BROKEN_OFF_2 = ("Other", "EVDisconnected", "Timeout", "Local")
# What goes wrong once in a while at a good connector: a card held wrong, a plug half in.
MISHAP, LEAVES_EARLY = 0.012, 0.02


@dataclass(slots=True)
class Visit:
    """A car at a connector; `plugged` is how long it stays, `wants_wh` what it came for."""

    line: Line
    connector: Connector
    driver: Driver
    rng: Random
    wrong: Wrong
    number: str
    wants_wh: float
    plugged: float
    ambient_c: float

    def play(self, second: float) -> tuple[bool, float]:
        """Play the visit and return whether the car was charged, and when the place is free."""
        refusal = effects.refusal(self.wrong, self.driver, self.rng)
        if refusal:
            return False, self._refused(second, refusal)
        self._arrive(second)
        start = second + self.rng.uniform(8, 40)
        cut = self.wrong.cut_after(second, second + self.plugged + 120)
        if cut is not None and cut <= start + 5:
            return False, cut
        fails = effects.fails(self.wrong, self.driver, self.rng) or self.rng.random() < MISHAP
        if fails:
            return False, self._break_off(start)
        return True, self._charge(start, cut)

    def _arrive(self, second: float) -> None:
        speech.say_status(self.line, self.connector, second, "Preparing")
        if not self.driver.uses_app:
            asked = facts.AuthorizeFact(facts.TokenFact(self.driver.token))
            self.line.say(second + 5, asked)

    def _begin(self, start: float) -> None:
        speech.begin(
            self.line,
            self.connector,
            start,
            token=self.driver.token,
            number=self.number,
            by_app=self.driver.uses_app,
        )

    def _refused(self, second: float, word: str) -> float:
        """Play a visit that does not come to a session; the words are those of `effects`."""
        until = second + self.rng.uniform(60, 150)
        if word == "silent":
            return second
        self._arrive(second)
        if word == "pilot":
            effects.say_pilot(self.line, self.connector, second + 12)
        elif word == "token":
            detail = {"word": "invalid", "token": self.driver.token}
            refused = facts.NoticeFact(
                kind="token_refused",
                occurred_at=self.line.at(second + 6),
                place=speech.place_of(self.connector),
                detail=detail,
            )
            self.line.say(second + 6, refused)
        elif word == "stuck":
            until = second + self.rng.uniform(1000, 2600)
        speech.say_status(self.line, self.connector, until, "Available")
        return until

    def _break_off(self, start: float) -> float:
        self._begin(start)
        make = self.line.station.make
        until = start + self.rng.uniform(25.0, 110.0)
        if self.rng.random() < 0.25 and make.version == "1.6":
            effects.say_pilot(self.line, self.connector, start + 15)
        words = BROKEN_OFF if make.version == "1.6" else BROKEN_OFF_2
        self._end(until, self.rng.choice(words), 1)
        return self._leave(until, self.rng.uniform(5, 40))

    def _charge(self, start: float, cut: float | None) -> float:
        flow = Flow(
            self.line,
            self.connector,
            self.driver,
            self.wrong.on_power(start, self.driver),
            soc=self.rng.uniform(12, 55),
            ambient_c=self.ambient_c,
            noise=self.rng.randrange(4096),
            slow_v=self.rng.gauss(0, 2),
        )
        flow.rest(start)
        self._begin(start)
        seq = self._change(start + 3, "Charging", 1)
        stays = self.plugged
        if self.rng.random() < LEAVES_EARLY:
            stays = self.rng.uniform(40.0, 115.0)
        over = start + stays
        over_or_cut = over if cut is None else min(over, cut)
        at, seq, reason = self._meter(flow, start, over_or_cut, seq)
        if cut is not None and cut <= over:
            self._end(cut, self.wrong.cut_reason(cut), seq)
            self.wrong.after_cut(cut)
            return cut
        return self._finish(at, seq, reason)

    def _change(self, at: float, state: str, seq: int) -> int:
        return speech.change(
            self.line, self.connector, at, state=state, number=self.number, seq=seq
        )

    def _meter(self, flow: Flow, start: float, over: float, seq: int) -> tuple[float, int, str]:
        """Say a sample a minute until the car leaves; return when, the next number, and why."""
        at, is_full = start, False
        while at + STEP <= over:
            at += STEP
            reading = flow.step(at, draws=not is_full)
            effects.disturb_meter(self.wrong, self.connector, reading, at, start)
            effects.warn(self.wrong, self.line, self.connector, at, start)
            speech.meter(self.line, self.connector, reading, at, self.number, seq)
            seq += 1
            was_full = is_full
            is_full = is_full or flow.given_wh >= self.wants_wh or flow.soc >= 97
            if is_full and not was_full:
                if self.line.station.make.is_dc:
                    return at, seq, "Local" if self.rng.random() < 0.5 else "EVDisconnected"
                seq = self._change(at + 2, "SuspendedEV", seq)
        rest = over - at
        if 5 < rest < STEP and not is_full:
            self.connector.register_wh += flow.connector.power_w * 0.4 * rest / 3600
        return max(over, start + 20), seq, "EVDisconnected" if is_full else "Local"

    def _finish(self, at: float, seq: int, reason: str) -> float:
        stuck = self.wrong.stuck_after(at)
        if stuck is not None:
            return effects.stay_stuck(self, stuck, at, seq)
        if self.line.station.make.frees_early:
            speech.say_status(self.line, self.connector, at, "Available")
            self._end(at + self.rng.uniform(5, 50), reason, seq)
            effects.leak(self.wrong, self.line, self.connector, at + 60)
            return at + 52
        self._end(at, reason, seq)
        effects.leak(self.wrong, self.line, self.connector, at + 40)
        return self._leave(at, self.rng.uniform(4, 90))

    def _end(self, at: float, reason: str, seq: int) -> None:
        speech.end(self.line, self.connector, at, number=self.number, reason=reason, seq=seq)

    def _leave(self, at: float, after: float) -> float:
        speech.say_status(self.line, self.connector, at + 1, "Finishing")
        speech.say_status(self.line, self.connector, at + after, "Available")
        return at + after
