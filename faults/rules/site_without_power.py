"""F40 of a site: its stations went silent together, and some of them said that mains went.

A site of one station has no ticket of its own: there the station's rule speaks.
"""

from dataclasses import dataclass
from datetime import timedelta

from faults.rules import going_dark
from faults.rules.protocol import Clear, Firing, Result, Scope, State
from faults.rules.wide import SiteSnapshot

CODE = "F40"
TITLE = "Site without power"
SEVERITY = 2
SCOPE: Scope = "site"
FAMILY = "site"
CAUSE = "grid"
IS_IMPAIRING = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(going_dark.Thresholds):
    """Evidence of lost mains needs no long wait; one station that says so is enough."""

    fires_after: timedelta = timedelta(minutes=2)
    ticket_after: timedelta = timedelta(minutes=2)
    least_evidence: int = 1


def check(snapshot: SiteSnapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether the site has lost its mains."""
    dark = going_dark.read(snapshot, thresholds, state)
    if dark is None or (not state and not has_evidence(snapshot, thresholds, dark)):
        return Clear(state={})
    if dark.is_over:
        return Clear(state={}, ended_at=dark.back_at)
    return Firing(
        state=going_dark.written(dark),
        evidence={**going_dark.shown(dark, snapshot), "exclusion_class": "utility"},
        began_at=dark.since,
        seen_at=snapshot.as_of,
        severity=SEVERITY,
        fires_after=going_dark.patience(dark, thresholds.fires_after),
        ticket_after=going_dark.patience(dark, thresholds.ticket_after),
        attribution="grid",
        check_at=dark.settles_at,
    )


def has_evidence(
    snapshot: SiteSnapshot, thresholds: Thresholds, dark: going_dark.Darkness
) -> bool:
    """Return whether it is the mains, and not the line, that the stations lost."""
    return snapshot.is_outage_known or len(dark.powerless) >= thresholds.least_evidence
