"""F38: payments fail at a station, far more of them than usual; or what was delivered is unpaid.

Whoever knows of payments tells it as observations of the kind "payment": an outcome and a
provider's name, never an amount.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import sqrt

from faults.rules.protocol import CannotKnow, Clear, Firing, Result, Scope, Snapshot, State, Wake

CODE = "F38"
TITLE = "Payment failing"
SEVERITY = 3
SCOPE: Scope = "station"
FAMILY = "payment"
CAUSE = "payment"
IS_IMPAIRING = True
WAKES: frozenset[Wake] = frozenset({"notice", "time"})

PAYMENT = "payment"
# Outcomes. A capture that fails is of a session already delivered.
GOOD = frozenset({"authorised", "captured"})
BAD = frozenset({"declined", "timeout", "error"})
CAPTURED, CAPTURE_FAILED = "captured", "capture_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """How many tries are looked at, and how far above its own usual share is too many."""

    tries: int = 10
    latest: int = 20
    within: timedelta = timedelta(hours=24)
    sigmas: float = 3.0
    usual_share: float = 0.05
    usual_weight: float = 20.0
    half_life_tries: int = 400
    cleared_for: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Memory:
    """The latest tries [[instant, bad]], the forgetting sums of the usual, and what is unpaid.

    `bad_since` is when the firing share began, `well_since` when it was last found usual again.
    """

    latest: tuple[tuple[str, int], ...] = ()
    counted: float = 0.0
    failed: float = 0.0
    unpaid: tuple[State, ...] = ()
    bad_since: str = ""
    well_since: str = ""
    provider: str = ""

    @classmethod
    def read(cls, state: State) -> "Memory":
        """Return the memory a rule state holds."""
        latest = tuple((at, bad) for at, bad in state.get("latest", ()))
        return cls(**{**state, "latest": latest, "unpaid": tuple(state.get("unpaid", ()))})

    def written(self) -> State:
        """Return the memory as JSON, empty where nothing is remembered."""
        if self == Memory():
            return {}
        known = {name: getattr(self, name) for name in self.__slots__}
        return {**known, "latest": [list(one) for one in self.latest], "unpaid": list(self.unpaid)}


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Count the new payments at a station, each once, and say whether they fail."""
    memory = Memory.read(state)
    told = [one for one in snapshot.notices if one.kind == PAYMENT]
    for notice in sorted(told, key=lambda one: (one.occurred_at, one.id)):
        outcome = str(notice.detail.get("outcome", ""))
        provider = str(notice.detail.get("provider", ""))
        memory = _count(memory, outcome, provider, notice.occurred_at, thresholds)
    memory = _judged(memory, snapshot.as_of, thresholds)
    if memory.bad_since or memory.unpaid:
        return _firing(memory, snapshot, thresholds)
    if not memory.latest:
        return CannotKnow(state=memory.written(), reason="no_payment_yet")
    return Clear(state=memory.written())


def usual_share(memory: Memory, thresholds: Thresholds) -> float:
    """Return how many of a station's payments usually fail, leaning on everybody's."""
    return (thresholds.usual_weight * thresholds.usual_share + memory.failed) / (
        thresholds.usual_weight + memory.counted
    )


def most_usual(tries: int, share: float, thresholds: Thresholds) -> float:
    """Return the number of failures among so many tries beyond which it is no chance."""
    return tries * share + thresholds.sigmas * sqrt(tries * share * (1 - share))


def _count(
    memory: Memory, outcome: str, provider: str, at: datetime, thresholds: Thresholds
) -> Memory:
    if outcome == CAPTURE_FAILED:
        row = {"at": at.isoformat(), "provider": provider}
        return replace(memory, unpaid=(*memory.unpaid, row)[-10:], provider=provider)
    if outcome not in GOOD | BAD:
        return memory
    bad = int(outcome in BAD)
    latest = (*memory.latest, (at.isoformat(), bad))[-thresholds.latest :]
    unpaid = () if outcome == CAPTURED else memory.unpaid
    counted = replace(memory, latest=latest, unpaid=unpaid, provider=provider)
    if memory.bad_since:
        return counted
    kept = 0.5 ** (1 / thresholds.half_life_tries)
    return replace(counted, counted=memory.counted * kept + 1, failed=memory.failed * kept + bad)


def _judged(memory: Memory, as_of: datetime, thresholds: Thresholds) -> Memory:
    oldest = (as_of - thresholds.within).isoformat()
    recent = [one for one in memory.latest if one[0] > oldest]
    failed = sum(bad for _, bad in recent)
    # the tries in question have taught the usual share themselves: leave them out of it
    before = replace(
        memory,
        counted=max(0.0, memory.counted - len(recent)),
        failed=max(0.0, memory.failed - failed),
    )
    base = memory if memory.bad_since else before
    limit = most_usual(len(recent), usual_share(base, thresholds), thresholds)
    if len(recent) >= thresholds.tries and failed > limit and not memory.bad_since:
        first = next(at for at, bad in recent if bad)
        return replace(before, bad_since=first, well_since="")
    if not memory.bad_since or (failed > limit and not _ends_well(recent, thresholds)):
        return replace(memory, well_since="")
    well_since = memory.well_since or as_of.isoformat()
    if as_of - datetime.fromisoformat(well_since) >= thresholds.cleared_for:
        good = tuple(one for one in memory.latest if not one[1])
        return replace(memory, bad_since="", well_since="", latest=good)
    return replace(memory, well_since=well_since)


def _ends_well(recent: list[tuple[str, int]], thresholds: Thresholds) -> bool:
    """Return whether the last few tries all succeeded."""
    last = recent[-thresholds.tries // 2 :]
    return len(last) >= thresholds.tries // 2 and not any(bad for _, bad in last)


def _firing(memory: Memory, snapshot: Snapshot, thresholds: Thresholds) -> Firing:
    starts = [memory.bad_since, *(one["at"] for one in memory.unpaid)]
    began = datetime.fromisoformat(min(one for one in starts if one))
    again = None
    if memory.well_since and not memory.unpaid:
        again = datetime.fromisoformat(memory.well_since) + thresholds.cleared_for
    return Firing(
        state=memory.written(),
        evidence={
            "tries": len(memory.latest),
            "failed": sum(bad for _, bad in memory.latest),
            "usual_share": round(usual_share(memory, thresholds), 3),
            "uncollected": list(memory.unpaid),
            "provider": memory.provider,
        },
        began_at=began,
        seen_at=snapshot.as_of,
        severity=SEVERITY,
        is_standing=False,
        is_down=bool(memory.bad_since),
        attribution="payment",
        check_at=again,
    )
