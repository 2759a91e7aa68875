"""Stage amounts: lines, sums and currencies exact to the öre; the official rules allow more."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from lxml import etree

from billing.einvoice.checking import figures, identifiers, taxes, tree
from billing.einvoice.checking.figures import ZERO, Found
from billing.einvoice.checking.problems import Problem
from billing.einvoice.tree import CBC
from billing.vat import parts

TOTALS = "cac:LegalMonetaryTotal"
MOST_ROUNDING = Decimal("0.50")
# The last note of several closes its invoice: the öre that their own taxes were rounded by too.
MOST_ROUNDING_OF_CREDIT = Decimal("0.99")


def check(root: Any) -> list[Problem]:
    """Return the figures and numbers that do not come out."""
    return [problem for rule in RULES for problem in rule(root)]


def _numbers(root: Any) -> Found:
    for element in root.iter(f"{{{CBC}}}*"):
        is_figure = element.get("currencyID") is not None or element.get("unitCode") is not None
        if is_figure and tree.number_of(element) is None:
            text = f"{tree.text_of(element)[:40]!r} is no plain decimal."
            yield figures.problem("number", element, text)


def _currencies(root: Any) -> Found:
    own = tree.text_at(root, "cbc:DocumentCurrencyCode")
    # The tax in the seller's own currency (BT-111) stands alone, without parts.
    foreign = [
        tree.find(total, "cbc:TaxAmount")
        for total in tree.find_all(root, "cac:TaxTotal")
        if tree.find(total, "cac:TaxSubtotal") is None
    ]
    for element in root.iter(f"{{{CBC}}}*"):
        currency = element.get("currencyID")
        if currency is not None and currency != own and element not in foreign:
            text = f"The amount is in {currency}, the document in {own}."
            yield figures.problem("currency", element, text)


def _lines(root: Any) -> Found:
    for line in figures.lines_of(root):
        expected = _expected_amount(line)
        if expected is not None:
            yield from figures.differs(
                line, "cbc:LineExtensionAmount", "line-amount", expected, "Quantity times price is"
            )


def _expected_amount(line: Any) -> Decimal | None:
    quantity = tree.find(line, "cbc:InvoicedQuantity")
    if quantity is None:
        quantity = tree.find(line, "cbc:CreditedQuantity")
    volume = tree.number_of(quantity)
    price = tree.number_of(tree.find(line, "cac:Price/cbc:PriceAmount"))
    base = tree.number_of(tree.find(line, "cac:Price/cbc:BaseQuantity")) or Decimal(1)
    if price is None or volume is None:
        return None
    minor = parts.half_up(Fraction(volume) * Fraction(price) / Fraction(base) * 100)
    return figures.from_minor(minor) + figures.charges(line)


def _sums(root: Any) -> Found:
    totals = tree.find(root, TOTALS)
    if totals is None:
        return
    lines = sum(
        (figures.amount(line, "cbc:LineExtensionAmount") for line in figures.lines_of(root)), ZERO
    )
    excl = figures.amount(totals, "cbc:TaxExclusiveAmount")
    incl = figures.amount(totals, "cbc:TaxInclusiveAmount")
    tax = figures.amount(figures.tax_total(root), "cbc:TaxAmount")
    prepaid = figures.amount(totals, "cbc:PrepaidAmount")
    rounding = figures.amount(totals, "cbc:PayableRoundingAmount")
    for name, rule, expected, words in (
        ("LineExtensionAmount", "line-total", lines, "The lines sum to"),
        ("TaxExclusiveAmount", "total-excl", lines + figures.charges(root), "Without tax it is"),
        ("TaxInclusiveAmount", "total-incl", excl + tax, "With tax it is"),
        ("PayableAmount", "payable", incl - prepaid + rounding, "To pay is"),
    ):
        yield from figures.differs(totals, f"cbc:{name}", rule, expected, words)


def _rounding(root: Any) -> Found:
    element = tree.find(root, f"{TOTALS}/cbc:PayableRoundingAmount")
    rounding = tree.number_of(element)
    is_swedish = tree.text_at(root, "cbc:DocumentCurrencyCode") == "SEK"
    is_credit = tree.ROOTS[etree.QName(root).namespace] == "CreditNote"
    most = MOST_ROUNDING_OF_CREDIT if is_credit else MOST_ROUNDING
    if rounding is not None and is_swedish and abs(rounding) > most:
        text = f"Rounding to a whole krona moves at most {most}, not {rounding}."
        yield figures.problem("rounding", element, text)


RULES: tuple[Callable[[Any], Found], ...] = (
    _numbers,
    _currencies,
    _lines,
    _sums,
    _rounding,
    taxes.check,
    identifiers.check,
)
