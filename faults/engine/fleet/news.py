"""The facts of one trial station that no rule has counted yet."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from faults.rules import error_codes
from faults.rules.facts import DeviceEvent, Notice, SessionOutcome, StatusSign
from stations.metering.facts import NoticeFact

MOST_KEYS = 512
NO_MAINS = "cx015"


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

    def power_lost_at(self) -> datetime | None:
        """Return when the station last gave evidence that its mains went, if it did."""
        found = [one.ended_at for one in self.sessions if one.stop_reason == "PowerLoss"]
        found += [
            one.occurred_at
            for one in self.notices
            if one.kind == "boot" and one.detail.get("reason") == "PowerUp"
        ]
        found += [one.occurred_at for one in self.events if _is_of_mains(one)]
        found += [
            one.occurred_at
            for one in self.signs
            if NO_MAINS in error_codes.fold(one.vendor_error_code)
        ]
        return max(found, default=None)


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
    return DeviceEvent.told(
        fact.detail,
        number=number,
        connector_id=connector_id,
        severity=fact.detail.get("severity"),
        at=(fact.occurred_at, received_at),
    )


def emergency(
    numbers: Iterator[int], at: datetime, received_at: datetime
) -> Iterator[DeviceEvent]:
    """Yield that the button was pressed, and that this is over: in 1.6 the stop is all we hear."""
    for is_cleared in (False, True):
        yield DeviceEvent(
            id=next(numbers),
            connector_id=None,
            component="EmergencyStopSensor",
            variable="Active",
            value=str(not is_cleared).lower(),
            trigger="Alerting",
            tech_code="CX008",
            is_cleared=is_cleared,
            occurred_at=at,
            received_at=received_at,
        )


def _is_of_mains(event: DeviceEvent) -> bool:
    if event.is_cleared:
        return False
    is_trip = error_codes.fold(event.component) == "upstreamprotectiontrigger"
    return is_trip or error_codes.fold(event.tech_code) == NO_MAINS
