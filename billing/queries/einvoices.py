"""An invoice's rows as an e-invoice, checked; what the rows lack is told by name."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from billing.einvoice import checking, credit, numbers, pricing, ubl
from billing.einvoice.checking import Verdict
from billing.einvoice.document import (
    EXEMPT,
    OUTSIDE_SCOPE,
    REVERSE_CHARGE,
    Address,
    Contact,
    Document,
    Endpoint,
    Giro,
    Kind,
    Line,
    Party,
    Payment,
    Period,
    Reference,
    Supply,
    Tax,
    TaxPart,
    Unit,
)
from billing.models import Customer, Invoice, InvoiceLine
from billing.queries import vat_words
from billing.vat.reverse import Treatment

SWEDEN = "SE"
SWEDISH_REGISTER = "0007"
ONE = Decimal(1)
UNTAXED = {
    Treatment.REVERSE_CHARGE.value: REVERSE_CHARGE,
    Treatment.OUTSIDE.value: OUTSIDE_SCOPE,
}
UNITS = {"kWh": (Unit.KWH, Supply.ELECTRICITY), "session": (Unit.PIECE, Supply.FEE)}


@dataclass(frozen=True, slots=True)
class Einvoice:
    """The file, what every stage said about it, and what the rows lack, for people."""

    content: bytes
    verdict: Verdict
    gaps: tuple[str, ...]


def with_einvoice_rows(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Return invoices with the rows an e-invoice is made of, in two queries for any number."""
    lines = InvoiceLine.objects.select_related("session").order_by("position")
    return invoices.select_related("operator", "customer").prefetch_related(
        Prefetch("lines", queryset=lines)
    )


def checked_einvoice(invoice: Invoice) -> Einvoice:
    """Return an invoice read by `with_einvoice_rows` as a file that was checked."""
    document = einvoice_of(invoice)
    content = ubl.write(document)
    return Einvoice(content, checking.check(content), gaps_of(document))


def einvoice_of(invoice: Invoice) -> Document:
    """Return an invoice read by `with_einvoice_rows` as an e-invoice."""
    lines = list(invoice.lines.all())
    seller = _seller(invoice.seller)
    buyer = _buyer(invoice.buyer, seller)
    untaxed = _untaxed(invoice)
    if untaxed == OUTSIDE_SCOPE:
        # Who sells outside the scope of the tax does so without its numbers (BR-O-02).
        seller, buyer = replace(seller, vat_number=""), replace(buyer, vat_number="")
    days = [_days(line, invoice.operator.timezone) for line in lines]
    made = Document(
        kind=Kind.INVOICE,
        number=invoice.label,
        issue_date=invoice.issue_date,
        due_date=invoice.due_date,
        currency=str(invoice.total_incl_vat.currency),
        seller=seller,
        buyer=buyer,
        lines=tuple(
            _line(line, period, invoice, untaxed) for line, period in zip(lines, days, strict=True)
        ),
        taxes=_taxes(invoice, untaxed),
        period=_period(invoice, days),
        buyer_reference=invoice.buyer.get("buyer_reference")
        or invoice.buyer.get("reference")
        or "",
        order_reference=invoice.buyer.get("order_number") or "",
        payment=_payment(invoice),
        terms=_terms(invoice),
        rounding=invoice.rounding,
    )
    if invoice.corrects is None:
        return made
    corrected = Reference(invoice.corrects.label, invoice.corrects.issue_date)
    return credit.as_credit_note(made, corrected)


def _untaxed(invoice: Invoice) -> Tax:
    """Return how what takes no tax is called, as it was decided when the sessions were rated."""
    part = vat_words.untaxed_part(invoice.vat_breakdown)
    return UNTAXED.get(str(part.get("treatment", "")), EXEMPT)


def gaps_of(document: Document) -> tuple[str, ...]:
    """Return what somebody has to fill in before the document can be sent."""
    seller, buyer = document.seller, document.buyer
    gaps = []
    if seller.address.country == SWEDEN and not numbers.is_org_number(seller.org_number):
        gaps.append(_("The operator's organisation number is missing or mistyped."))
    if not seller.vat_number:
        gaps.append(_("The operator's VAT number is missing."))
    if document.payment and not numbers.is_bankgiro(document.payment.account):
        gaps.append(_("The operator's bankgiro number is mistyped."))
    if not seller.endpoint:
        gaps.append(_("The operator has no address for e-invoices."))
    if not buyer.name.strip():
        gaps.append(_("The customer has no name."))
    if buyer.org_number and buyer.org_scheme and not numbers.is_org_number(buyer.org_number):
        gaps.append(_("The customer's organisation number is mistyped."))
    if not document.buyer_reference:
        gaps.append(_("The customer has no reference."))
    return tuple(gaps)


