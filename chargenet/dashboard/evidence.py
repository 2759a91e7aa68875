"""What a rule saw, in words: the ending of a name tells the unit of its value."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chargenet.core import formats

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
    "onsets_in_window": _("Times within the window"),
}


def pairs(evidence: dict[str, Any]) -> list[tuple[str, str]]:
    """Return name and value of what a rule saw; lists within are left to the API."""
    return [
        (_word(name), _value(name, value))
        for name, value in evidence.items()
        if value not in (None, "") and not isinstance(value, list | dict)
    ]


def _word(name: str) -> str:
    if name in WORDS:
        return str(WORDS[name])
    return (name.rsplit("_", 1)[0] if name.endswith(UNITS) else name).replace("_", " ")


def _value(name: str, value: Any) -> str:
    if name.endswith("_at") and isinstance(value, str):
        return f"{timezone.localtime(datetime.fromisoformat(value)):%Y-%m-%d %H:%M:%S}"
    if name.endswith("_s") and isinstance(value, int | float):
        return formats.duration(value)
    if name.endswith("_wh") and isinstance(value, int):
        return formats.energy(value)
    return str(value)
