from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from lxml import etree

from billing import contracts, crediting, invoices, rating
from billing.models import Customer, Invoice
from billing.queries import cost_centres, einvoices, papers, price_words
from billing.vat.months import Month
from stations.models import Session, Token
from tests import cast
from tests.integration.billing import scene as trade
from tests.integration.billing.scene import NOON, RATED

pytestmark = pytest.mark.django_db
NOVEMBER = Month(2026, 11)
ISSUED = datetime(2026, 12, 1, 8, tzinfo=UTC)
PARTNER: dict[str, Any] = {
    "kind": "partner",
    "country": "DE",
    "city": "Hamburg",
    "street": "Kaistraße 3",
    "postal_code": "20457",
    "language": "en",
    "vat_number": "DE136695976",
    "is_taxable_dealer": True,
}
NAMES = {
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
}


@pytest.fixture
def scene() -> cast.Cast:
    made = cast.make_cast()
    operator = made.operator
    operator.legal_name, operator.org_number = "Nordladd AB", "556036-0793"
    operator.vat_number, operator.bankgiro = "SE556036079301", "5050-1055"
    operator.street, operator.postal_code, operator.city = "Gatan 1", "211 20", "Malmö"
    operator.email, operator.phone = "hej@nordladd.example", "040-10 00 00"
    operator.save()
    trade.assign(trade.make_tariff(made, "base", trade.price_list("4")))
    return made


def _session(scene: cast.Cast, token: Token, hour: int = 0, **fields: Any) -> Session:
    begin = NOON + timedelta(hours=2 * hour)
    session = trade.make_session(scene, token=token, started_at=begin, **fields)
    assert rating.rate_session(session_id=session.pk, as_of=RATED) is not None
    return session


def _invoice(customer: Customer) -> Invoice:
    [made] = invoices.issue_invoice(customer_id=customer.pk, period=NOVEMBER, as_of=ISSUED)
    return made


def _file(invoice: Invoice) -> tuple[Any, einvoices.Einvoice]:
    [row] = einvoices.with_einvoice_rows(Invoice.objects.filter(pk=invoice.pk))
    made = einvoices.checked_einvoice(row)
    return etree.fromstring(made.content), made


def _texts(root: Any, path: str) -> list[str]:
    found: list[str] = root.xpath(f"{path}/text()", namespaces=NAMES)
    return found


def test_a_partner_abroad_gets_a_valid_invoice_without_vat_that_says_why(
    scene: cast.Cast,
) -> None:
    partner = trade.make_customer(scene, "roamer", **PARTNER)
    trade.make_contract(scene, partner)
    _session(scene, scene.astrids_token)

    invoice = _invoice(partner)

    root, made = _file(invoice)
    assert made.verdict.is_valid, made.verdict.problems
    assert (invoice.vat_amount.amount, invoice.total_incl_vat.amount) == (0, Decimal("40.00"))
    assert _texts(root, "//cac:ClassifiedTaxCategory/cbc:ID") == ["AE"]
    assert _texts(root, "//cac:TaxCategory/cbc:TaxExemptionReasonCode") == ["VATEX-EU-AE"]
    [reason] = _texts(root, "//cac:TaxCategory/cbc:TaxExemptionReason")
    assert reason.startswith("Reverse charge: the buyer accounts for the VAT (article 38")
    buyer = "//cac:AccountingCustomerParty//cac:PartyTaxScheme/cbc:CompanyID"
    assert _texts(root, buyer) == ["DE136695976"]
    sheet = papers.sheet_of(invoice)
    assert reason in sheet.notes
    assert "VAT no. DE136695976" in sheet.buyer.lines
    with translation.override("en"):
        [part] = price_words.vat_rows(invoice.vat_breakdown)
    assert "the buyer accounts for the VAT" in part.reason


def test_a_credit_note_of_it_is_without_vat_for_the_same_reason(scene: cast.Cast) -> None:
    partner = trade.make_customer(scene, "roamer", **PARTNER)
    trade.make_contract(scene, partner)
    _session(scene, scene.astrids_token)
    invoice = _invoice(partner)
    # what the customer became since changes nothing
    Customer.objects.filter(pk=partner.pk).update(country="SE", vat_number="")

    note = crediting.credit_invoice(
        invoice_id=invoice.pk, reason="Wrong", credited_by=None, as_of=ISSUED
    )

    root, made = _file(note)
    assert made.verdict.is_valid, made.verdict.problems
    assert _texts(root, "//cac:ClassifiedTaxCategory/cbc:ID") == ["AE"]


def test_a_dealer_outside_the_union_is_outside_the_scope(scene: cast.Cast) -> None:
    abroad = PARTNER | {"country": "NO", "vat_number": ""}
    partner = trade.make_customer(scene, "roamer", **abroad)
    trade.make_contract(scene, partner)
    _session(scene, scene.astrids_token)

    root, made = _file(_invoice(partner))

    assert made.verdict.is_valid, made.verdict.problems
    assert _texts(root, "//cac:ClassifiedTaxCategory/cbc:ID") == ["O"]
    [reason] = _texts(root, "//cac:TaxCategory/cbc:TaxExemptionReason")
    assert reason.startswith("Not subject to VAT here")


def test_a_company_abroad_that_uses_the_electricity_pays_the_vat_of_the_place(
    scene: cast.Cast,
) -> None:
    user = trade.make_customer(
        scene, "user", **(PARTNER | {"kind": "business", "is_taxable_dealer": False})
    )
    trade.make_contract(scene, user)
    _session(scene, scene.astrids_token)

    root, made = _file(_invoice(user))

    assert made.verdict.is_valid, made.verdict.problems
    assert _texts(root, "//cac:ClassifiedTaxCategory/cbc:ID") == ["S"]


def test_a_fleets_lines_name_their_cost_centre_and_each_has_its_sum(scene: cast.Cast) -> None:
    fleet = trade.make_customer(scene, "fleet", kind="fleet", city="Malmö", street="Gatan 2")
    who: dict[str, Any] = {"actor": scene.fia, "as_of": NOON}
    centre = contracts.add_cost_centre(customer=fleet, code="4410", name="Syd", **who)
    other = Token.objects.create(operator=scene.operator, uid="OTHER01")
    trade.make_contract(scene, fleet, cost_centre=centre)
    trade.make_contract(scene, fleet, token=other)
    for hour, token in enumerate((scene.astrids_token, other, scene.astrids_token)):
        _session(scene, token, hour)

    invoice = _invoice(fleet)

    assert [
        (each.name, each.lines, each.excl_vat, each.incl_vat)
        for each in cost_centres.totals_of(invoice.lines.all())
    ] == [
        ("4410 Syd", 2, Decimal("80.00"), Decimal("100.00")),
        ("", 1, Decimal("40.00"), Decimal("50.00")),
    ]
    root, made = _file(invoice)
    assert made.verdict.is_valid, made.verdict.problems
    assert _texts(root, "//cac:InvoiceLine/cbc:AccountingCost") == ["4410 Syd", "4410 Syd"]
    titles = {group.title: group.total for group in papers.sheet_of(invoice).table.groups}
    assert titles["4410 Syd"].startswith("80")
