"""What a rule saw, in words: the ending of a name tells the unit of its value."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chargenet.core import formats

MAX_SIGHTINGS = 10
# Ids, and what the page shows elsewhere.
UNTOLD = frozenset({"severity", "as_warning", "source", "seen_at", "down_since", "id"})
INSTANTS = frozenset({"at", "since"})
UNITS = ("_at", "_s", "_wh")
WORDS: dict[str, Promise] = {
    "last_seen_at": _("Last heard"),
    "silent_s": _("Silent for"),
    "heartbeat_interval_s": _("Should speak every"),
    "proof": _("Proof"),
    "probe_asked_at": _("Asked for an answer"),
    "heard_again_at": _("Heard again"),
    "error_code": _("Error code"),
    "vendor_error_code": _("Maker's error code"),
    "ended_at": _("No longer reported since"),
    "status": _("State"),
    "reports": _("The station said"),
    "onsets": _("Began"),
    "sessions": _("Failed session"),
    "earlier": _("Earlier"),
    "score": _("Score"),
    "fire_above": _("Fires above"),
    "usual_rate": _("Usual share of failures"),
    "failures_in_a_row": _("Failures in a row"),
    "successes_in_a_row": _("Successes in a row"),
    "onsets_in_window": _("Times within the window"),
}


def pairs(evidence: dict[str, Any]) -> list[tuple[str, str]]:
    """Return name and value of what a rule saw; a list of sightings is told one by one."""
    told: list[tuple[str, str]] = []
    for name, value in evidence.items():
        if isinstance(value, list):
            told += [(_word(name), _sighting(each)) for each in value[:MAX_SIGHTINGS]]
        elif value not in (None, "") and not isinstance(value, dict):
            told.append((_word(name), _value(name, value)))
    return told


def _sighting(seen: object) -> str:
    """Return one sighting in a line: what was said, and when."""
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
    return (name.rsplit("_", 1)[0] if name.endswith(UNITS) else name).replace("_", " ")


def _instant(said: str) -> str:
    """Return an instant as people read it; a list may also hold what a station wrote."""
    try:
        return f"{timezone.localtime(datetime.fromisoformat(said)):%Y-%m-%d %H:%M:%S}"
    except (ValueError, OverflowError):
        return said


def _value(name: str, value: Any) -> str:
    if isinstance(value, str) and (name.endswith("_at") or name in INSTANTS):
        return _instant(value)
    if name.endswith("_s") and isinstance(value, int | float):
        return formats.duration(value)
    if name.endswith("_wh") and isinstance(value, int):
        return formats.energy(value)
    return str(value)
