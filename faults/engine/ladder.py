"""What may be tried at a distance before somebody drives there, and what must not be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from faults.rules.vocabulary.meaning import SAFETY

Step = Literal[
    "ask_state",
    "unlock",
    "clear_cache",
    "soft_reset",
    "hard_reset",
    "stop_session",
    "lock_out",
]
Outcome = Literal["done", "under_way", "failed"]
RESETS: Final[frozenset[Step]] = frozenset({"soft_reset", "hard_reset"})
# What would end somebody's charging if it came at the wrong moment.
ENDS_SESSIONS: Final[frozenset[Step]] = RESETS | {"unlock"}
MOST_RESETS: Final = 3
RESETS_WITHIN: Final = timedelta(hours=24)
BETWEEN_RESETS: Final = timedelta(minutes=15)
LOOK_AGAIN: Final = timedelta(minutes=2)
# Words of a connector that somebody is at, and how long whoever came, or stopped, is left alone.
AT_PLUG: Final = frozenset(
    {"Preparing", "Occupied", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing"}
)
LEFT_ALONE: Final = timedelta(minutes=5)
# What a station refused this often in a row is asked of it more seldom, but never given up.
SEVERAL: Final = 3
SELDOM: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Rung:
    """One step and how long it is given to show that it helped; `times` it is tried."""

    step: Step
    wait: timedelta
    times: int = 1


_ASK = Rung("ask_state", timedelta(seconds=60))
_SOFT = Rung("soft_reset", timedelta(minutes=5))
_HARD = Rung("hard_reset", timedelta(minutes=10))
_UNLOCK = Rung("unlock", timedelta(seconds=20), times=3)
_LOCK_OUT = Rung("lock_out", timedelta(minutes=2))
# S1: nothing is mended from afar; the session there ends, and nobody may begin another.
AT_DANGER: Final = (Rung("stop_session", timedelta(seconds=30)), _LOCK_OUT)
# Source: the automatic step of each fault; what is not here is left to people.
LADDERS: Final[Mapping[str, tuple[Rung, ...]]] = {
    "F02": (_ASK, _SOFT, _HARD),
    "F05": (_ASK,),
    "F06": (_SOFT,),
    "F10": (_ASK, _SOFT, _UNLOCK, _LOCK_OUT),
    "F11": (_ASK, _SOFT),
    "F13": (_HARD,),
    "F14": (_ASK, _UNLOCK),
    "F15": (_ASK, _UNLOCK),
    "F23": (_SOFT,),
    "F24": (_SOFT,),
    "F26": (_UNLOCK, _SOFT),
    "F27": (_SOFT,),
    "F33": (_SOFT,),
    "F36": (_SOFT,),
    "F37": (Rung("clear_cache", timedelta(minutes=5)),),
}
# The residual-current device decides by itself whether it closes again: locked out, not stopped.
DANGERS: Final = frozenset({"F07", "F08", "F19", "F21", "F28", "F29", "F30", "F31", "F32"})
KNOWN: Final = frozenset(LADDERS) | DANGERS


@dataclass(frozen=True, slots=True)
class Tried:
    """A step that was tried for this very fault, since it began, and what the station said."""

    step: Step
    at: datetime
    outcome: Outcome = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """How it stands at a station at one instant.

    `resets` are those of the last day that we sent, whatever for; `own_session` says that the
    connector of the fault is charging, `any_session` that some connector of the station is;
    `usable_since` is when the station said last that the connector is ready for a driver, and
    `at_plug_since` when one of its connectors that somebody is at said so last.
    """

    severity: int
    is_online: bool = True
    is_attended: bool = False
    is_silenced: bool = False
    is_explained: bool = False
    is_installing: bool = False
    is_halted: bool = False
    own_session: bool = False
    any_session: bool = False
    resets: Sequence[datetime] = ()
    usable_since: datetime | None = None
    at_plug_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Do:
    """Take this step now, and look at `until` whether it helped."""

    step: Step
    until: datetime


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now: look again at `until`; `why` is one of the guards' words."""

    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Leave:
    """Nothing more is to be tried: people have it."""

    why: str


Next = Do | Wait | Leave


