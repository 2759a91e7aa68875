"""One station: its connectors, its outbox, and the verbs of the other side and of scenarios."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from stations.simulator import charging, lists, plan, settings
from stations.simulator.clock import Clock, Counters
from stations.simulator.connector import Connector
from stations.simulator.dialect import Dialect, Event
from stations.simulator.fleet import ConnectorSpec, StationSpec, TokenSpec
from stations.simulator.meter import Meter
from stations.simulator.outbox import Item, Outbox, Transaction
from stations.simulator.scenario import Troubles
from stations.simulator.wire import Link

SAMPLE_S = 60
SHORTEST_SAMPLE_S = 10
REBOOT_S = 6.0
# How many of a hundred makes keep too few attempts.
GIVES_UP = 0.08
HELD_BACK = {"sample", "stop", "change"}

Answerer = Callable[["Station", str, dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class World:
    """What all stations of a run share."""

    url: str
    clock: Clock
    counters: Counters
    seed: int
    pace: plan.Pace


class Station:
    """A charger whose connection comes and goes while its connectors live on."""

    def __init__(
        self,
        spec: StationSpec,
        world: World,
        *,
        dialect: Dialect,
        answer: Answerer,
        troubles: Troubles,
    ) -> None:
        self.spec = spec
        self.dialect = dialect
        self.answer = answer
        self.troubles = troubles
        self.url = world.url
        self.clock = world.clock
        self.counters = world.counters
        self.pace = world.pace
        self.password = spec.password
        self.rng = random.Random(f"{world.seed}/{spec.identity}/station")
        # Makes differ, and a server must take both: a new BootNotification after every
        # reconnect, the old message id on a retry, a transaction that begins at the plug.
        self.boots_again = spec.ocpp == "1.6" and self.rng.random() < 0.5
        self.keeps_ids = self.rng.random() < 0.5
        self.starts_at_plug = spec.ocpp == "2.0.1" and self.rng.random() < 0.5
        self.settings = self._factory_settings()
        self.monitors: dict[int, dict[str, Any]] = {}
        self.outbox = Outbox()
        self.profiles: list[charging.Held] = []
        self.local_list, self.screen = lists.LocalList(), lists.Screen()
        self.link: Link | None = None
        self.boot_reason: str | None = "PowerUp"
        self.allowed = asyncio.Event()
        self.voice = asyncio.Event()
        self.powered = asyncio.Event()
        self.accepted = asyncio.Event()
        for event in (self.allowed, self.voice, self.powered):
            event.set()
        self.extra: set[asyncio.Task[None]] = set()
        self.connectors = {one.number: self._connector(one, world.seed) for one in spec.connectors}

    def _factory_settings(self) -> settings.Settings:
        spec = self.spec
        sample_s = max(SHORTEST_SAMPLE_S, round(SAMPLE_S / self.pace.speed))
        return settings.factory(
            len(spec.connectors),
            sample_s,
            ocpp=spec.ocpp,
            is_dc=any(one.current == "DC" for one in spec.connectors),
            gives_up=self.rng.random() < GIVES_UP,
        )

    def _connector(self, spec: ConnectorSpec, seed: int) -> Connector:
        rng = random.Random(f"{seed}/{self.spec.identity}/{spec.number}/meter")
        before = rng.randrange(200_000, 40_000_000)
        meter = Meter(spec, rng, before if spec.register_wh is None else spec.register_wh)
        return Connector(self, spec, meter, plan.visits(seed, self.spec, spec, self.pace))

    @property
    def is_online(self) -> bool:
        """Tell whether there is a connection over which the station was accepted."""
        return self.link is not None and self.boot_reason is None

    def now(self) -> datetime:
        """Return the station's own clock, which a scenario may have set wrong."""
        skew = self.troubles.active("clock_skew", self.clock.elapsed_s())
        at = self.clock.now()
        if skew is None:
            return at
        try:
            return at + timedelta(seconds=skew.options["seconds"])
        except OverflowError:
            return datetime(1970, 1, 1, tzinfo=at.tzinfo)

    def sample_s(self) -> float:
        """Return the seconds between two meter values."""
        chosen = self.settings.whole("MeterValueSampleInterval")
        if self.pace.floor_s == 0 and chosen == SHORTEST_SAMPLE_S:
            return max(0.2, SAMPLE_S / self.pace.speed)
        return max(1.0, float(chosen or 3600))

    def cap_w(self, connector: Connector) -> float | None:
        """Return the power charging profiles leave a connector now."""
        cap_w = charging.cap_w(self.profiles, connector, self.now())
        is_low = cap_w is not None and cap_w < charging.LEAST_W
        return 0.0 if is_low and connector.spec.current == "AC" else cap_w

    def ended(self, tx: Transaction) -> None:
        """Forget what was said for a transaction that ended."""
        charging.forget_transaction(self.profiles, tx.id)

    def shorter(self, seconds: float) -> float:
        """Return how long a driver's doing takes at this pace."""
        return self.pace.shorter(seconds)

    def post(self, item: Item | None) -> None:
        """Queue a message; a scenario may hold transaction messages back."""
        if item is None:
            return
        item.offline = not self.is_online
        late = self.troubles.active("late", self.clock.elapsed_s())
        if late and item.role in HELD_BACK:
            self.outbox.hold(item)
        elif item.durable or self.is_online:
            self.outbox.put(item)

    async def authorize(self, token: TokenSpec) -> bool:
        """Ask for a token; nobody to ask, or no answer, lets it charge (offline policy)."""
        if not self.is_online:
            return True
        item = self.dialect.authorize(token)
        item.waiter = asyncio.get_running_loop().create_future()
        self.outbox.put(item)
        answer = await item.waiter
        return answer is None or self.dialect.is_accepted(answer)

    def learn(self, item: Item, answer: dict[str, Any]) -> None:
        """Take an answer in: a refused token ends its session."""
        item.settle(answer)
        if item.tx is None or item.role not in ("start", "change"):
            return
        self.dialect.learn(item, answer)
        connector = self.connectors[item.tx.connector]
        if not self.dialect.is_accepted(answer) and connector.tx is item.tx:
            connector.halt("DeAuthorized")

    def announce(self) -> None:
        """Tell the status of everything, before whatever else waits."""
        whole = self.dialect.station_status(self.now(), operative=True)
        if whole is not None:
            self.outbox.put_front(whole)
        for connector in self.connectors.values():
            self.outbox.put_front(connector.status_item())

    def disconnected(self) -> None:
        """Forget what need not survive the connection."""
        self.link = None
        self.outbox.drop_notes()

    def drop_connection(self) -> None:
        """Cut the connection as a power failure would."""
        if self.link is not None:
            self.link.abort()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something happen after the present answer."""
        task = asyncio.get_running_loop().create_task(work)
        self.extra.add(task)
        task.add_done_callback(self.extra.discard)

    def remote_start(
        self, connector: Connector | None, token: TokenSpec, remote_id: int | None
    ) -> bool:
        """Begin a visit with this token on a connector, or on any free one."""
        candidates = [connector] if connector else list(self.connectors.values())
        for one in candidates:
            if one.takes(token.id):
                visit = one.next_planned()
                one.order(plan.with_token(visit, token), remote_id)
                return True
        return False

    def remote_stop(self, transaction_id: int | str) -> bool:
        """End the transaction with this id, if it is here."""
        for connector in self.connectors.values():
            if connector.tx is not None and connector.tx.id == transaction_id:
                return connector.halt("Remote")
        return False

    def reset(self, reason: str) -> None:
        """End every session and boot again."""
        for connector in self.connectors.values():
            connector.halt(reason)
        self.spawn(self.reboot("RemoteReset"))

    async def reboot(self, boot_reason: str) -> None:
        """Go dark for some seconds and boot again."""
        self.powered.clear()
        self.allowed.clear()
        await asyncio.sleep(self.shorter(2.0))
        self.boot_reason = boot_reason
        self.drop_connection()
        await asyncio.sleep(self.shorter(REBOOT_S))
        self.powered.set()
        self.allowed.set()

    def set_operative(self, connectors: list[Connector], *, operative: bool) -> str:
        """Take connectors in or out of service; a busy one follows when it is free."""
        busy = False
        for connector in connectors:
            connector.operative = operative
            busy = busy or (connector.visit is not None and not operative)
            connector.rest()
        return "Scheduled" if busy else "Accepted"

    def unlock(self, connector: Connector) -> bool:
        """Release the plug, which ends a session."""
        connector.halt("UnlockCommand")
        return not (connector.fault and connector.fault.error_code == "ConnectorLockFailure")

    def set_password(self, password: str) -> None:
        """Log in with a new password from now on."""
        self.password = password
        self.spawn(self._log_in_again())

    async def _log_in_again(self) -> None:
        await asyncio.sleep(0.5)
        self.drop_connection()

    def stray_stop(self, number: int) -> None:
        """Tell the end of a transaction nobody has heard of."""
        connector = next(iter(self.connectors.values()))
        token = self.spec.tokens[number % len(self.spec.tokens)]
        self.post(self.dialect.stray_stop(connector.spec, token, number, connector.read()))

    def end_after_power_loss(self, connector: Connector) -> None:
        """Tell the end of the transaction that a switched-off simulator left open."""
        if connector.tx is None:
            return
        tx, connector.tx = connector.tx, None
        event = Event(connector.read(), context="Transaction.End", reason="PowerLoss")
        self.post(self.dialect.stop(tx, connector.spec, event))
