"""F41: the stations of a site went silent together, and nothing says that they lost their mains.

What they share is then their line: a router, a switch, a SIM.
"""

from dataclasses import dataclass

from faults.rules import going_dark, site_without_power
from faults.rules.protocol import Clear, Firing, Result, Scope, State
from faults.rules.wide import SiteSnapshot

CODE = "F41"
TITLE = "Site offline"
SEVERITY = 2
SCOPE: Scope = "site"
FAMILY = "site"
CAUSE = "network"
# A station without a line may still charge those it knows.
IS_IMPAIRING = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(going_dark.Thresholds):
    """Half of the stations and at least two, within ten minutes of each other."""


def check(snapshot: SiteSnapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether the site lost its line; what shows to be the mains is F40's."""
    dark = going_dark.read(snapshot, thresholds, state)
    if dark is None:
        return Clear(state={})
    mains = site_without_power.Thresholds()
    if site_without_power.has_evidence(snapshot, mains, dark):
        return Clear(state={}, ended_at=dark.back_at, evidence={"became": "F40"})
    if dark.is_over:
        return Clear(state={}, ended_at=dark.back_at)
    return Firing(
        state=going_dark.written(dark),
        evidence=going_dark.shown(dark, snapshot),
        began_at=dark.since,
        seen_at=snapshot.as_of,
        severity=SEVERITY,
        fires_after=going_dark.patience(dark, thresholds.fires_after),
        ticket_after=going_dark.patience(dark, thresholds.ticket_after),
        attribution="network",
        is_down=False,
        check_at=dark.settles_at,
    )
