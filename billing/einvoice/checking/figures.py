"""Reading figures: lines, amounts, charges."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from billing.einvoice.checking import tree
from billing.einvoice.checking.problems import Problem, Stage

Found = Iterator[Problem]
ZERO = Decimal(0)
LINES = ("cac:InvoiceLine", "cac:CreditNoteLine")
TRUE = {"true", "1"}


def lines_of(root: Any) -> list[Any]:
    """Return the lines of an invoice or a credit note."""
    return [line for name in LINES for line in tree.find_all(root, name)]


def amount(parent: Any, name: str) -> Decimal:
    """Return an amount under an element, 0 where there is none."""
    found = None if parent is None else tree.find(parent, name)
    return tree.number_of(found) or ZERO


def charge_of(charge: Any) -> Decimal:
    """Return what a charge adds, or an allowance takes away."""
    is_charge = tree.text_at(charge, "cbc:ChargeIndicator") in TRUE
    found = amount(charge, "cbc:Amount")
    return found if is_charge else -found


def charges(parent: Any) -> Decimal:
    """Return charges less allowances that stand right under an element."""
    return sum((charge_of(found) for found in tree.find_all(parent, "cac:AllowanceCharge")), ZERO)


def tax_total(root: Any) -> Any:
    """Return the tax with its parts, not the one in the seller's own currency."""
    for total in tree.find_all(root, "cac:TaxTotal"):
        if tree.find(total, "cac:TaxSubtotal") is not None:
            return total
    return tree.find(root, "cac:TaxTotal")


def from_minor(minor: int) -> Decimal:
    """Return an amount from hundredths."""
    return Decimal(minor).scaleb(-2)


def differs(parent: Any, name: str, rule: str, expected: Decimal, words: str) -> Found:
    """Tell where an element is there and is not what it should be."""
    element = tree.find(parent, name)
    if element is not None and tree.number_of(element) != expected:
        yield problem(rule, element, f"{words} {expected}, not {tree.text_of(element)}.")


def problem(rule: str, element: Any, text: str) -> Problem:
    """Return a problem of the stage amounts."""
    return Problem(Stage.AMOUNTS, rule, tree.path_of(element), text)
