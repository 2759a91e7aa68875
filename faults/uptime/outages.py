"""What a connector's ledger says of a period, and how much of it may be left out of account."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from faults.uptime import spans
from faults.uptime.spans import Span

# fault: a rule found it and a person may say why; the others are what the station says, or does
# not say: symptoms, which a cause that covers them explains. A window is planned work: no outage
# of its own, but a reason for those within it.
Kind = Literal["fault", "offline", "unavailable", "faulted", "window"]
Class = Literal[
    "none",
    "utility",
    "vehicle",
    "scheduled_maintenance",
    "vandalism",
    "natural_disaster",
    "outside_opening_hours",
    "user",
]
EVERY_KIND: frozenset[Kind] = frozenset({"fault", "offline", "unavailable", "faulted"})


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which a connector could not be used; `incident` is one for all of one cause."""

    kind: Kind
    span: Span
    why: Class = "none"
    incident: str = ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """One connector over one period: when it existed, was open, and was out."""

    existed: Span
    outages: Sequence[Outage] = ()
    # When the site was closed by its published hours.
    closed: Sequence[Span] = ()


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one rule leaves out of account, and at most how long of it.

    `per_incident` counts from the beginning of each incident, `in_all` over the whole period.
    """

    classes: frozenset[Class]
    per_incident: Mapping[Class, timedelta] = field(default_factory=dict)
    in_all: Mapping[Class, timedelta] = field(default_factory=dict)


def open_time(ledger: Ledger) -> list[Span]:
    """Return when a driver might have come: the connector existed and its site was open."""
    return spans.difference([ledger.existed], ledger.closed)


def down_time(ledger: Ledger, kinds: Iterable[Kind] = EVERY_KIND) -> list[Span]:
    """Return when it was out during opening hours, by the kinds of outage a rule counts."""
    wanted = frozenset(kinds)
    out = [one.span for one in ledger.outages if one.kind in wanted]
    return spans.intersection(out, open_time(ledger))


def excluded_time(ledger: Ledger, allowance: Allowance) -> list[Span]:
    """Return the outage that may be left out: nothing else but an allowed cause stood in the way.

    A minute in which a fault of nobody's else holds as well is not left out: the operator would
    have to show that the connector was otherwise able to charge (23 CFR 680.116).
    """
    allowed: list[Span] = []
    for why in sorted(allowance.classes):
        covered = _by_incident(ledger, why, allowance.per_incident.get(why))
        if why in allowance.in_all:
            covered = spans.first_part(covered, allowance.in_all[why])
        allowed += covered
    own = [
        one.span
        for one in ledger.outages
        if one.kind == "fault" and one.why not in allowance.classes
    ]
    return spans.intersection(spans.difference(allowed, own), down_time(ledger))


def _by_incident(ledger: Ledger, why: Class, most: timedelta | None) -> list[Span]:
    incidents: dict[str, list[Span]] = {}
    for number, one in enumerate(ledger.outages):
        if one.why == why:
            incidents.setdefault(one.incident or f"#{number}", []).append(one.span)
    if most is None:
        return [span for found in incidents.values() for span in found]
    # The days of an incident run on, whether or not the site was open.
    return [
        (start, min(end, first + most))
        for found in incidents.values()
        for first in (min(span[0] for span in found),)
        for start, end in found
        if start < first + most
    ]
