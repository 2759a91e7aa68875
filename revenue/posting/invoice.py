"""An issued invoice: what was accrued becomes a receivable, and the VAT a debt."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from revenue.posting.cdr import CdrFacts
from revenue.posting.lines import (
    ACCRUED_INCOME,
    RECEIVABLES,
    ROUNDING,
    DoesNotAddUp,
    Line,
    RatePart,
    Tags,
    rate_key,
    sales,
    vat_out,
    without_zeros,
)

# Beyond rounding to a whole krona a document's total has no business to differ from its parts.
LARGEST_ROUNDING = Decimal("1.00")


@dataclass(frozen=True, slots=True)
class InvoiceLineFacts:
    """One line of an invoice, excluding VAT; cdr_id where it bills a session.

    `purpose` is the income account of what is no sale: interest, a fee.
    """

    rate: Decimal
    excl_vat: Decimal
    cdr_id: int | None
    tags: Tags
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """What the books need of an invoice and of the Cdrs it bills; its total as it is paid.

    That is, rounded where the invoice rounds.
    """

    total_incl_vat: Decimal
    vat_parts: tuple[RatePart, ...]
    lines: tuple[InvoiceLineFacts, ...]
    cdrs: Mapping[int, CdrFacts]
    tags: Tags


def postings_for_invoice(invoice: InvoiceFacts) -> tuple[Line, ...]:
    """Debit receivables; credit accrued income as each Cdr accrued it, sales and output VAT.

    VAT is rounded once per document, so a line's net can lie an öre from its Cdr's: that öre
    goes to sales under the session's tags, and accrued income returns to exactly zero.
    Raises DoesNotAddUp.
    """
    vat = sum((part.amount for part in invoice.vat_parts), Decimal(0))
    net = sum((line.excl_vat for line in invoice.lines), Decimal(0))
    rounding = invoice.total_incl_vat - vat - net
    claimed = [line for line in invoice.lines if line.purpose]
    if abs(rounding) > LARGEST_ROUNDING:
        raise DoesNotAddUp(f"an invoice of {invoice.total_incl_vat} is off by {rounding}")
    return without_zeros(
        (
            Line(RECEIVABLES, invoice.total_incl_vat, invoice.tags),
            *(Line(vat_out(part.rate), -part.amount, invoice.tags) for part in invoice.vat_parts),
            *_net_lines(invoice),
            *(Line(line.purpose, -line.excl_vat, line.tags) for line in claimed),
            Line(ROUNDING, -rounding, invoice.tags),
        )
    )


def _net_lines(invoice: InvoiceFacts) -> list[Line]:
    """Return what the lines credit: accrued income once per Cdr, and sales with the rest."""
    accrued: dict[int, Line] = {}
    sold: dict[tuple[int | None, str, Tags], Decimal] = {}
    for line in invoice.lines:
        if line.purpose:
            continue
        cdr = None if line.cdr_id is None else invoice.cdrs[line.cdr_id]
        tags = line.tags if cdr is None else cdr.tags
        key = (line.cdr_id, rate_key(line.rate), tags)
        sold[key] = sold.get(key, Decimal(0)) + line.excl_vat
        if cdr is None or line.cdr_id is None or line.cdr_id in accrued:
            continue
        accrued[line.cdr_id] = Line(ACCRUED_INCOME, -cdr.total_excl_vat, tags)
        for part in cdr.parts_excl_vat:
            key = (line.cdr_id, rate_key(part.rate), tags)
            sold[key] = sold.get(key, Decimal(0)) - part.amount
    return [
        *accrued.values(),
        *(Line(sales(Decimal(rate)), -net, tags) for (_, rate, tags), net in sold.items()),
    ]
