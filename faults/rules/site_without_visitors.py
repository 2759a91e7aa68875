"""F11 of a site: nobody comes to any of its connectors, so none of them is to blame.

A road is closed, a sign is gone, an app lists the place no more: that is work for one person who
looks at the place, not for a technician at each connector.
"""

from faults.rules import usage_drought
from faults.rules.protocol import CannotKnow, Clear, Firing, Result, Scope, State
from faults.rules.wide import SiteSnapshot

CODE = "F11"
TITLE = "Site without visitors"
SEVERITY = 5
SCOPE: Scope = "site"
FAMILY = "visitors"
CAUSE = "unknown"
IS_IMPAIRING = False
# What is set for silent connectors holds for their site.
Thresholds = usage_drought.Thresholds
# Of a single connector its own rule speaks.
LEAST_CONNECTORS = 2


def check(snapshot: SiteSnapshot, _: Thresholds, __: State) -> Result:
    """Say whether every connector that was ever used here is silent with the whole site."""
    silence = snapshot.silence
    if silence is None:
        return CannotKnow(state={}, reason="use_unknown")
    if silence.used < LEAST_CONNECTORS or silence.silent < silence.used or silence.since is None:
        return Clear(state={})
    return Firing(
        state={},
        evidence={
            "is_whole_site_silent": True,
            "connectors": silence.used,
            "last_start": silence.since.isoformat(),
        },
        began_at=silence.since,
        seen_at=snapshot.as_of,
        severity=SEVERITY,
        is_down=False,
        is_work=True,
    )
