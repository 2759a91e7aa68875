"""The facts of one trial station that no rule has counted yet."""

from dataclasses import dataclass, field
from datetime import datetime

from faults.rules.facts import DeviceEvent, Notice, SessionOutcome, StatusSign
from stations.metering.facts import NoticeFact

MOST_KEYS = 512


@dataclass(slots=True)
class News:
    """The facts of one station that no rule has counted."""

    signs: list[StatusSign] = field(default_factory=list)
    events: list[DeviceEvent] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    sessions: list[SessionOutcome] = field(default_factory=list)
    is_other: bool = False

    def __bool__(self) -> bool:
        """Return whether there is a reason to look."""
        return self.is_other or bool(self.signs or self.events or self.notices or self.sessions)


@dataclass(slots=True)
class Once:
    """The business keys of the last frames: a repetition counts for nothing."""

    _keys: dict[str, None] = field(default_factory=dict)

    def is_repeated(self, key: str) -> bool:
        """Return whether a key was heard already, and remember it."""
        if key in self._keys:
            return True
        self._keys[key] = None
        if len(self._keys) > MOST_KEYS:
            del self._keys[next(iter(self._keys))]
        return False


def device_event(
    number: int, connector_id: int | None, fact: NoticeFact, received_at: datetime
) -> DeviceEvent:
    """Return what a component reported, as rules see it."""
    said = fact.detail
    severity = said.get("severity")
    return DeviceEvent(
        id=number,
        connector_id=connector_id,
        component=str(said.get("component", "")),
        instance=str(said.get("instance", "")),
        variable=str(said.get("variable", "")),
        value=str(said.get("value", "")),
        trigger=str(said.get("trigger", "")),
        tech_code=str(said.get("tech_code", "")),
        note=str(said.get("tech_info", "")),
        severity=severity if isinstance(severity, int) else None,
        is_cleared=said.get("is_cleared") is True,
        occurred_at=fact.occurred_at,
        received_at=received_at,
    )