def _seller(seller: dict[str, Any]) -> Party:
    org_number = numbers.digits_of(seller.get("org_number") or "")
    address = _address(seller)
    is_swedish = address.country == SWEDEN
    city = address.city
    return Party(
        name=seller.get("legal_name") or "",
        address=address,
        endpoint=Endpoint(SWEDISH_REGISTER, org_number) if is_swedish and org_number else None,
        org_number=org_number,
        org_scheme=SWEDISH_REGISTER if is_swedish else "",
        vat_number=numbers.digits_of(seller.get("vat_number") or ""),
        legal_form=f"Säte: {city}" if is_swedish and city else "",
        has_f_skatt=is_swedish and bool(seller.get("has_f_skatt", seller.get("vat_number"))),
        contact=Contact(phone=seller.get("phone") or "", email=seller.get("email") or ""),
    )


def _buyer(buyer: dict[str, Any], seller: Party) -> Party:
    is_business = buyer.get("kind") != Customer.Kind.CONSUMER
    org_number = numbers.digits_of(buyer.get("org_number") or "") if is_business else ""
    address = _address(buyer)
    is_swedish = address.country == SWEDEN
    # Who has no address in Peppol, as every consumer, gets the invoice by another way: the file
    # is addressed to the seller, who delivers it.
    own = Endpoint(SWEDISH_REGISTER, org_number) if is_swedish and org_number else None
    return Party(
        name=buyer.get("name") or "",
        address=address,
        endpoint=_peppol_address(buyer) or own or seller.endpoint,
        org_number=org_number,
        org_scheme=SWEDISH_REGISTER if is_swedish else "",
        vat_number=numbers.digits_of(buyer.get("vat_number") or "") if is_business else "",
        identifier=buyer.get("reference") or "",
        contact=Contact(email=buyer.get("invoice_email") or buyer.get("email") or ""),
    )


def _peppol_address(buyer: dict[str, Any]) -> Endpoint | None:
    scheme, number = buyer.get("peppol_scheme"), buyer.get("peppol_id")
    return Endpoint(scheme, number) if scheme and number else None


def _address(party: dict[str, Any]) -> Address:
    return Address(
        street=party.get("street") or "",
        postal_code=party.get("postal_code") or "",
        city=party.get("city") or "",
        country=party.get("country") or SWEDEN,
    )


def _days(line: InvoiceLine, timezone: str) -> Period | None:
    session = line.session
    if session is None or session.ended_at is None:
        return None
    zone = ZoneInfo(timezone)
    starts_on, ends_on = (
        instant.astimezone(zone).date() for instant in (session.started_at, session.ended_at)
    )
    return Period(starts_on, max(starts_on, ends_on))


def _period(invoice: Invoice, days: Sequence[Period | None]) -> Period:
    """Return the invoice's days, widened to its lines': what came late is of an earlier month."""
    known = [period for period in days if period]
    last: date = invoice.period_end - timedelta(days=1)
    return Period(
        min([invoice.period_start, *(period.starts_on for period in known)]),
        max([last, *(period.ends_on for period in known)]),
    )


def _line(line: InvoiceLine, period: Period | None, invoice: Invoice, untaxed: Tax) -> Line:
    amount = line.amount_excl_vat.amount
    unit, supply = UNITS.get(line.unit, (Unit.PIECE, Supply.FEE))
    quantity = abs(line.quantity)
    if not quantity:
        # A session that took no energy and cost a fee is one piece.
        quantity, unit, supply = ONE, Unit.PIECE, Supply.FEE
    return Line(
        name=line.description,
        quantity=quantity if amount >= 0 else -quantity,
        unit=unit,
        price=pricing.unit_price(abs(amount), quantity),
        amount=amount,
        tax=_tax(line.vat_rate, untaxed),
        supply=supply,
        period=period,
        cost_centre=line.cost_centre,
        agreed_incl=line.amount_incl_vat.amount if not invoice.is_to_company else None,
    )


def _tax(rate: Decimal, untaxed: Tax) -> Tax:
    return Tax.standard(rate.normalize()) if rate else untaxed


def _taxes(invoice: Invoice, untaxed: Tax) -> tuple[TaxPart, ...]:
    with translation.override(invoice.buyer.get("language") or translation.get_language()):
        return tuple(_tax_part(part, untaxed) for part in invoice.vat_breakdown)


def _tax_part(part: dict[str, str], untaxed: Tax) -> TaxPart:
    tax = _tax(Decimal(part["rate"]), untaxed)
    return TaxPart(tax, Decimal(part["excl_vat"]), Decimal(part["vat"]), vat_words.reason_of(part))


def _payment(invoice: Invoice) -> Payment | None:
    account = numbers.digits_of(invoice.seller.get("bankgiro") or "")
    return Payment(account, invoice.ocr_reference, Giro.BANKGIRO) if account else None


def _terms(invoice: Invoice) -> str:
    days = (invoice.due_date - invoice.issue_date).days
    with translation.override(invoice.buyer.get("language") or translation.get_language()):
        return _("%(days)s days net.") % {"days": days}
