from faults.models.faults import Downtime, Fault, RuleSetting, RuleState, Scope, Severity
from faults.models.tickets import Ticket, TicketNote
from faults.models.uptime import UptimeDay

__all__ = [
    "Downtime",
    "Fault",
    "RuleSetting",
    "RuleState",
    "Scope",
    "Severity",
    "Ticket",
    "TicketNote",
    "UptimeDay",
]
