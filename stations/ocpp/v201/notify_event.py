"""NotifyEvent: the device model speaks: a problem, a limit passed, a change (OCPP 2.0.1 N07)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from stations import secrets
from stations.metering.facts import Fact, Facts, NoticeFact, StationView
from stations.ocpp.framing import encode
from stations.ocpp.instants import read_instant
from stations.ocpp.kept import report
from stations.ocpp.v201.places import place_of
from stations.ocpp.words import business_key, child, children, digest, integer, text


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return one notice an event."""
    flags: list[str] = []
    stamp = text(payload, "generatedAt", 40)
    events = children(payload, "eventData")
    shown = children(secrets.hidden(payload), "eventData")
    notices = tuple(_notice(event, stamp, received_at, flags) for event in shown)
    key = business_key("events", stamp, integer(payload, "seqNo"), digest(encode(events)))
    facts: tuple[Fact, ...] = (*notices, report("NotifyEvent", payload))
    return Facts(facts, key=key, flags=tuple(dict.fromkeys(flags)))


def _notice(
    event: Mapping[str, Any], stamp: str, received_at: datetime, flags: list[str]
) -> NoticeFact:
    component, variable = child(event, "component"), child(event, "variable")
    detail: dict[str, object] = {
        "component": text(component, "name", 50),
        "variable": text(variable, "name", 50),
        "value": text(event, "actualValue"),
        "trigger": text(event, "trigger", 20),
        "tech_code": text(event, "techCode", 50),
        "tech_info": text(event, "techInfo"),
        "is_cleared": event.get("cleared") is True,
    }
    if instance := text(component, "instance", 50):
        detail["instance"] = instance
    # 2.1 says how serious it is; in 2.0.1 the monitor that raised it knows.
    for name, said in (("severity", "severity"), ("monitor", "variableMonitoringId")):
        if (number := integer(event, said)) is not None:
            detail[name] = number
    return NoticeFact(
        kind="device_event",
        occurred_at=read_instant(event.get("timestamp"), received_at, flags),
        source_id=f"{integer(event, 'eventId')}@{stamp}"[:80],
        place=place_of(component),
        detail=detail,
    )
