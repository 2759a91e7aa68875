"""The thresholds of a trial: what each rule comes with, some of them changed."""

from collections.abc import Iterable, Mapping
from typing import Any

from faults.rules import thresholds
from faults.rules.protocol import Rule

# {"F01": {"fires_after": 900}}, durations in seconds.
Changed = Mapping[str, Mapping[str, Any]]


def tuned_rules(asked: Iterable[Rule], changed: Changed) -> dict[str, Any]:
    """Return the thresholds of every rule, some of them changed; raises ThresholdsRefused."""
    found = {rule.code: rule.thresholds for rule in asked}
    for code, values in changed.items():
        if code not in found:
            known = ", ".join(sorted(found))
            raise thresholds.ThresholdsRefused(code, f"no such rule; there are {known}")
        found[code] = thresholds.tuned(found[code], values, code)
    return found
