"""What a rule is set by, in plain words and with its unit; the same name means the same."""

from datetime import timedelta
from typing import Any

from faults.rules.words.phrases import gettext_noop
from faults.rules.words.thresholds.counts import COUNTS
from faults.rules.words.thresholds.measures import DAYS, MEASURES, SHARE
from faults.rules.words.thresholds.times import TIMES

__all__ = ["COUNTS", "MEASURES", "OWN", "SHARE", "TIMES", "label_of", "unit_of"]

# Where a rule means something of its own by a name that others have too.
OWN: dict[str, str] = {
    "F34.slack": gettext_noop("Time the clocks may differ"),
    "F37.within": gettext_noop("Counts tries over"),
    "F38.within": gettext_noop("Counts tries over"),
    "F41.within": gettext_noop("Fall silent within"),
    "F42.within": gettext_noop("Fall silent within"),
    "F37.share": gettext_noop("Share of refused tries above"),
    "F27.share": gettext_noop("Share of starts that fail above"),
    "F25.sessions": gettext_noop("Sessions of vehicles known to take three phases"),
    "F29.lasts": gettext_noop("Current without a session must last"),
    "F17.hour": gettext_noop("Counts broken lines over"),
    "F26.failures": gettext_noop("Times it will not unlock"),
    "F15.finishing": gettext_noop("Longest in the state Finishing"),
    "F20.hot_c": gettext_noop("Too hot for full power from"),
}
# Whole numbers that count something other than what their words name.
UNITS: dict[str, str] = {
    "certificate_days": DAYS,
    "certificate_told_days": DAYS,
    "energy_wh": "Wh",
    "least_balance_wh": "Wh",
    "least_energy_wh": "Wh",
    "least_power_w": "W",
    "least_wh": "Wh",
    "served_wh": "Wh",
    "unseen_wh": "Wh",
}


def label_of(code: str, name: str) -> str:
    """Return the plain words of a threshold, in English; its name where it has none."""
    measure = MEASURES.get(name)
    known = TIMES.get(name) or COUNTS.get(name) or (measure[0] if measure else "")
    return OWN.get(f"{code}.{name}") or known or name.replace("_", " ")


def unit_of(name: str, value: Any) -> str:
    """Return the unit a threshold is written in, in English; empty where it is a plain count."""
    if isinstance(value, timedelta):
        return "s"
    if isinstance(value, float) and name in MEASURES:
        return MEASURES[name][1]
    return UNITS.get(name, "")
