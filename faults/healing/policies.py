"""How far an operator lets its stations be mended from afar."""

from datetime import datetime

from chargenet.core import audit
from chargenet.core.models import User
from faults.models import HealingPolicy


def set_policy(
    *, operator_id: int, mode: str, makes_safe: bool, changed_by: User, as_of: datetime
) -> HealingPolicy:
    """Say how far an operator's stations may be mended from afar; raises ValueError."""
    if mode not in HealingPolicy.Mode.values:
        raise ValueError(f"{mode}: not a mode")
    policy, _ = HealingPolicy.objects.update_or_create(
        operator_id=operator_id,
        defaults={
            "mode": mode,
            "makes_safe": makes_safe,
            "changed_at": as_of,
            "changed_by": changed_by,
        },
    )
    audit.record(
        operator_id=operator_id,
        user_id=changed_by.pk,
        action="healing.policy",
        object_type="operator",
        object_id=operator_id,
        as_of=as_of,
        details={"mode": mode, "makes_safe": makes_safe},
    )
    return policy


def policy_of(operator_id: int) -> HealingPolicy:
    """Return an operator's policy; a dry run that makes safe, where none was set."""
    found = HealingPolicy.objects.filter(operator_id=operator_id).first()
    return found or HealingPolicy(operator_id=operator_id)
