"""Discounts, charges, prices for more than one, corrections below zero; numbers and prices."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from billing.einvoice import numbers, pricing, ubl
from billing.einvoice.checking import Stage, amounts, newer_rules, tree
from billing.einvoice.tree import CAC, CBC
from billing.vat import ocr
from tests.unit.billing.einvoice import papers
from tests.unit.billing.einvoice.papers import put

MONEY = st.integers(0, 10**9).map(lambda minor: Decimal(minor).scaleb(-2))
QUANTITY = st.integers(1, 10**9).map(lambda thousandths: Decimal(thousandths).scaleb(-3))
Change = Callable[[Any], None]


def fragment(text: str) -> Any:
    return etree.fromstring(f'<a xmlns:cac="{CAC}" xmlns:cbc="{CBC}">{text}</a>')[0]


def before(path: str, text: str) -> Change:
    """Return a change that puts an element before another."""

    def change(root: Any) -> None:
        root.xpath(path, namespaces=tree.NAMESPACES)[0].addprevious(fragment(text))

    return change


def charge(amount: str, indicator: str, category: str = "") -> str:
    return (
        f"<cac:AllowanceCharge><cbc:ChargeIndicator>{indicator}</cbc:ChargeIndicator>"
        "<cbc:AllowanceChargeReason>Avtal</cbc:AllowanceChargeReason>"
        f'<cbc:Amount currencyID="SEK">{amount}</cbc:Amount>{category}</cac:AllowanceCharge>'
    )


VAT_25 = (
    "<cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>25.0</cbc:Percent>"
    "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory>"
)
DISCOUNTED = (
    before("//cac:TaxTotal", charge("30.00", "false", VAT_25)),
    before("//cac:TaxTotal", charge("10.00", "true", VAT_25)),
    put("//cbc:TaxExclusiveAmount", "229.77"),
    put("//cbc:TaxableAmount", "229.77"),
    put("//cac:TaxTotal/cbc:TaxAmount", "57.44"),
    put("//cac:TaxSubtotal/cbc:TaxAmount", "57.44"),
    put("//cbc:TaxInclusiveAmount", "287.21"),
    before(
        "//cbc:PayableAmount",
        '<cbc:AllowanceTotalAmount currencyID="SEK">30.00</cbc:AllowanceTotalAmount>',
    ),
    before(
        "//cbc:PayableAmount",
        '<cbc:ChargeTotalAmount currencyID="SEK">10.00</cbc:ChargeTotalAmount>',
    ),
    put("//cbc:PayableAmount", "287.21"),
)


def test_discounts_and_charges_of_the_document_count() -> None:
    assert papers.checked(papers.document(), *DISCOUNTED).problems == ()


def test_a_discount_of_a_line_and_a_price_for_a_hundred_count() -> None:
    base = '<cbc:BaseQuantity unitCode="KWH">100</cbc:BaseQuantity>'
    changes = (
        put("//cac:InvoiceLine[1]/cac:Price/cbc:PriceAmount", "376.00"),
        lambda root: root.xpath("//cac:Price", namespaces=tree.NAMESPACES)[0].append(
            fragment(base)
        ),
        before("//cac:InvoiceLine[1]/cac:Item", charge("0.18", "false")),
    )

    # 45.413 kWh at 3.76 is 170.75
    assert papers.checked(papers.document(), *changes).problems == ()


def test_a_correction_below_zero_is_exact_too() -> None:
    lines = [papers.line("170.57", "45.413"), papers.line("12.34", "2")]
    taken_back = replace(lines[1], quantity=Decimal(-2), amount=Decimal("-12.34"))

    assert papers.checked(papers.document(*lines, taken_back)).problems == ()


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (put("//cbc:TaxableAmount", "249.78"), "taxable"),
        (put("//cac:TaxTotal/cbc:TaxAmount", "62.45"), "tax-total"),
        (put("//cac:ClassifiedTaxCategory/cbc:Percent", "12"), "tax-part"),
        (put("//cbc:TaxInclusiveAmount", "312.22"), "total-incl"),
        (put("//cbc:TaxExclusiveAmount", "249.78"), "total-excl"),
        (put("//cac:PayeeFinancialAccount/cbc:ID", "5050-1055"), "bankgiro"),
        (put("//cac:FinancialInstitutionBranch/cbc:ID", "SE:PLUSGIRO"), None),
        (put("//cbc:PaymentID", "Faktura 2026-000123"), None),
        (put("//cbc:InvoicedQuantity", "1e2"), "number"),
        (put("//cac:Price/cbc:PriceAmount", "NaN"), "number"),
    ],
)
def test_each_figure_has_its_rule(change: Change, rule: str | None) -> None:
    root = etree.fromstring(papers.changed(ubl.write(papers.document()), change))

    found = {problem.rule for problem in amounts.check(root)}

    assert rule in found if rule else not found


def test_agreed_prices_that_are_not_net_and_tax_are_told() -> None:
    change = put("//cac:AdditionalItemProperty/cbc:Value", "312.23")
    root = etree.fromstring(papers.changed(ubl.write(papers.gross_document(31_222)), change))

    assert {problem.rule for problem in amounts.check(root)} == {"tax-amount", "agreed"}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (put("//cbc:EndpointID", "x"), None),
        (
            lambda root: root.xpath("//cbc:EndpointID", namespaces=tree.NAMESPACES)[0].set(
                "schemeID", "9999"
            ),
            "PEPPOL-EN16931-CL008",
        ),
        (put("//cbc:CustomizationID", f"{ubl.CUSTOMIZATION}::2.1"), "PEPPOL-EN16931-R004"),
        (put("//cbc:InvoiceTypeCode", "384"), "PEPPOL-EN16931-P0112"),
        (put("//cac:PartyLegalEntity/cbc:CompanyID", "5560360794"), "SE-R-013"),
        (put("//cac:PartyTaxScheme/cbc:CompanyID", "NL12"), "PEPPOL-COMMON-R056-2"),
        (before("//cbc:DocumentCurrencyCode", "<cbc:Note>två</cbc:Note>"), "PEPPOL-EN16931-R002"),
    ],
)
def test_each_newer_rule_of_peppol_is_heard(change: Change, rule: str | None) -> None:
    made = papers.document(note="en")
    root = etree.fromstring(papers.changed(ubl.write(made), change))

    found = newer_rules.check(root)

    assert {problem.rule for problem in found} == ({rule} if rule else set())
    assert all(problem.stage is Stage.PEPPOL for problem in found)


@given(amount=MONEY, quantity=QUANTITY)
def test_a_unit_price_gives_back_its_amount(amount: Decimal, quantity: Decimal) -> None:
    price = pricing.unit_price(amount, quantity)

    assert pricing.line_amount(quantity, price) == amount
    assert price >= 0


@pytest.mark.parametrize(("amount", "quantity"), [("1.00", "0"), ("-1.00", "1")])
def test_what_has_no_price_is_refused(amount: str, quantity: str) -> None:
    with pytest.raises(pricing.NoPrice):
        pricing.unit_price(Decimal(amount), Decimal(quantity))


@given(total=st.integers(-(10**9), 10**9).map(lambda minor: Decimal(minor).scaleb(-2)))
def test_rounding_leads_to_a_whole_krona_and_moves_half_of_one_at_most(total: Decimal) -> None:
    rounding = pricing.whole_krona_rounding(total)

    assert (total + rounding) % 1 == 0
    assert Decimal("-0.5") < rounding <= Decimal("0.5")


@given(digits=st.from_regex(r"[0-9]{6,7}", fullmatch=True))
def test_a_giro_has_its_check_digit_and_no_other(digits: str) -> None:
    right = digits + ocr.luhn_digit(digits)

    assert numbers.is_bankgiro(right)
    assert sum(numbers.is_bankgiro(f"{digits}{last}") for last in range(10)) == 1
    assert numbers.digits_of(f" {right[:4]}-{right[4:]} ") == right
