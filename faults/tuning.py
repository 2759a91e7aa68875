"""Thresholds of rules in people's hands: set, switched off, put back; each change noted."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from chargenet.core import audit
from faults import rules
from faults.models import Fault, RuleSetting
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
