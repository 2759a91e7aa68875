from chargenet.core.models.journal import AuditEntry, Outbox, PeriodicRun
from chargenet.core.models.operator import Membership, Operator, Role
from chargenet.core.models.user import User

__all__ = ["AuditEntry", "Membership", "Operator", "Outbox", "PeriodicRun", "Role", "User"]
