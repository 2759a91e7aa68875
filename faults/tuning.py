"""Thresholds of rules in people's hands: set, switched off, put back; each change noted."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from chargenet.core import audit
from chargenet.core.models import Operator
from faults import rules
from faults.models import Fault, RuleSetting, RuleState
from faults.queries import precision
from faults.rules import thresholds


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Which stations a setting is for: all of an operator, those of a site, or of a model."""

    operator_id: int
    location_id: int | None = None
    station_model: str = ""


class RuleUnknown(LookupError):
    """There is no rule of this code."""


def set_thresholds(
    *,
    where: Where,
    code: str,
    values: Mapping[str, Any],
    is_active: bool = True,
    actor_id: int | None,
    as_of: datetime,
) -> RuleSetting:
    """Set a rule's thresholds for some stations; what is not named there is as it came.

    Raises RuleUnknown, and ThresholdsRefused for a value the rule cannot be set to; then nothing
    is changed.
    """
    rule = rules.BY_CODE.get(code)
    if rule is None:
        raise RuleUnknown(code)
    thresholds.tuned(rule.thresholds, values, code)
    with transaction.atomic():
        row, before = _locked(where, code, as_of)
        row.values, row.is_active = dict(values), is_active
        row.updated_at, row.updated_by_id = as_of, actor_id
        row.save(update_fields=["values", "is_active", "updated_at", "updated_by"])
        after = {"values": row.values, "is_active": is_active}
        if before != after:
            _record(row, "rule.set", {"before": before, **after}, actor_id, as_of)
            _wake(where, code, as_of)
    return row


def reset_thresholds(*, where: Where, code: str, actor_id: int | None, as_of: datetime) -> None:
    """Take a setting away; the wider one, or the rule's own thresholds, hold again."""
    with transaction.atomic():
        row = RuleSetting.objects.select_for_update().filter(code=code, **asdict(where)).first()
        if row is None:
            return
        before = {"values": row.values, "is_active": row.is_active}
        _record(row, "rule.reset", {"before": before}, actor_id, as_of)
        row.delete()
        _wake(where, code, as_of)


def weigh_rules(*, operator_id: int, as_of: datetime) -> frozenset[str]:
    """Demote the rules that were wrong too often, and returns all that are demoted.

    One is let back when a person has set it anew, or after as long as its precision is measured
    over: by then no ticket of before counts. Each change is on the audit trail.
    """
    with transaction.atomic():
        kept = RuleState(
            operator_id=operator_id,
            code=precision.DEMOTED,
            scope_key=f"network:{operator_id}",
            state={},
            updated_at=as_of,
        )
        RuleState.objects.bulk_create([kept], ignore_conflicts=True)
        row = RuleState.objects.select_for_update().get(
            operator_id=operator_id, code=kept.code, scope_key=kept.scope_key
        )
        measured = precision.precision_of(operator_id, as_of)
        now = _still_demoted(operator_id, row.state, as_of)
        now.update(
            (code, as_of.isoformat())
            for code, one in measured.items()
            if one.is_poor and code in rules.BY_CODE and code not in now
        )
        for code in sorted(now.keys() ^ row.state.keys()):
            one = measured.get(code, precision.Precision())
            audit.record(
                operator_id=operator_id,
                user_id=None,
                action="rule.demote" if code in now else "rule.promote",
                object_type="rulestate",
                object_id=row.pk,
                as_of=as_of,
                details={"code": code, "repaired": one.repaired, "no_fault": one.no_fault},
            )
            _wake(Where(operator_id=operator_id), code, as_of)
        row.state, row.updated_at = now, as_of
        row.save(update_fields=["state", "updated_at"])
        return frozenset(now)


def weigh_all(*, as_of: datetime) -> None:
    """Weigh the rules of every operator."""
    for operator_id in Operator.objects.order_by("pk").values_list("pk", flat=True):
        weigh_rules(operator_id=operator_id, as_of=as_of)


def _still_demoted(operator_id: int, kept: Mapping[str, str], as_of: datetime) -> dict[str, str]:
    settings = RuleSetting.objects.filter(
        operator_id=operator_id,
        code__in=list(kept),
        location=None,
        station_model="",
        updated_by__isnull=False,
    )
    set_at = dict(settings.values_list("code", "updated_at"))
    found = {}
    for code, written in kept.items():
        since = datetime.fromisoformat(written)
        is_over = as_of - since >= precision.MEASURED_OVER
        if not is_over and not (code in set_at and set_at[code] > since):
            found[code] = written
    return found


def _locked(where: Where, code: str, as_of: datetime) -> tuple[RuleSetting, dict[str, Any]]:
    """Return the row of a setting, made if need be, and what it said before."""
    made = RuleSetting(code=code, updated_at=as_of, **asdict(where))
    RuleSetting.objects.bulk_create([made], ignore_conflicts=True)
    row = RuleSetting.objects.select_for_update().get(code=code, **asdict(where))
    return row, {"values": row.values, "is_active": row.is_active}


def _record(
    row: RuleSetting, action: str, details: dict[str, Any], actor_id: int | None, as_of: datetime
) -> None:
    audit.record(
        operator_id=row.operator_id,
        user_id=actor_id,
        action=action,
        object_type="rulesetting",
        object_id=row.pk,
        as_of=as_of,
        details={
            "code": row.code,
            "location_id": row.location_id,
            "station_model": row.station_model,
            **details,
        },
    )


def _wake(where: Where, code: str, as_of: datetime) -> None:
    """Have the faults that stand by the old thresholds looked at again."""
    held = Fault.objects.filter(operator_id=where.operator_id, code=code).exclude(
        state=Fault.State.CLEARED
    )
    if where.location_id is not None:
        held = held.filter(location_id=where.location_id)
    if where.station_model:
        held = held.filter(station__model=where.station_model)
    held.update(check_at=as_of)
