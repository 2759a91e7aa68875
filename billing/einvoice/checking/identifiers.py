"""Numbers the official rules look at too briefly: organisations, VAT, giros, OCR, references.

Source: billing rules of Skatteverket and Bankgirot; Peppol's SE-R-007 to 010 are warnings only.
"""

from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from billing.einvoice import numbers
from billing.einvoice.checking import figures, tree
from billing.einvoice.checking.figures import Found
from billing.einvoice.document import Giro

SELLER = "cac:AccountingSupplierParty/cac:Party"
BUYER = "cac:AccountingCustomerParty/cac:Party"
# The register of Swedish organisations (ISO 6523).
SWEDISH = "0007"
COUNTRY = "cac:PostalAddress/cac:Country/cbc:IdentificationCode"
ORG_NUMBER = "cac:PartyLegalEntity/cbc:CompanyID"
ACCOUNT = "cac:PayeeFinancialAccount"
BRANCH = f"{ACCOUNT}/cac:FinancialInstitutionBranch/cbc:ID"


def check(root: Any) -> Found:
    """Tell which numbers cannot be."""
    for rule in RULES:
        yield from rule(root)


def seller_and_number(root: Any) -> tuple[str, str]:
    """Return who numbered a document, and the number."""
    party = tree.find(root, SELLER)
    number = tree.text_at(root, "cbc:ID")
    if party is None:
        return "", number
    vat = _vat_number(party)
    seller = (
        tree.text_at(party, ORG_NUMBER)
        or ("" if vat is None else tree.text_of(vat))
        or tree.text_at(party, "cac:PartyLegalEntity/cbc:RegistrationName")
    )
    return seller, number


def _org_numbers(root: Any) -> Found:
    for element in _swedish_numbers(root):
        text = tree.text_of(element)
        if not numbers.is_org_number(text):
            words = f"{text!r} is no organisation number: ten digits, the last its check digit."
            yield figures.problem("org-number", element, words)


def _swedish_numbers(root: Any) -> Iterator[Any]:
    """Yield what says it is a Swedish organisation's number: of addresses, parties, entities."""
    for name in ("cbc:EndpointID", "cac:PartyIdentification/cbc:ID", "cbc:CompanyID"):
        for element in tree.find_all(root, f".//{name}"):
            if element.get("schemeID") == SWEDISH:
                yield element
    seller = tree.find(root, SELLER)
    element = None if seller is None else tree.find(seller, ORG_NUMBER)
    if element is None or element.get("schemeID"):
        return
    if tree.text_at(seller, COUNTRY) == "SE":
        yield element


def _vat_numbers(root: Any) -> Found:
    yield from _buyer_vat_number(root)
    party = tree.find(root, SELLER)
    element = None if party is None else _vat_number(party)
    if element is None or not tree.text_of(element).startswith("SE"):
        return
    text, org_number = tree.text_of(element), tree.text_at(party, ORG_NUMBER)
    if not numbers.is_swedish_vat_number(text):
        words = f"{text!r} is no Swedish VAT number: SE and twelve digits."
        yield figures.problem("vat-number", element, words)
    elif org_number and text != numbers.vat_number_of(org_number):
        expected = numbers.vat_number_of(org_number)
        words = f"The VAT number of {org_number} is {expected}, not {text}."
        yield figures.problem("vat-number", element, words)


def _buyer_vat_number(root: Any) -> Found:
    # Of a buyer only the digits: members of a group share a number, and published examples have
    # Swedish buyers with numbers of another length.
    party = tree.find(root, BUYER)
    element = None if party is None else _vat_number(party)
    text = "" if element is None else tree.text_of(element)
    if not numbers.is_swedish_vat_number(text):
        return
    if text != numbers.vat_number_of(text[2:-2]) or not numbers.is_org_number(text[2:-2]):
        words = f"{text!r} is no VAT number: SE, ten digits with their check digit, 01."
        yield figures.problem("vat-number", element, words)


def _vat_number(party: Any) -> Any:
    for scheme in tree.find_all(party, "cac:PartyTaxScheme"):
        if tree.text_at(scheme, "cac:TaxScheme/cbc:ID") == "VAT":
            return tree.find(scheme, "cbc:CompanyID")
    return None


def _giros(root: Any) -> Found:
    for means in tree.find_all(root, "cac:PaymentMeans"):
        branch = tree.text_at(means, BRANCH)
        account = tree.find(means, f"{ACCOUNT}/cbc:ID")
        number = "" if account is None else tree.text_of(account)
        if branch == Giro.BANKGIRO.value and not numbers.is_bankgiro(number):
            words = f"{number!r} is no bankgiro: seven or eight digits, the last its check digit."
            yield figures.problem("bankgiro", means if account is None else account, words)
        if branch == Giro.PLUSGIRO.value and not numbers.is_plusgiro(number):
            words = f"{number!r} is no plusgiro: two to eight digits, the last its check digit."
            yield figures.problem("plusgiro", means if account is None else account, words)


def _payment_references(root: Any) -> Found:
    giros = {giro.value for giro in Giro}
    for means in tree.find_all(root, "cac:PaymentMeans"):
        element = tree.find(means, "cbc:PaymentID")
        if element is None or tree.text_at(means, BRANCH) not in giros:
            continue
        text = tree.text_of(element)
        # Letters are a message to the payee; digits alone are read by machines.
        if numbers.is_digits(text) and not numbers.is_payment_reference(text):
            words = f"{text} is no OCR reference: its last digit is not its check digit."
            yield figures.problem("ocr-reference", element, words)


def _credited_invoice(root: Any) -> Found:
    is_credit_note = etree.QName(root).localname == "CreditNote"
    if is_credit_note and not tree.text_at(
        root, "cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID"
    ):
        words = "A credit note names the invoice it corrects (mervärdesskattelagen 17 kap. 22 §)."
        yield figures.problem("credit-reference", root, words)


RULES: tuple[Callable[[Any], Found], ...] = (
    _org_numbers,
    _vat_numbers,
    _giros,
    _payment_references,
    _credited_invoice,
)
