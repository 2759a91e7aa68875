"""How an operator shows what rules found: as a place's state, or beside the station's word."""

from datetime import datetime

from django.db import transaction

from chargenet.core import audit
from chargenet.core.models import Operator
from faults.models import StatusPolicy


def set_policy(*, operator: Operator, is_advisory: bool, actor_id: int, as_of: datetime) -> None:
    """Choose how findings are shown at an operator, and note who chose it."""
    with transaction.atomic():
        policy, _is_new = StatusPolicy.objects.get_or_create(operator=operator)
        if policy.is_advisory == is_advisory:
            return
        StatusPolicy.objects.filter(pk=policy.pk).update(is_advisory=is_advisory)
        audit.record(
            operator_id=operator.pk,
            user_id=actor_id,
            action="status_policy.set",
            object_type="status_policy",
            object_id=policy.pk,
            as_of=as_of,
            details={"is_advisory": is_advisory},
        )
