"""A rule that was wrong too often: what it finds is kept and measured, and sends nobody out."""

from dataclasses import replace

from faults.rules.protocol import Firing, Result, Rule, Snapshot, State
from faults.rules.vocabulary.meaning import INFORMATION, SAFETY


def demoted(rule: Rule) -> Rule:
    """Return a rule whose findings are all S5; a danger stays one, however often it was none."""

    def check(snapshot: Snapshot, thresholds: object, state: State) -> Result:
        found = rule.check(snapshot, thresholds, state)
        if not isinstance(found, Firing) or found.severity == SAFETY:
            return found
        told = {**found.evidence, "demoted_from": found.severity}
        return replace(found, severity=INFORMATION, is_down=False, evidence=told)

    return replace(rule, check=check)
