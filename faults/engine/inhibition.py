"""What explains what: while the one holds, the other waits; when it ends, what is left fires.

A condition that waits keeps its own clock, so that it fires with its true start. Safety (S1) is
never explained away: `life.hold` sees to that.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from faults.engine.keeping import CLEARED, FIRING, Condition
from faults.rules.protocol import Rule

# Our own service, or a reconnect storm after it came back, is no station's silence.
STORM_LASTS: Final = timedelta(minutes=10)
ATTENDED, SIBLING = "maintenance", "sibling"

_LINK = frozenset({"F01", "F12", "F13", "F17", "F18"})
# What a station without mains, or without a line, cannot help.
_SILENT = _LINK | {"F03", "F06", "F11", "F14", "F15", "F36", "F37"}
_ELECTRICAL = frozenset({"F02", "F04", "F05", "F10", "F23", "F24", "F25", "F31", "F33", "F35"})
_STATUS = frozenset({"F02", "F05", "F24", "F26", "F27", "F33", "F36"})

# The explaining fault -> what it explains within its reach.
EXPLAINS: Final[Mapping[str, frozenset[str]]] = {
    "F40": _SILENT | _ELECTRICAL | {"F40", "F41"},
    "F41": _SILENT,
    "F42": _SILENT | {"F41"},
    "F43": _LINK | {"F06", "F14", "F37", "F41", "F42"},
    "F01": (_SILENT - {"F01"}) | _STATUS,
    "F44": frozenset({"F10"}),
}
# Pressed, it takes the whole station out: every code there is its echo.
EMERGENCY_STOP, FLAPPING = "F08", "F06"
# What comes and goes is told once, as unstable.
FLAPS: Final = _STATUS | {"F17", "F31", "F37"}
AT_WORK: Final = frozenset({"F01", "F02", "F03", "F06", "F11", "F13", "F17"})
# A shared power stage says Unavailable or Faulted at one outlet while it feeds the other.
BY_DESIGN: Final = frozenset({"F02", "F05", "F06", "F13"})
# In the order of their reach: the widest explanation is the one named.
ORDER: Final = ("F43", "F42", "F44", "F40", "F41", EMERGENCY_STOP, "F01", FLAPPING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What holds around one station, or one site, that may explain what is found there.

    `wide`: the scope keys that fire for its site, its network and its cohort, by code; `station`:
    the codes that fire at the station itself; `connectors`: those at each connector; `busy`: the
    connectors in use, `shared`: the connectors that share a power stage with each.
    """

    scope_key: str
    wide: Mapping[str, str] = field(default_factory=dict)
    station: frozenset[str] = frozenset()
    connectors: Mapping[int, frozenset[str]] = field(default_factory=dict)
    busy: frozenset[int] = frozenset()
    shared: Mapping[int, frozenset[int]] = field(default_factory=dict)
    is_attended: bool = False
    # Our own service was ill until shortly before.
    is_storm: bool = False


def inhibitor_of(around: Around) -> Callable[[Rule, int | None], str]:
    """Return the `Look.inhibitor` of a station: "CODE:scope_key" of what explains a condition."""

    def explained_by(rule: Rule, subject: int | None) -> str:
        return explanation(around, rule.code, subject)

    return explained_by


def explanation(around: Around, code: str, subject: int | None) -> str:
    """Return "CODE:scope_key" of what explains a fault there, empty where nothing does."""
    for by in ORDER:
        key = _key_of(around, by, subject)
        if key and _explains(by, code, key):
            return f"{by}:{key}"
    if around.is_attended and code in AT_WORK:
        return f"{ATTENDED}:{around.scope_key}"
    if around.is_storm and code in EXPLAINS["F43"]:
        return f"F43:{around.scope_key}"
    if subject is not None and code in BY_DESIGN:
        busy = sorted(around.shared.get(subject, frozenset()) & around.busy - {subject})
        if busy:
            return f"{SIBLING}:connector:{busy[0]}"
    return ""


def with_own(around: Around, conditions: Iterable[Condition]) -> Around:
    """Return what holds around a station with its own conditions as they are now."""
    station: set[str] = set()
    connectors: dict[int, set[str]] = {}
    for one in conditions:
        if fires(one):
            kind, _, number = one.scope_key.partition(":")
            here = connectors.setdefault(int(number), set()) if kind == "connector" else station
            here.add(one.code)
    return replace(
        around,
        station=frozenset(station),
        connectors={pk: frozenset(codes) for pk, codes in connectors.items()},
    )


def is_storm(own_ended_at: datetime | None, as_of: datetime) -> bool:
    """Return whether our own service came back so lately that stations still reconnect."""
    return own_ended_at is not None and as_of < own_ended_at + STORM_LASTS


def fires(condition: Condition) -> bool:
    """Return whether a condition may explain others: it fires, and nothing explains it."""
    return condition.state == FIRING and not condition.inhibited_by


def wide_keys(conditions: Iterable[Condition]) -> dict[str, str]:
    """Return the scope keys of the wide conditions that explain, by code.

    One that is only watched explains too: its children wait for what becomes of it.
    """
    return {
        one.code: one.scope_key
        for one in conditions
        if one.state != CLEARED and not one.inhibited_by
    }


def _key_of(around: Around, code: str, subject: int | None) -> str:
    if code in around.wide:
        return around.wide[code]
    if code in around.station and (code != FLAPPING or subject is None):
        return around.scope_key
    if subject is not None and code == FLAPPING:
        here = around.connectors.get(subject, frozenset())
        return f"connector:{subject}" if code in here else ""
    return ""


def _explains(by: str, code: str, key: str) -> bool:
    if by == code and not key.startswith("site:"):
        return False
    if by == EMERGENCY_STOP:
        return code != EMERGENCY_STOP
    if by == FLAPPING:
        return code in FLAPS
    return code in EXPLAINS.get(by, frozenset())
