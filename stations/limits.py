"""What an operator lets people do to many stations at once, and how long logs are kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction

from chargenet.core import audit
from chargenet.core.models import User
from stations.models import OperationLimits

NUMBERS: Final = (
    "approval_above",
    "most_per_minute",
    "frames_kept_days",
    "reports_kept_days",
    "commands_kept_days",
    "uploads_kept_days",
)
SWITCHES: Final = ("may_install_unsigned", "forbids_concurrent")


class LimitsInvalid(ValueError):
    """A number is out of its range; `field` names it."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def limits_of(operator_id: int) -> OperationLimits:
    """Return an operator's limits; who never set any has those of the product."""
    there = OperationLimits.objects.filter(operator_id=operator_id).first()
    return there or OperationLimits(operator_id=operator_id)


def is_halted(operator_id: int) -> bool:
    """Say whether an operator's kill switch is on."""
    return OperationLimits.objects.filter(operator_id=operator_id, is_halted=True).exists()


@transaction.atomic
def set_limits(
    *, operator_id: int, values: Mapping[str, Any], changed_by: User, as_of: datetime
) -> OperationLimits:
    """Change some of an operator's limits; raises LimitsInvalid."""
    row, _is_new = OperationLimits.objects.select_for_update().get_or_create(
        operator_id=operator_id
    )
    unknown = set(values) - {*NUMBERS, *SWITCHES}
    assert not unknown, f"these are no limits: {sorted(unknown)}"
    before = {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    try:
        row.full_clean(exclude=["operator", "halted_by", "halted_at"], validate_unique=False)
    except ValidationError as error:
        field, texts = next(iter(error.message_dict.items()))
        raise LimitsInvalid(field, texts[0]) from error
    row.save(update_fields=list(values))
    changes = {name: [before[name], value] for name, value in values.items()}
    _write_down(row, "limits.set", changed_by, as_of, changes)
    return row


@transaction.atomic
def set_halted(
    *, operator_id: int, is_halted: bool, changed_by: User, as_of: datetime
) -> OperationLimits:
    """Turn the kill switch; while it is on, no bulk command and no firmware job leaves."""
    row, _is_new = OperationLimits.objects.select_for_update().get_or_create(
        operator_id=operator_id
    )
    if row.is_halted != is_halted:
        row.is_halted = is_halted
        row.halted_at = as_of if is_halted else None
        row.halted_by = changed_by if is_halted else None
        row.save(update_fields=["is_halted", "halted_at", "halted_by"])
        word = "limits.halt" if is_halted else "limits.release"
        _write_down(row, word, changed_by, as_of, {})
    return row


def _write_down(
    row: OperationLimits, action: str, user: User, as_of: datetime, details: dict[str, Any]
) -> None:
    audit.record(
        operator_id=row.operator_id,
        user_id=user.pk,
        action=action,
        object_type="limits",
        object_id=row.pk,
        as_of=as_of,
        details=details,
    )