def next_step(code: str, tried: Sequence[Tried], here: Circumstances, as_of: datetime) -> Next:
    """Return what is to be done next about a fault that fires."""
    if here.severity == SAFETY:
        return _at_danger(code, tried, here, as_of)
    rungs = LADDERS.get(code, ())
    if not rungs:
        return Leave("no_ladder")
    held = _held_back(here)
    if held:
        return Wait(as_of + LOOK_AGAIN, held)
    if tried and as_of < tried[-1].at + _wait_of(rungs, tried[-1].step):
        return Wait(tried[-1].at + _wait_of(rungs, tried[-1].step), "given_time")
    for rung in rungs:
        times = sum(one.step == rung.step for one in tried)
        if times < rung.times:
            return _guarded(rung, here, as_of)
    return Leave("ladder_ended")


def _at_danger(code: str, tried: Sequence[Tried], here: Circumstances, as_of: datetime) -> Next:
    """Make it safe and no more; only the kill switch and silence stop that.

    Safe is what the station has said it did: until then it is told again, as long as it takes.
    """
    if code not in DANGERS:
        return Leave("no_ladder")
    if here.is_halted or not here.is_online:
        return Wait(as_of + LOOK_AGAIN, "halted" if here.is_halted else "offline")
    waits: list[Wait] = []
    for rung in AT_DANGER:
        if rung.step == "stop_session" and not here.own_session:
            continue
        mine = [one for one in tried if one.step == rung.step]
        if rung.step == "lock_out" and mine and _was_undone(mine[-1], here.usable_since):
            mine = []
        found = _until_done(rung, mine, as_of)
        if isinstance(found, Do):
            return found
        if found is not None:
            waits.append(found)
    return min(waits, key=lambda wait: wait.until) if waits else Leave("made_safe")


def _was_undone(locked: Tried, usable_since: datetime | None) -> bool:
    """Return whether a station said that a place is ready after it had locked it: a restart."""
    if locked.outcome != "done" or usable_since is None:
        return False
    return usable_since > locked.at + _LOCK_OUT.wait


def _until_done(rung: Rung, tried: Sequence[Tried], as_of: datetime) -> Do | Wait | None:
    """Return the next move about a step that must be done, None once it is."""
    if not tried:
        return Do(rung.step, as_of + rung.wait)
    last = tried[-1]
    if last.outcome == "done":
        return None
    if last.outcome == "under_way":
        return Wait(as_of + rung.wait, "given_time")
    again_at = last.at + (LOOK_AGAIN if len(tried) < SEVERAL else SELDOM)
    return Wait(again_at, "refused") if as_of < again_at else Do(rung.step, as_of + rung.wait)


def _held_back(here: Circumstances) -> str:
    """Return what forbids every step now, empty where nothing does."""
    guards = {
        "halted": here.is_halted,
        "explained": here.is_explained,
        "attended": here.is_attended,
        "silenced": here.is_silenced,
        "installing": here.is_installing,
        "offline": not here.is_online,
    }
    return next((word for word, holds in guards.items() if holds), "")


def _guarded(rung: Rung, here: Circumstances, as_of: datetime) -> Next:
    if rung.step in RESETS:
        recent = [at for at in here.resets if at > as_of - RESETS_WITHIN]
        if len(recent) >= MOST_RESETS:
            return Wait(min(recent) + RESETS_WITHIN, "enough_resets")
        if recent and as_of < max(recent) + BETWEEN_RESETS:
            return Wait(max(recent) + BETWEEN_RESETS, "reset_lately")
        if here.any_session:
            return Wait(as_of + LOOK_AGAIN, "somebody_charges")
        # who has just plugged in has no session yet, and who has stopped must get the cable back
        since = here.at_plug_since
        if since is not None and as_of < since + LEFT_ALONE:
            return Wait(since + LEFT_ALONE, "somebody_at_plug")
    if rung.step in ENDS_SESSIONS and here.own_session:
        return Wait(as_of + LOOK_AGAIN, "somebody_charges")
    return Do(rung.step, as_of + rung.wait)


def _wait_of(rungs: Sequence[Rung], step: Step) -> timedelta:
    return next((rung.wait for rung in rungs if rung.step == step), timedelta(0))
