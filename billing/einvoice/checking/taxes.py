"""Tax per category and rate, exact: the official rule lets a whole krona pass (BR-CO-17)."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from billing.einvoice import ubl
from billing.einvoice.checking import figures, tree
from billing.einvoice.checking.figures import ZERO, Found
from billing.vat import parts
from billing.vat.parts import Basis

Key = tuple[str, str]
WITHOUT_TAX = {"AE", "E", "G", "K", "O", "Z"}
MOST_RATE = Decimal(100)
SUBTOTAL = "cac:TaxSubtotal"


def check(root: Any) -> Found:
    """Tell what is wrong with the tax: its parts, what falls under them, their sum."""
    total = figures.tax_total(root)
    if total is None:
        return
    taxable, agreed = _taxable(root)
    subtotals = tree.find_all(total, SUBTOTAL)
    seen = set()
    for subtotal in subtotals:
        key = _key(tree.find(subtotal, "cac:TaxCategory"))
        seen.add(key)
        falls = taxable.get(key, ZERO)
        yield from figures.differs(
            subtotal, "cbc:TaxableAmount", "taxable", falls, "Under this tax falls"
        )
        yield from _tax_amount(subtotal, key, agreed.get(key))
    for code, rate in sorted(taxable.keys() - seen):
        text = f"Lines are taxed {code} {rate} %, and no part of the tax says so."
        yield figures.problem("tax-part", total, text)
    whole = sum((figures.amount(subtotal, "cbc:TaxAmount") for subtotal in subtotals), ZERO)
    yield from figures.differs(total, "cbc:TaxAmount", "tax-total", whole, "The parts sum to")


def _taxable(root: Any) -> tuple[dict[Key, Decimal], dict[Key, Decimal | None]]:
    """Return per tax what falls under it, and the agreed gross where all lines tell it."""
    taxable: dict[Key, Decimal] = {}
    agreed: dict[Key, Decimal | None] = {}
    for line in figures.lines_of(root):
        key = _key(tree.find(line, "cac:Item/cac:ClassifiedTaxCategory"))
        taxable[key] = taxable.get(key, ZERO) + figures.amount(line, "cbc:LineExtensionAmount")
        so_far, told = agreed.get(key, ZERO), _agreed_incl(line)
        agreed[key] = None if so_far is None or told is None else so_far + told
    for charge in tree.find_all(root, "cac:AllowanceCharge"):
        key = _key(tree.find(charge, "cac:TaxCategory"))
        taxable[key] = taxable.get(key, ZERO) + figures.charge_of(charge)
        agreed[key] = None
    return taxable, agreed


def _agreed_incl(line: Any) -> Decimal | None:
    for told in tree.find_all(line, "cac:Item/cac:AdditionalItemProperty"):
        if tree.text_at(told, "cbc:Name") == ubl.AGREED_INCL:
            return tree.number_of(tree.find(told, "cbc:Value"))
    return None


def _tax_amount(subtotal: Any, key: Key, agreed: Decimal | None) -> Found:
    if not ZERO <= Decimal(key[1]) <= MOST_RATE:
        yield figures.problem("tax-rate", subtotal, f"There is no tax of {key[1]} %.")
        return
    taxable = tree.number_of(tree.find(subtotal, "cbc:TaxableAmount"))
    tax = tree.number_of(tree.find(subtotal, "cbc:TaxAmount"))
    if taxable is None or tax is None:
        return
    expected = _expected_tax(taxable, tax, key, agreed)
    yield from figures.differs(subtotal, "cbc:TaxAmount", "tax-amount", expected, "The tax is")
    if agreed is not None and taxable + tax != agreed:
        text = f"The lines' prices with tax sum to {agreed}, net and tax to {taxable + tax}."
        yield figures.problem("agreed", subtotal, text)


def _expected_tax(taxable: Decimal, tax: Decimal, key: Key, agreed: Decimal | None) -> Decimal:
    code, rate = key[0], Decimal(key[1])
    if code in WITHOUT_TAX:
        return ZERO
    if agreed is not None:
        return _rounded_tax(agreed, rate, Basis.GROSS)
    # Where nobody tells which side was agreed, either is right: tax on a net, or tax in a gross.
    # At 25 % they differ by one öre for one total in five.
    if tax == _rounded_tax(taxable + tax, rate, Basis.GROSS):
        return tax
    return _rounded_tax(taxable, rate, Basis.NET)


def _rounded_tax(amount: Decimal, rate: Decimal, basis: Basis) -> Decimal:
    exact = parts.tax_of(Fraction(amount) * 100, Fraction(rate), basis)
    return figures.from_minor(parts.half_up(exact))


def _key(category: Any) -> Key:
    if category is None:
        return "", "0"
    rate = tree.number_of(tree.find(category, "cbc:Percent")) or ZERO
    return tree.text_at(category, "cbc:ID"), ubl.decimal_text(rate)
