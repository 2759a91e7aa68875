"""F14: a vehicle is plugged in and waits, and no charging begins.

To one driver it happens by a forgotten card; to three in a day, and nobody served in between,
the connector is to blame.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from faults.rules import instants
from faults.rules.protocol import Clear, Firing, Result, Scope, Snapshot, State, Wake

CODE = "F14"
TITLE = "Stuck before charging"
SEVERITY = 5
SCOPE: Scope = "connector"
FAMILY = "outcome"
CAUSE = "unknown"
IS_IMPAIRING = True
WAKES: frozenset[Wake] = frozenset({"status", "session", "time"})

FOR_DRIVER, FOR_CONNECTOR = 5, 3
# In 2.x a plug without a session is Occupied, and so is one whose session is over.
WAITING = frozenset({"Preparing", "Occupied"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """How long one driver waits, and how many must have waited in vain."""

    fires_after: timedelta = timedelta(minutes=15)
    drivers: int = 3
    window: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Memory:
    """Since when a plug waits, whether it was served, and who left without: {"since", "token"}."""

    since: str = ""
    is_served: bool = False
    left: tuple[State, ...] = ()

    @classmethod
    def read(cls, state: State) -> "Memory":
        """Return the memory a rule state holds."""
        return cls(**{**state, "left": tuple(state.get("left", ()))})

    def written(self) -> State:
        """Return the memory as JSON, empty where nothing is remembered."""
        if self == Memory():
            return {}
        return {"since": self.since, "is_served": self.is_served, "left": list(self.left)}


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether a driver waits in vain at one connector, or several did."""
    memory = Memory.read(state)
    if snapshot.sessions:
        memory = _served(memory, snapshot)
    for sign in sorted(snapshot.signs, key=lambda one: (one.occurred_at, one.id)):
        trusted = snapshot.is_clock_trusted
        moment = instants.happened_at(sign.occurred_at, sign.received_at, trusted=trusted)
        memory = _moved(memory, sign.status, moment, thresholds)
    if snapshot.open_sessions.get(snapshot.subject or 0) is not None:
        memory = replace(memory, is_served=bool(memory.since), left=())
    oldest = (snapshot.as_of - thresholds.window).isoformat()
    memory = replace(memory, left=tuple(one for one in memory.left if one["since"] >= oldest))
    return _answer(memory, snapshot, thresholds)


def _served(memory: Memory, snapshot: Snapshot) -> Memory:
    """Return the memory after sessions ended: who waited before them was served."""
    newest = max(one.ended_at for one in snapshot.sessions)
    has_waited = bool(memory.since) and datetime.fromisoformat(memory.since) <= newest
    return replace(memory, is_served=memory.is_served or has_waited, left=())


def _moved(memory: Memory, status: str, moment: datetime, thresholds: Thresholds) -> Memory:
    if status in WAITING:
        if memory.since:
            return memory
        return replace(memory, since=moment.isoformat(), is_served=False)
    left = memory.left
    is_gone = status == "Available" and memory.since and not memory.is_served
    if is_gone and moment - datetime.fromisoformat(memory.since) >= thresholds.fires_after:
        left = (*left, {"since": memory.since, "until": moment.isoformat()})[-10:]
    return Memory(left=left)


def _answer(memory: Memory, snapshot: Snapshot, thresholds: Thresholds) -> Result:
    is_waiting = bool(memory.since) and not memory.is_served
    since = datetime.fromisoformat(memory.since) if is_waiting else None
    has_waited_long = since is not None and snapshot.as_of - since >= thresholds.fires_after
    number = len(memory.left) + int(has_waited_long)
    if number >= thresholds.drivers:
        first = memory.left[0]["since"] if memory.left else memory.since
        return Firing(
            state=memory.written(),
            evidence={"left": list(memory.left), "waits_since": memory.since, "drivers": number},
            began_at=datetime.fromisoformat(first),
            seen_at=snapshot.as_of,
            severity=FOR_CONNECTOR,
            is_standing=False,
            attribution="charger",
            check_at=datetime.fromisoformat(first) + thresholds.window,
        )
    if since is None:
        return Clear(state=memory.written())
    return Firing(
        state=memory.written(),
        evidence={"waits_since": memory.since, "left": list(memory.left)},
        began_at=since,
        seen_at=snapshot.as_of,
        severity=FOR_DRIVER,
        fires_after=thresholds.fires_after,
        is_down=False,
        attribution="user",
    )
