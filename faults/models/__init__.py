from faults.models.cables import CableLife, CableReading
from faults.models.causes import CAUSES, Action, Cause, Component
from faults.models.crew import (
    CrewMember,
    Duty,
    MaintenanceWindow,
    Rank,
    ServiceLevel,
    Skill,
    TicketPolicy,
)
from faults.models.failures import RuleFailure
from faults.models.faults import Downtime, Fault, RuleSetting, RuleState, Scope, Severity
from faults.models.healing import Healing, HealingPolicy, HealingStep
from faults.models.reports import DriverReport, ReportKind, ReportPhoto, StatusPolicy
from faults.models.telling import CalendarLink, Notice, TellingChoice, WayOut
from faults.models.tickets import Closing, Exclusion, Ticket, TicketNote, WaitFor
from faults.models.trials import RuleTrial
from faults.models.uptime import UptimeDay
from faults.models.vendor_codes import VendorErrorCode
from faults.models.work import ChecklistItem, TicketPart, TicketPhoto, TicketTick, TicketWatcher

__all__ = [
    "CAUSES",
    "Action",
    "CableLife",
    "CableReading",
    "CalendarLink",
    "Cause",
    "ChecklistItem",
    "Closing",
    "Component",
    "CrewMember",
    "Downtime",
    "DriverReport",
    "Duty",
    "Exclusion",
    "Fault",
    "Healing",
    "HealingPolicy",
    "HealingStep",
    "MaintenanceWindow",
    "Notice",
    "Rank",
    "ReportKind",
    "ReportPhoto",
    "RuleFailure",
    "RuleSetting",
    "RuleState",
    "RuleTrial",
    "Scope",
    "ServiceLevel",
    "Severity",
    "Skill",
    "StatusPolicy",
    "TellingChoice",
    "Ticket",
    "TicketNote",
    "TicketPart",
    "TicketPhoto",
    "TicketPolicy",
    "TicketTick",
    "TicketWatcher",
    "UptimeDay",
    "VendorErrorCode",
    "WaitFor",
    "WayOut",
]
