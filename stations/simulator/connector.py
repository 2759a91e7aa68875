"""One connector: who stands at it, what it shows, and what it tells its station."""

import asyncio
import random
import uuid
from collections import deque
from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from stations.simulator import power
from stations.simulator.clock import Clock, Counters
from stations.simulator.dialect import Dialect, Event, Fault
from stations.simulator.fleet import ConnectorSpec, TokenSpec
from stations.simulator.meter import Meter
from stations.simulator.outbox import Item, Transaction
from stations.simulator.plan import Visit
from stations.simulator.scenario import Troubles

POLL_S = 2.0
STATES = {
    "Preparing": "EVConnected",
    "Charging": "Charging",
    "SuspendedEV": "SuspendedEV",
    "SuspendedEVSE": "SuspendedEVSE",
}


class Halted(Exception):
    """Something ends the visit at once; the text is the reason."""


class Host(Protocol):
    """What a connector needs of its station."""

    clock: Clock
    counters: Counters
    dialect: Dialect
    troubles: Troubles
    starts_at_plug: bool
    powered: asyncio.Event

    def now(self) -> datetime: ...
    def post(self, item: Item | None) -> None: ...
    def sample_s(self) -> float: ...
    def shorter(self, seconds: float) -> float: ...
    def cap_w(self, connector: "Connector") -> float | None: ...
    def ended(self, tx: Transaction) -> None: ...
    async def authorize(self, token: TokenSpec) -> bool: ...


class Connector:
    """The behaviour of one connector; its verbs are safe to call at any time."""

    def __init__(
        self, host: Host, spec: ConnectorSpec, meter: Meter, plan: Iterator[Visit]
    ) -> None:
        self.host = host
        self.spec = spec
        self.meter = meter
        self.rng = random.Random(meter.rng.random())
        self.word = "Available"
        self.fault: Fault | None = None
        self.operative = True
        self.reserved_for: str | None = None
        self.reservation_id = 0
        self.tx: Transaction | None = None
        self.visit: Visit | None = None
        self.ordered: deque[tuple[Visit, int | None]] = deque()
        self._plan = plan
        self._planned: Visit | None = None
        self.free_since_s = 0.0
        self._halt: str | None = None
        self._poke = asyncio.Event()

    def takes(self, token: str) -> bool:
        """Tell whether a visit with this token could begin now."""
        faulted = self.fault is not None and not self.fault.keep_status
        return (
            self.visit is None
            and self.operative
            and not faulted
            and self.reserved_for in (None, token)
        )

    def order(self, visit: Visit, remote_id: int | None = None) -> None:
        """Let a visit begin as soon as the connector is free."""
        self.ordered.append((visit, remote_id))
        self._poke.set()

    def next_planned(self) -> Visit:
        """Take the next visit of the plan, whenever it was to come."""
        visit, self._planned = self.peek(), None
        return visit

    def halt(self, reason: str) -> bool:
        """End the visit that goes on, and tell whether there was one."""
        if self.visit is None:
            return False
        self._halt = reason
        self._poke.set()
        return True

    def break_down(self, fault: Fault) -> None:
        """Report a fault; unless it is only a warning the visit ends."""
        self.fault = fault
        self.host.post(self.host.dialect.problem(self.spec, fault, self.host.now(), cleared=False))
        if not fault.keep_status and self.halt("Faulted"):
            return
        self.report(self.word if fault.keep_status else self.resting())

    def mend(self) -> None:
        """Report that the fault is gone."""
        fault, self.fault = self.fault, None
        if fault is None:
            return
        self.host.post(self.host.dialect.problem(self.spec, fault, self.host.now(), cleared=True))
        self.report(self.word if self.visit else self.resting())

    def resting(self) -> str:
        """Return the status of a connector where nobody stands."""
        if self.fault and not self.fault.keep_status:
            return "Faulted"
        if not self.operative:
            return "Unavailable"
        return "Reserved" if self.reserved_for else "Available"

    def rest(self) -> None:
        """Show the resting status, unless somebody stands here."""
        if self.visit is None:
            self.report(self.resting())

    def report(self, word: str) -> None:
        """Take a status and tell it."""
        self.word = word
        self.host.post(self.status_item())

    def status_item(self) -> Item:
        """Return the present status as a message."""
        return self.host.dialect.status(self.spec, self.word, self.fault, self.host.now())

    def read(self) -> power.Reading:
        """Return what meter and sensors show now."""
        return self.meter.read(self.host.now(), self.visit)

    def sample(self, context: str = "Sample.Periodic") -> None:
        """Send meter values of the transaction, or of the idle connector."""
        triggers = {"Trigger": "Trigger", "Sample.Clock": "MeterValueClock"}
        event = Event(self.read(), triggers.get(context, "MeterValuePeriodic"), context)
        if self.tx is None:
            self.host.post(self.host.dialect.idle_values(self.spec, event))
            return
        for item in self.host.dialect.samples(self.tx, self.spec, event):
            self.host.post(item)

    def begin(self, visit: Visit, remote_id: int | None, trigger: str) -> None:
        reading = self.read()
        self.tx = Transaction(
            uid=str(uuid.uuid4()),
            connector=self.spec.number,
            token=visit.token.id,
            token_type=visit.token.type,
            started_at=reading.at,
            meter_start=reading.register_wh,
            remote_id=remote_id,
            reservation_id=self.reservation_id if self.reserved_for else None,
        )
        self.reserved_for = None
        self.host.counters.started += 1
        event = Event(reading, trigger, "Transaction.Begin")
        self.host.post(self.host.dialect.start(self.tx, self.spec, event))

    def end(self, reason: str) -> None:
        self.meter.power_w = 0.0
        if self.tx is None:
            return
        tx, self.tx = self.tx, None
        tx.state = "EVConnected"
        self.host.counters.ended += 1
        event = Event(self.read(), context="Transaction.End", reason=reason)
        self.host.post(self.host.dialect.stop(tx, self.spec, event))
        self.host.ended(tx)

    def show(self, word: str) -> None:
        if word == self.word:
            return
        self.report(word)
        state = STATES.get(word)
        if self.tx is not None and state and state != self.tx.state:
            self.tx.state = state
            self.tell_change("ChargingStateChanged")

    def tell_change(self, trigger: str) -> None:
        if self.tx is None:
            return
        event = Event(self.read(), trigger, context="")
        self.host.post(self.host.dialect.change(self.tx, self.spec, event))

    async def pause(self, seconds: float) -> None:
        """Wait; raises Halted when the visit is to end."""
        await self.nap(seconds)
        if self._halt is not None:
            reason, self._halt = self._halt, None
            raise Halted(reason)

    async def nap(self, seconds: float) -> None:
        if self._halt is None and not (self.ordered and self.visit is None):
            self._poke.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self._poke.wait()
            except TimeoutError:
                pass

    def peek(self) -> Visit:
        """Return the next visit of the plan without taking it."""
        if self._planned is None:
            self._planned = next(self._plan)
        return self._planned

    def clear_halt(self) -> None:
        """Forget a halt that came before anybody stood here."""
        self._halt = None
