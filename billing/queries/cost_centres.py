"""What an invoice comes to for each cost centre of a fleet."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from billing.models import InvoiceLine


@dataclass(frozen=True)
class CentreTotal:
    """One cost centre's part of an invoice; who has none has no name."""

    name: str
    lines: int
    excl_vat: Decimal
    incl_vat: Decimal


def totals_of(lines: Iterable[InvoiceLine]) -> list[CentreTotal]:
    """Return the parts of an invoice by cost centre; nothing where no line has one."""
    found: dict[str, list[InvoiceLine]] = {}
    for line in lines:
        found.setdefault(line.cost_centre, []).append(line)
    if not any(found):
        return []
    return [
        CentreTotal(
            name=name,
            lines=len(held),
            excl_vat=sum((line.amount_excl_vat.amount for line in held), Decimal(0)),
            incl_vat=sum((line.amount_incl_vat.amount for line in held), Decimal(0)),
        )
        for name, held in sorted(found.items(), key=lambda each: (not each[0], each[0]))
    ]
