"""One session before the gate: what its checks find, and what is to become of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from billing.gate import policy, table
from billing.gate.case import Action, Case, Evidence, Finding, Limits
from billing.gate.policy import Decision, Outcome, Rule


@dataclass(frozen=True, slots=True)
class Setting:
    """What an operator set of one check; limits it does not name stay as shipped."""

    action: Action
    limits: Limits


@dataclass(frozen=True, slots=True)
class Planned:
    """One check as an operator has it: what it does, and from which limits on."""

    name: str
    find: Callable[[Case, Limits], Evidence | None]
    action: Action
    limits: Limits


Plan = Sequence[Planned]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a session: held for its first holding check, or billed by an outcome."""

    outcome: Outcome
    held_for: Finding | None = None
    waived_for: Finding | None = None
    findings: tuple[Finding, ...] = ()
    decision: Decision | None = None
    # What a person decided of it, in one word.
    ruled: str = ""

    def told(self) -> dict[str, Any]:
        """Return the verdict as JSON tells it; empty where nothing was found at all."""
        said: dict[str, Any] = {}
        if self.findings:
            said["findings"] = told_findings(self.findings)
        if self.outcome is not Outcome.BILL:
            said["outcome"] = self.outcome.value
        if self.ruled:
            said["ruled"] = self.ruled
        if self.waived_for is not None:
            said["waived_for"] = self.waived_for.check
        if self.decision is not None and self.decision.rule and self.decision.trouble:
            said["policy"] = {
                "row": self.decision.rule.position,
                "fault": self.decision.trouble.code,
                "cause": self.decision.trouble.cause,
                "outcome": self.decision.outcome.value,
            }
        return said


# Most sessions: nothing was found, and no fault met them.
UNTOUCHED: Final = Verdict(Outcome.BILL, decision=policy.UNMET)


def told_findings(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return findings as JSON tells them."""
    return [
        {"check": each.check, "action": each.action.value, "evidence": dict(each.evidence)}
        for each in findings
    ]


def plan_of(settings: Mapping[str, Setting]) -> Plan:
    """Return the checks that are not switched off, in the order of the table."""
    planned = []
    for check in table.EVERY:
        action, limits = check.action, check.limits
        if (setting := settings.get(check.name)) is not None:
            action, limits = setting.action, {**limits, **setting.limits}
        if action is not Action.OFF:
            planned.append(Planned(check.name, check.find, action, limits))
    return tuple(planned)


def findings_of(case: Case, plan: Plan) -> tuple[Finding, ...]:
    """Return what the checks of a plan find, in its order."""
    found = []
    for check in plan:
        evidence = check.find(case, check.limits)
        if evidence is not None:
            found.append(Finding(check.name, check.action, evidence))
    return tuple(found)


def judge(case: Case, plan: Plan, rules: Sequence[Rule]) -> Verdict:
    """Return what becomes of a session; a hold comes before a waiver, a waiver before the policy.

    Only faults that met the session are weighed.
    """
    findings = findings_of(case, plan)
    met = [each for each in case.troubles if each.meets(case.started_at, case.ended_at)]
    decision = policy.decide(rules, met, case.energy_wh) if met else policy.UNMET
    if not findings and not met:
        return UNTOUCHED
    verdict = Verdict(decision.outcome, findings=findings, decision=decision)
    holding = [each for each in findings if each.action is Action.HOLD]
    if holding:
        return replace(verdict, held_for=holding[0])
    waiving = [each for each in findings if each.action is Action.WAIVE]
    if waiving:
        return replace(verdict, outcome=Outcome.WAIVE, waived_for=waiving[0])
    return verdict


def released(case: Case, plan: Plan, ruled: str) -> Verdict:
    """Return the verdict of a session a person released or corrected: billed as it is."""
    return Verdict(Outcome.BILL, findings=findings_of(case, plan), ruled=ruled)
