"""An invoice as it is drawn up, without its number, and its lines."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils import translation
from django.utils.translation import gettext as _

from billing.models import Customer, InvoiceLine
from billing.queries import Due, DueCdr
from billing.tariffs import writing
from billing.vat.document import Document, Item
from billing.vat.parts import Part
from chargenet.core import money

WH_PER_KWH = 1000
MOST_CENTRE = 80


@dataclass(frozen=True, slots=True)
class Draft:
    """An invoice without its number."""

    customer: Customer
    currency: str
    due: Due
    document: Document


def lines_of(invoice_id: int, draft: Draft) -> list[InvoiceLine]:
    """Return the lines of an invoice, unsaved, in the customer's language."""
    with translation.override(draft.customer.language):
        charged = _("Charging at %(place)s, %(time)s")
        fees = _("Fees for charging at %(place)s, %(time)s")
    lines = []
    for position, (item, part) in enumerate(draft.document.lines, start=1):
        cdr = draft.due.cdrs[item.source_id]
        has_energy = item.rate == cdr.energy_rate
        text = (charged if has_energy else fees) % {"place": cdr.place, "time": cdr.local_time}
        lines.append(_line(invoice_id, position, draft, cdr, item, part, text[:255]))
    return lines


def _line(
    invoice_id: int, position: int, draft: Draft, cdr: DueCdr, item: Item, part: Part, text: str
) -> InvoiceLine:
    has_energy = item.rate == cdr.energy_rate
    return InvoiceLine(
        operator_id=draft.customer.operator_id,
        invoice_id=invoice_id,
        position=position,
        cdr_id=cdr.cdr_id,
        session_id=cdr.session_id,
        station_id=cdr.station_id,
        connector_id=cdr.connector_id,
        cable_id=cdr.cable_id,
        cost_centre=cdr.cost_centre[:MOST_CENTRE],
        description=text,
        quantity=Decimal(cdr.energy_wh) / WH_PER_KWH if has_energy else Decimal(1),
        unit="kWh" if has_energy else "session",
        vat_rate=Decimal(writing.decimal_text(part.rate)),
        currency=draft.currency,
        amount_excl_vat=money.from_minor(part.excl, draft.currency),
        vat_amount=money.from_minor(part.vat, draft.currency),
        amount_incl_vat=money.from_minor(part.incl, draft.currency),
    )
