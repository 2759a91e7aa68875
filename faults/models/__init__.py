from faults.models.faults import Downtime, Fault, RuleState, Scope, Severity
from faults.models.tickets import Ticket, TicketNote

__all__ = ["Downtime", "Fault", "RuleState", "Scope", "Severity", "Ticket", "TicketNote"]
