"""How often a rule is right: tickets closed as repaired, beside those closed as no fault."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, F, OuterRef, Q, Subquery

from faults.models import Closing, RuleSetting, RuleState, Ticket

# The rule state that holds an operator's demoted rules, by code since when; no rule has this code.
DEMOTED: Final = "demoted"
MEASURED_OVER: Final = timedelta(days=90)
LEAST_CLOSED: Final = 50
LEAST_SHARE: Final = 0.5
REPAIRED: Final = (Closing.VERIFIED, Closing.UNVERIFIED)


@dataclass(frozen=True, slots=True)
class Precision:
    """What people found at the tickets of one rule; what went by itself tells neither way."""

    repaired: int = 0
    no_fault: int = 0

    @property
    def closed(self) -> int:
        """Return how many tickets tell."""
        return self.repaired + self.no_fault

    @property
    def is_poor(self) -> bool:
        """Return whether it is surely wrong more often than right."""
        return self.closed >= LEAST_CLOSED and self.repaired < LEAST_SHARE * self.closed


def precision_of(operator_id: int, as_of: datetime) -> dict[str, Precision]:
    """Return the precision of an operator's rules over 90 days, by code.

    It counts from when a person last set the rule for all stations: before, it was another rule.
    """
    changed = RuleSetting.objects.filter(
        operator_id=operator_id,
        code=OuterRef("code"),
        location=None,
        station_model="",
        updated_by__isnull=False,
    )
    closed = Ticket.objects.filter(operator_id=operator_id, closed_at__gt=as_of - MEASURED_OVER)
    told = closed.annotate(changed_at=Subquery(changed.values("updated_at")[:1])).filter(
        Q(changed_at=None) | Q(opened_at__gte=F("changed_at"))
    )
    rows = (
        told.order_by()
        .values("code")
        .annotate(
            repaired=Count("pk", filter=Q(closing__in=REPAIRED)),
            no_fault=Count("pk", filter=Q(closing=Closing.NO_FAULT_FOUND)),
        )
    )
    return {row["code"]: Precision(row["repaired"], row["no_fault"]) for row in rows}


def demoted_since(operator_id: int) -> dict[str, datetime]:
    """Return the demoted rules of an operator, by code since when."""
    row = RuleState.objects.filter(
        operator_id=operator_id, code=DEMOTED, scope_key=f"network:{operator_id}"
    ).first()
    return {code: datetime.fromisoformat(at) for code, at in (row.state.items() if row else ())}
