"""Parts of documents and rules that few invoices have."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from billing.einvoice import numbers, pricing, ubl
from billing.einvoice.checking import amounts, newer_rules, tree
from billing.einvoice.document import Giro, Payment
from chargenet.demo import plan
from tests.unit.billing.einvoice import papers
from tests.unit.billing.einvoice.papers import drop, put

SELLER = "//cac:AccountingSupplierParty//"
BUYER = "//cac:AccountingCustomerParty//"
Change = Callable[[Any], None]


def test_a_credit_note_with_a_due_date_a_contract_and_an_order_is_valid() -> None:
    made = replace(
        papers.credit_note(), contract_reference="AVT 7", order_reference="PO 1", note="Rättelse"
    )

    assert made.due_date == date(2026, 12, 1)
    assert b"<cbc:PaymentDueDate>2026-12-01" in ubl.write(made)
    assert papers.checked(made).problems == ()


@pytest.mark.parametrize(
    ("path", "number", "rule"),
    [
        (f"{SELLER}cbc:EndpointID", "5560360794", "org-number"),
        (f"{BUYER}cbc:EndpointID", "2120000143", "org-number"),
        (f"{BUYER}cac:PartyTaxScheme/cbc:CompanyID", "SE212000014301", "vat-number"),
        (f"{BUYER}cac:PartyTaxScheme/cbc:CompanyID", "SE212000014202", "vat-number"),
    ],
)
def test_a_wrong_digit_is_caught_in_addresses_and_in_the_number_of_a_buyer(
    path: str, number: str, rule: str
) -> None:
    made = papers.document(buyer=papers.buyer(vat_number="SE212000014201"))

    found = papers.checked(made, put(path, number)).problems

    assert papers.checked(made).is_valid
    assert {problem.rule for problem in found} == {rule}


def test_an_order_line_a_note_and_a_second_address_line_are_valid() -> None:
    line = papers.line("10.00", note="Två sessioner", order_line="3", cost_centre="7710")
    address = replace(papers.buyer().address, extra="Plan 3")
    made = papers.document(line, buyer=papers.buyer(address=address, identifier="K-17"))

    assert papers.checked(made).problems == ()


@pytest.mark.parametrize(
    "payment", [None, Payment("SE4550000000058398257466", "7"), Payment("40", "75", Giro.PLUSGIRO)]
)
def test_an_invoice_may_be_paid_by_iban_or_plusgiro_or_tell_terms_alone(
    payment: Payment | None,
) -> None:
    reference = "" if payment is None else numbers.digits_of(payment.reference)
    payment = payment and replace(payment, reference=reference, account=_account(payment))

    assert papers.checked(papers.document(payment=payment)).problems == ()


def _account(payment: Payment) -> str:
    return "42" if payment.giro else payment.account


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        (put("//cac:FinancialInstitutionBranch/cbc:ID", "SE:PLUSGIRO"), set()),
        (drop("//cac:PayeeFinancialAccount/cbc:ID"), {"bankgiro"}),
        (put(f"{SELLER}cac:PartyTaxScheme/cbc:CompanyID", "SE5560360793"), {"vat-number"}),
        (drop(f"{SELLER}cac:PartyLegalEntity/cbc:CompanyID"), set()),
        (drop("//cac:AccountingSupplierParty"), set()),
        (drop("//cac:TaxTotal"), {"total-incl"}),
        (drop("//cac:LegalMonetaryTotal"), set()),
        (drop("//cac:InvoiceLine[1]/cac:Price"), set()),
        (drop("//cac:ClassifiedTaxCategory"), {"taxable", "tax-part"}),
    ],
)
def test_what_is_missing_is_told_by_the_rule_it_belongs_to(
    change: Change, rules: set[str]
) -> None:
    root = tree.parse(papers.changed(ubl.write(papers.document()), change))

    assert {found.rule for found in amounts.check(root)} == rules


def test_a_plusgiro_has_its_check_digit() -> None:
    wrong = papers.document(payment=Payment("41", "202600012324", Giro.PLUSGIRO))

    assert {found.rule for found in papers.checked(wrong).problems} == {"plusgiro"}


def test_two_notes_are_allowed_between_german_organisations() -> None:
    root = etree.fromstring(ubl.write(papers.document(note="eins")))
    for number in root.xpath("//cac:PartyTaxScheme/cbc:CompanyID", namespaces=tree.NAMESPACES):
        number.text = "DE123456789"
    for country in root.xpath("//cbc:IdentificationCode", namespaces=tree.NAMESPACES):
        country.text = "DE"
    note = root.find("cbc:Note", tree.NAMESPACES)
    note.addnext(etree.fromstring(etree.tostring(note)))

    assert newer_rules.check(root) == []


def test_an_amount_of_nothing_has_the_price_of_nothing() -> None:
    assert pricing.unit_price(Decimal("0.00"), Decimal(3)) == 0


@pytest.mark.parametrize("network", plan.NETWORKS, ids=lambda network: network.slug)
def test_the_demos_operators_have_numbers_that_are_valid(network: plan.Network) -> None:
    assert numbers.is_org_number(numbers.digits_of(network.org_number))
