"""Peppol rules that are younger than the packaged ones, up to release 3.0.21 and Sweden's own.

The packaged rules are of early 2024. A rule here with the name of a packaged one replaces it
(SUPERSEDED): what the older one says is not listened to.

Source: Peppol BIS Billing 3.0, release notes 3.0.17 to 3.0.22 and its rule list.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from billing.einvoice import numbers
from billing.einvoice.checking import tree
from billing.einvoice.checking.problems import Problem, Stage

Found = Iterator[Problem]
SELLER = "cac:AccountingSupplierParty/cac:Party"
BUYER = "cac:AccountingCustomerParty/cac:Party"
COUNTRY = "cac:PostalAddress/cac:Country/cbc:IdentificationCode"
VAT_SCHEME = "cac:TaxScheme/cbc:ID"
# The Danish number lost its DK in 3.0.19; the packaged list of address schemes is of 2024, and the
# one of currencies stands in EN 16931 (BR-CL-03), which is up to date.
SUPERSEDED = frozenset(
    {
        "PEPPOL-COMMON-R042",
        "PEPPOL-EN16931-CL007",
        "PEPPOL-EN16931-CL008",
        "PEPPOL-EN16931-R002",
    }
)
IDENTIFIERS = {
    "0184": ("PEPPOL-COMMON-R042", r"(DK)?[0-9]{8}", "A Danish CVR number has eight digits."),
    "0096": ("PEPPOL-COMMON-R052", r"[0-9]{10}", "A Danish P number has ten digits."),
    "0198": ("PEPPOL-COMMON-R053", r"DK[0-9]{8}", "A Danish SE number is DK and eight digits."),
    "0106": ("PEPPOL-COMMON-R054", r"[0-9]{8}", "A Dutch KvK number has eight digits."),
    "0190": ("PEPPOL-COMMON-R055", r"[0-9]{20}", "A Dutch OIN has twenty digits."),
    "9944": (
        "PEPPOL-COMMON-R056-1",
        r"NL[0-9]{9}B[0-9]{2}",
        "A Dutch VAT number is NL, nine digits, B and two digits.",
    ),
    "0217": ("PEPPOL-COMMON-R057", r"[0-9]{12}", "A Dutch establishment number has 12 digits."),
}
DUTCH_VAT = re.compile(r"NL[0-9]{9}B[0-9]{2}", re.ASCII)
# Electronic Address Identifier Schemes, release 3.0.21.
REGISTERS = (
    *(2, 7, 9, 60, 88, 96, 97, 106, 130, 135, 142, 151, 183, 184, 188, 190, 191, 192, 195, 196),
    *(198, 199, 200, 201, 204, 208, 209, 210, 211, 216, 218, 221, 225, 230, 235, 240, 242, 244),
    *(245, 246, 248, 9910, 9913, 9914, 9915, 9918, 9919, 9920, *range(9922, 9954), 9957, 9959),
)
ADDRESS_SCHEMES = frozenset(f"{register:04d}" for register in REGISTERS)
GERMAN_ONLY_TYPES = {"326", "384"}


def check(root: Any) -> list[Problem]:
    """Return what the newer rules find."""
    return [problem for rule in RULES for problem in rule(root)]


def country_of(party: Any) -> str:
    """Return a party's country, of its VAT number first, as Peppol reads it."""
    if party is None:
        return ""
    for scheme in tree.find_all(party, "cac:PartyTaxScheme"):
        number = tree.text_at(scheme, "cbc:CompanyID")
        if tree.text_at(scheme, VAT_SCHEME) == "VAT" and number:
            return number[:2].upper()
    return tree.text_at(party, COUNTRY).upper()


def _identifiers(root: Any) -> Found:
    for name in ("cbc:EndpointID", "cac:PartyIdentification/cbc:ID", "cbc:CompanyID"):
        for element in tree.find_all(root, f".//{name}"):
            rule, pattern, text = IDENTIFIERS.get(element.get("schemeID", ""), ("", "", ""))
            if rule and not re.fullmatch(pattern, tree.text_of(element), re.ASCII):
                yield _problem(rule, element, text)


def _dutch_vat_numbers(root: Any) -> Found:
    for scheme in tree.find_all(root, ".//cac:PartyTaxScheme"):
        number = tree.find(scheme, "cbc:CompanyID")
        if number is None or tree.text_at(scheme, VAT_SCHEME) != "VAT":
            continue
        text = tree.text_of(number)
        if text.startswith("NL") and not DUTCH_VAT.fullmatch(text):
            words = IDENTIFIERS["9944"][2]
            yield _problem("PEPPOL-COMMON-R056-2", number, words)


def _address_schemes(root: Any) -> Found:
    for element in tree.find_all(root, ".//cbc:EndpointID"):
        scheme = element.get("schemeID")
        if scheme is not None and scheme not in ADDRESS_SCHEMES:
            text = f"{scheme} is no scheme of electronic addresses in Peppol."
            yield _problem("PEPPOL-EN16931-CL008", element, text)


def _notes(root: Any) -> Found:
    notes = tree.find_all(root, "cbc:Note")
    if len(notes) > 1 and not _is_within(root, "DE"):
        text = "One note on the document is allowed, except between German organisations."
        yield _problem("PEPPOL-EN16931-R002", notes[1], text)


def _customization(root: Any) -> Found:
    element = tree.find(root, "cbc:CustomizationID")
    if element is not None and "::" in tree.text_of(element):
        text = "The specification identifier does not have the form Peppol gives it."
        yield _problem("PEPPOL-EN16931-R004", element, text)


def _tax_currency(root: Any) -> Found:
    currency = tree.text_at(root, "cbc:DocumentCurrencyCode")
    for amount in tree.find_all(root, "cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount"):
        if amount.get("currencyID") != currency:
            text = f"The tax of a category is in the document's currency, {currency}."
            yield _problem("PEPPOL-EN16931-R051", amount, text)


def _type_codes(root: Any) -> Found:
    element = tree.find(root, "cbc:InvoiceTypeCode")
    is_german_type = element is not None and tree.text_of(element) in GERMAN_ONLY_TYPES
    if is_german_type and not _is_within(root, "DE"):
        text = "Types 326 and 384 are allowed between German organisations only."
        yield _problem("PEPPOL-EN16931-P0112", element, text)


def _seller_number(root: Any) -> Found:
    party = tree.find(root, SELLER)
    if party is None or tree.text_at(party, COUNTRY) != "SE":
        return
    element = tree.find(party, "cac:PartyLegalEntity/cbc:CompanyID")
    if element is not None and not numbers.has_check_digit(tree.text_of(element)):
        text = "The last digit of the seller's organisation number is not its check digit."
        yield _problem("SE-R-013", element, text)


def _is_within(root: Any, country: str) -> bool:
    return all(country_of(tree.find(root, party)) == country for party in (SELLER, BUYER))


def _problem(rule: str, element: etree._Element, text: str) -> Problem:
    return Problem(Stage.PEPPOL, rule, tree.path_of(element), text)


RULES: tuple[Callable[[Any], Found], ...] = (
    _identifiers,
    _dutch_vat_numbers,
    _address_schemes,
    _notes,
    _customization,
    _tax_currency,
    _type_codes,
    _seller_number,
)
