"""What a rule saw, in words: the ending of a name tells the unit of its value."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from chargenet.core import formats
from chargenet.dashboard.evidence_words import SAID, WORDS

MAX_SIGHTINGS = 10
# Ids, and what the page shows elsewhere.
UNTOLD = frozenset(
    {
        "severity",
        "as_warning",
        "source",
        "seen_at",
        "down_since",
        "id",
        "report",
        "session",
        "cable_id",
    }
)
INSTANTS = frozenset({"at", "since", "until", "last_start", "waits_since"})
UNITS = ("_at", "_s", "_wh", "_c", "_v", "_w", "_a", "_k", "_ohm")
UNIT_OF: Final = {
    "_k_per_minute": "K/min",
    "_c": "°C",
    "_v": "V",
    "_a": "A",
    "_k": "K",
    "_ohm": "Ω",
}
# Kept in K/A², which no person can read: 0.00007 is 70 K/kA².
THETA, MILLION = "theta", 1_000_000
SHARES = frozenset(
    {
        "ewma",
        "level",
        "low",
        "missing_below",
        "of_own_limit",
        "off_by",
        "plateau",
        "power_ratio",
        "probability_of_fault",
        "rate",
        "register_over_power",
        "rest_rate",
        "share",
        "share_of_changes",
        "siblings",
        "usual_rate",
        "usual_share",
    }
)
# As many figures as say something: 0.0000000231 is 0.000000023.
FIGURES = 3


def pairs(evidence: dict[str, Any]) -> list[tuple[str, str]]:
    """Return name and value of what a rule saw; a list of sightings is told one by one."""
    told: list[tuple[str, str]] = []
    for name, value in evidence.items():
        if value in (None, "") or name in UNTOLD:
            continue
        if isinstance(value, list):
            told += [(_word(name), one) for one in _many(name, value)]
        elif isinstance(value, dict):
            told += [(_word(name), one) for one in _parts(value)]
        else:
            told.append((_word(name), _value(name, value)))
    return told


def series(value: object) -> list[tuple[datetime, float]]:
    """Return a list of readings as instants and numbers; empty for what is none."""
    if not isinstance(value, list):
        return []
    found = [_reading(one) for one in value]
    return [one for one in found if one is not None]


def _reading(one: object) -> tuple[datetime, float] | None:
    if not isinstance(one, list | tuple) or len(one) != 2:
        return None
    at, value = one
    if not isinstance(at, str) or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromisoformat(at), float(value)
    except ValueError:
        return None


def _many(name: str, seen: list[Any]) -> list[str]:
    """Return what a list says: its latest reading, how many ids it has, or each sighting."""
    told = series(seen)
    if told:
        at, value = told[-1]
        latest = {"latest": _value(name, value), "when": _instant(at.isoformat())}
        return [_("%(latest)s at %(when)s, %(count)s in all") % {**latest, "count": len(told)}]
    if seen and all(isinstance(one, int) and not isinstance(one, bool) for one in seen):
        return [formats.number(len(seen))]
    return [_sighting(one) for one in seen[:MAX_SIGHTINGS]]


def _parts(seen: dict[str, Any]) -> list[str]:
    """Return what a group says: one line, or one for each that it holds."""
    if seen and all(isinstance(one, dict) for one in seen.values()):
        return [f"{name}: {_sighting(one)}" for name, one in list(seen.items())[:MAX_SIGHTINGS]]
    line = _sighting(seen)
    return [line] if line else []


def _sighting(seen: object) -> str:
    """Return one sighting in a line: what was said, and when."""
    if isinstance(seen, list):
        return ", ".join(_value("at", one) for one in seen if one not in (None, ""))
    if not isinstance(seen, dict):
        return _value("at", seen)
    parts = [
        _value(name, value)
        for name, value in seen.items()
        if name not in UNTOLD and not isinstance(value, bool | list | dict) and value
    ]
    return ", ".join(sorted(parts, key=lambda part: part[:1].isdigit()))


def _word(name: str) -> str:
    if name in WORDS:
        return str(WORDS[name])
    unit = next((unit for unit in UNITS if name.endswith(unit)), "")
    return name.removesuffix(unit).replace("_", " ")


def _instant(said: str) -> str:
    """Return an instant as people read it; a list may also hold what a station wrote."""
    try:
        return f"{timezone.localtime(datetime.fromisoformat(said)):%Y-%m-%d %H:%M:%S}"
    except (ValueError, OverflowError):
        return said


def _value(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str):
        is_instant = name.endswith("_at") or name in INSTANTS
        return _instant(value) if is_instant else str(SAID.get(value, value))
    return _measure(name, value) if isinstance(value, int | float) else str(value)


def _measure(name: str, value: float) -> str:
    """Return a number with the unit that the ending of its name tells."""
    if name.endswith(THETA):
        return f"{_figure(round(value * MILLION, 1))}\u00a0K/kA²"
    if name.endswith("_s"):
        return formats.duration(value)
    if name.endswith("_wh"):
        return formats.energy(round(value))
    if name.endswith("_w"):
        return formats.power(round(value))
    if name in SHARES:
        return formats.percent(Decimal(str(value)), digits=0 if abs(value) >= 0.1 else 1)
    unit = next((unit for end, unit in UNIT_OF.items() if name.endswith(end)), "")
    return f"{_figure(value)}\u00a0{unit}" if unit else _figure(value)


def _figure(value: float) -> str:
    """Return a number with as many figures as say something."""
    exact = Decimal(str(value))
    if isinstance(value, int) or not exact.is_finite() or not exact:
        return formats.number(exact) if exact.is_finite() else str(value)
    digits = max(0, FIGURES - 1 - exact.adjusted())
    text = formats.number(exact, digits=min(digits, 12))
    point = "," if formats.is_swedish() else "."
    return text.rstrip("0").rstrip(point) if point in text else text
