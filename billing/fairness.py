"""What an operator decides of the gate: its policy for faults, and what each check does."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from billing.gate import policy
from billing.gate.families import FAMILIES, NAMES
from billing.gate.policy import Rule
from billing.gate.table import CHECKS
from billing.models import FairRule, GateSetting
from billing.queries import gating
from chargenet.core import audit
from chargenet.core.models import Operator, User
from stations.models import Impairment

MOST_ROWS = 50
MOST_LIMIT = 10**9
MOST_WH = 2_000_000


class RulesUnfit(ValueError):
    """A row of the policy cannot hold; says which, from 1, and what of it."""

    def __init__(self, row: int, field: str) -> None:
        super().__init__(f"row {row}: {field}")
        self.row, self.field = row, field


class RulesStale(Exception):
    """Somebody else wrote the policy since the page was read."""


class CheckUnfit(ValueError):
    """There is no such check, or no such limit of it, or its figure cannot be."""


def write_rules(
    *,
    operator: Operator,
    rules: Sequence[Rule],
    actor: User,
    as_of: datetime,
    seen: str | None = None,
) -> list[FairRule]:
    """Let this table hold from now on, in its order; a row that changed ends, and stays on paper.

    An empty table is the shipped one. `seen` is the mark of the table it was written from. Raises
    RulesUnfit, RulesStale.
    """
    _check(rules)
    wanted = [replace(rule, position=place) for place, rule in enumerate(rules, start=1)]
    with transaction.atomic():
        Operator.objects.select_for_update().get(pk=operator.pk)
        current = list(_rows_now(operator))
        if seen is not None and seen != _mark(current):
            raise RulesStale
        kept = [row for row in current if gating.as_rule(row) in wanted]
        ended = [row for row in current if row not in kept]
        FairRule.objects.filter(pk__in=[row.pk for row in ended]).update(valid_until=as_of)
        stay = [gating.as_rule(row) for row in kept]
        rows = FairRule.objects.bulk_create(
            _row(operator, rule, actor, as_of) for rule in wanted if rule not in stay
        )
        if rows or ended:
            audit.record(
                operator_id=operator.pk,
                user_id=actor.pk,
                action="fair_rules.written",
                object_type="operator",
                object_id=operator.pk,
                as_of=as_of,
                details={"before": list(map(str, ended)), "after": list(map(str, rows))},
            )
    return sorted([*kept, *rows], key=lambda row: row.position)


def _row(operator: Operator, rule: Rule, actor: User, as_of: datetime) -> FairRule:
    return FairRule(
        operator=operator,
        position=rule.position,
        code=rule.code,
        family=rule.family,
        cause=rule.cause,
        from_wh=rule.from_wh,
        until_wh=rule.until_wh,
        outcome=rule.outcome.value,
        valid_from=as_of,
        written_by=actor,
    )


def _rows_now(operator: Operator) -> QuerySet[FairRule]:
    rows = FairRule.objects.filter(operator=operator, valid_until__isnull=True)
    return rows.order_by("position")


def _mark(rows: Iterable[FairRule]) -> str:
    return "-".join(str(row.pk) for row in rows)


def mark_of(operator: Operator) -> str:
    """Return the mark of the table as it is now: another table has another mark."""
    return _mark(_rows_now(operator))


def _check(rules: Sequence[Rule]) -> None:
    if len(rules) > MOST_ROWS:
        raise RulesUnfit(MOST_ROWS + 1, "outcome")
    causes = set(Impairment.Cause.values) | {""}
    for number, rule in enumerate(rules, start=1):
        if rule.code and (rule.family or rule.code not in FAMILIES):
            raise RulesUnfit(number, "fault")
        if rule.family and rule.family not in NAMES:
            raise RulesUnfit(number, "fault")
        if rule.cause not in causes:
            raise RulesUnfit(number, "cause")
        top = MOST_WH if rule.until_wh is None else rule.until_wh
        if not 0 <= rule.from_wh < top <= MOST_WH:
            raise RulesUnfit(number, "energy")


def rules_now(operator: Operator) -> tuple[Sequence[Rule], bool]:
    """Return the table an operator has today, and whether it is an own one."""
    own = [gating.as_rule(row) for row in _rows_now(operator)]
    return (own, True) if own else (policy.SHIPPED, False)


def set_check(
    *,
    operator: Operator,
    name: str,
    action: str,
    limits: Mapping[str, int],
    actor: User,
    as_of: datetime,
) -> GateSetting:
    """Let a check do this, from these limits on; raises CheckUnfit."""
    check = CHECKS.get(name)
    if check is None or action not in GateSetting.Action.values:
        raise CheckUnfit(name)
    if set(limits) - set(check.limits):
        raise CheckUnfit(name)
    if not all(0 <= value <= MOST_LIMIT for value in limits.values()):
        raise CheckUnfit(name)
    own = {key: value for key, value in limits.items() if value != check.limits[key]}
    with transaction.atomic():
        row, _is_new = GateSetting.objects.update_or_create(
            operator=operator,
            check_name=name,
            defaults={
                "action": action,
                "limits": own,
                "updated_at": as_of,
                "updated_by": actor,
            },
        )
        audit.record(
            operator_id=operator.pk,
            user_id=actor.pk,
            action="gate_check.set",
            object_type="operator",
            object_id=operator.pk,
            as_of=as_of,
            details={"check": name, "action": action, "limits": own},
        )
    return row
