"""The audit trail: who did what to which row, written once."""

from datetime import datetime
from typing import Any

from chargenet.core.models import AuditEntry


def record(
    *,
    operator_id: int,
    user_id: int | None,
    action: str,
    object_type: str,
    object_id: int,
    as_of: datetime,
    details: dict[str, Any] | None = None,
) -> None:
    """Write one line of the audit trail, in the transaction of the deed itself."""
    AuditEntry.objects.create(
        operator_id=operator_id,
        user_id=user_id,
        at=as_of,
        action=action,
        object_type=object_type,
        object_id=object_id,
        details=details or {},
    )
