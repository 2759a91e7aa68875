"""F32: the cable is cut, stolen or torn off: it is told, or several sensors fall silent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from faults.rules import error_codes, reported, reports
from faults.rules.combining import either
from faults.rules.protocol import TOLD, Clear, Firing, Result, Scope, Snapshot, State, Wake

CODE = "F32"
TITLE = "Cable cut or torn off"
SEVERITY = 1
SCOPE: Scope = "connector"
SCOPES: tuple[Scope, ...] = ("connector", "station")
FAMILY = "cable"
CAUSE = "cable"
IS_IMPAIRING = True
WAKES: frozenset[Wake] = TOLD | {"status", "event"}

INFORMATION = 5
IDLE = frozenset({"Available", "Unavailable", "Faulted", "Reserved"})
# The wires of these run through the cable: all of them go silent where it is cut.
WORDS = frozenset({"cx023", "mrec23proximityfault", "f000"})
COMPONENTS = frozenset({"temperaturesensor"})
VARIABLES = frozenset({"problem", "fault"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(reported.Thresholds):
    """Within what time several plugs must lose their sensors, and how long one is suspected."""

    together: timedelta = timedelta(minutes=30)
    suspected_for: timedelta = timedelta(hours=24)
    look_again_after: timedelta = timedelta(minutes=1)


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether the cable is reported gone, or its sensors fell silent while nobody charged."""

    def told(kept: State) -> Result:
        return reported.check_code(CODE, snapshot, thresholds, kept, attribution="cable")

    if snapshot.subject is None or not snapshot.card.has_cable:
        return told(state)
    return either(
        state,
        reported=told,
        sensors=lambda kept: _silenced(snapshot, thresholds, kept),
    )


def _silenced(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Suspect a plug; where a neighbour is suspected too, somebody is at work with a saw.

    State: {"at": instant, "words": what fell silent, "is_theft": true once several did}.
    """
    ended_at = None
    for step in reports.steps(snapshot):
        lost = [one for one in step.raised if _is_of_cable(one)]
        if lost and _is_idle(snapshot) and not step.is_past:
            state = {"at": step.at.isoformat(), **state, "words": lost[0].words}
        elif state and step.is_end_of(state.get("name", "?")):
            state, ended_at = {}, step.at
        if lost and state:
            state = {**state, "name": lost[0].name}
    since = datetime.fromisoformat(state["at"]) if state else snapshot.as_of
    if not state or snapshot.as_of - since >= thresholds.suspected_for:
        return Clear(state={}, ended_at=ended_at)
    others = [
        place
        for place, codes in snapshot.open_codes.items()
        if place not in {snapshot.subject, None} and CODE in codes
    ]
    is_soon = snapshot.as_of - since <= thresholds.together
    if others and is_soon:
        state = {**state, "is_theft": True}
    is_theft = bool(state.get("is_theft"))
    look_at = snapshot.as_of + thresholds.look_again_after
    return Firing(
        state=state,
        evidence={"silent": state["words"], "also_silent": others, "while": "nobody_charged"},
        began_at=since,
        seen_at=since,
        severity=SEVERITY if is_theft else INFORMATION,
        attribution="cable",
        is_down=is_theft,
        check_at=look_at if is_soon and not is_theft else since + thresholds.suspected_for,
    )


def _is_of_cable(report: reports.Report) -> bool:
    if report.source == "event":
        component, _, variable = report.words.partition(".")
        is_sensor = error_codes.fold(component) in COMPONENTS
        return is_sensor and error_codes.fold(variable) in VARIABLES
    return error_codes.fold(report.words) in WORDS


def _is_idle(snapshot: Snapshot) -> bool:
    is_charging = (snapshot.subject or 0) in snapshot.open_sessions
    return not is_charging and snapshot.status in IDLE
