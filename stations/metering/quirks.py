"""What a make does that no standard says: matched by vendor, model and firmware, frozen, typed."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SITE: Final = "site"
MAX_DELAY_S: Final = 300.0
MAX_WORDS: Final = 60
_PARTS = re.compile(r"\d+|[a-z]+")
# The plus stays: EN+ is not every name that begins with en.
_FOLDED = re.compile(r"[^0-9a-z+]")
Words = Mapping[str, str]
NO_WORDS: Words = MappingProxyType({})


class QuirkUnfit(ValueError):
    """A value that its kind of quirk cannot mean; the text says what it takes."""


@dataclass(frozen=True, slots=True)
class Quirks:
    """Everything one make is known for; without any, nothing is changed."""

    # Its clock is local time though it writes UTC; "site" is the zone of the station's site.
    local_clock: str = ""
    # The zone of times it writes without one.
    naive_clock: str = ""
    # Energy it labels Wh, or not at all, is in this unit.
    register_unit: str = ""
    dropped_measurands: frozenset[str] = frozenset()
    # Only these may be asked for: more makes it boot in a circle.
    safe_measurands: tuple[str, ...] = ()
    silent_codes: frozenset[str] = frozenset()
    code_words: Words = field(default_factory=dict)
    status_words: Words = field(default_factory=dict)
    # Seconds it needs after connecting before it can be called.
    call_after_s: float = 0.0
    avoided_calls: frozenset[str] = frozenset()
    token_length: int = 0

    # By vendor, the codes of every make: a status may name whose words it uses.
    vendor_words: Mapping[str, Words] = field(default_factory=dict)

    @property
    def bends_times(self) -> bool:
        """Return whether its times must be read otherwise than they are written."""
        return bool(self.local_clock or self.naive_clock)

    @property
    def bends_samples(self) -> bool:
        """Return whether its samples must be read otherwise than they are written."""
        return bool(self.register_unit or self.dropped_measurands)


NONE: Final = Quirks()


@dataclass(frozen=True, slots=True)
class QuirkRule:
    """One quirk and whose it is; an empty field is every one."""

    kind: str
    value: str
    vendor: str = ""
    model: str = ""
    firmware_from: str = ""
    firmware_to: str = ""


@dataclass(slots=True)
class _Making:
    """A `Quirks` while rules are put into it."""

    made: dict[str, Any] = field(default_factory=dict)

    def put(self, rule: QuirkRule) -> None:
        name, value = FIELDS[rule.kind], read_value(rule.kind, rule.value)
        before = self.made.get(name)
        if isinstance(value, dict):
            value = {**(before or {}), **value}
        elif isinstance(value, frozenset) and before:
            value |= before
        self.made[name] = value


def match(rules: Iterable[QuirkRule], *, vendor: str, model: str, firmware: str) -> Quirks:
    """Return what a station of a make is known for; of one kind the last rule counts."""
    making = _Making()
    vendor_words: dict[str, Words] = {}
    for rule in rules:
        if is_match(rule, vendor=vendor, model=model, firmware=firmware):
            making.put(rule)
        if rule.kind == "code_means" and rule.vendor:
            name = fold(rule.vendor)
            words = read_value(rule.kind, rule.value)
            vendor_words[name] = {**vendor_words.get(name, NO_WORDS), **words}
    return Quirks(**making.made, vendor_words=vendor_words)


def is_match(rule: QuirkRule, *, vendor: str, model: str, firmware: str) -> bool:
    """Say whether a rule is about a station; of names the letters and digits count, from the left.

    A rule about a range of firmware says nothing of a station whose firmware is not known.
    """
    if not fold(vendor).startswith(fold(rule.vendor)):
        return False
    if not fold(model).startswith(fold(rule.model)):
        return False
    if not rule.firmware_from and not rule.firmware_to:
        return True
    version = firmware_key(firmware)
    if not version:
        return False
    if rule.firmware_from and version < firmware_key(rule.firmware_from):
        return False
    return not rule.firmware_to or version <= firmware_key(rule.firmware_to)


def fold(name: str) -> str:
    """Return a name without case, blanks and signs."""
    return _FOLDED.sub("", name.lower())


def firmware_key(version: str) -> tuple[tuple[int, int, str], ...]:
    """Return a version as it compares: 1.8.3 before 1.8.21, a candidate before its release."""
    parts = _PARTS.findall(version.lower())
    while parts and not parts[0].isdigit():
        parts.pop(0)
    key = [(1, int(part[:18]), "") if part.isdigit() else (-1, 0, part) for part in parts]
    while key and key[-1] == (1, 0, ""):
        key.pop()
    # the end of a version stands between a word (1.2-rc1) and a further number (1.2.1)
    return (*key, (0, 0, "")) if parts else ()


def read_value(kind: str, value: str) -> Any:
    """Return the value of a kind of quirk as it is used; raises QuirkUnfit."""
    if kind not in READERS:
        raise QuirkUnfit(f"{kind!r} is no kind of quirk")
    return READERS[kind](value.strip())


def _zone(value: str) -> str:
    if value == SITE:
        return value
    try:
        return ZoneInfo(value).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise QuirkUnfit(f'{value!r} is no time zone; "site" is the zone of the site') from error


def _unit(value: str) -> str:
    if value not in {"kWh", "MWh"}:
        raise QuirkUnfit("the unit is kWh or MWh")
    return value


def _list(value: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))
    if not found or len(found) > MAX_WORDS:
        raise QuirkUnfit("words with commas between them are wanted")
    return found


def _set(value: str) -> frozenset[str]:
    return frozenset(_list(value))


def _folded_set(value: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _list(value))


def _words(value: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in _list(value)]
    words = {left.strip().lower(): right.strip() for left, _, right in pairs}
    if not all(left and right for left, right in words.items()):
        raise QuirkUnfit("pairs like Word = Meaning are wanted, with commas between them")
    return words


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError as error:
        raise QuirkUnfit("a number of seconds is wanted") from error
    if not 0 < seconds <= MAX_DELAY_S:
        raise QuirkUnfit(f"0 to {MAX_DELAY_S:.0f} seconds are possible")
    return seconds


def _length(value: str) -> int:
    if not value.isdigit() or not 1 <= int(value) <= 36:
        raise QuirkUnfit("a number of characters from 1 to 36 is wanted")
    return int(value)


READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "local_clock": _zone,
    "naive_clock": _zone,
    "register_unit": _unit,
    "drop_measurands": _set,
    "safe_measurands": _list,
    "silent_codes": _folded_set,
    "code_means": _words,
    "status_means": _words,
    "call_after": _seconds,
    "avoid_calls": _set,
    "token_length": _length,
}
FIELDS: Final[Mapping[str, str]] = {
    "local_clock": "local_clock",
    "naive_clock": "naive_clock",
    "register_unit": "register_unit",
    "drop_measurands": "dropped_measurands",
    "safe_measurands": "safe_measurands",
    "silent_codes": "silent_codes",
    "code_means": "code_words",
    "status_means": "status_words",
    "call_after": "call_after_s",
    "avoid_calls": "avoided_calls",
    "token_length": "token_length",
}
