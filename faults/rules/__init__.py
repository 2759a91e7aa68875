"""The rules: one line each. A rule says yes, no or cannot know; absence is never health."""

from faults.rules import reported_fault, sessions_failing, station_offline
from faults.rules.protocol import Rule

RULES: tuple[Rule, ...] = (
    Rule.of(station_offline),
    *reported_fault.RULES,
    Rule.of(sessions_failing),
)
BY_CODE = {rule.code: rule for rule in RULES}
