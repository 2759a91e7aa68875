import os
from decimal import Decimal
from pathlib import Path

import pytest

from billing.einvoice import ubl
from billing.einvoice.checking import Outcome, check
from billing.einvoice.document import EXEMPT, OUTSIDE_SCOPE, Supply, Unit
from tests.unit.billing.einvoice import papers

SHARED = Path(os.environ.get("CHARGENET_SHARED", Path(__file__).resolve().parents[5] / "shared"))
EXAMPLE = SHARED / "vectors" / "invoice-se" / "se-minimal-peppol.xml"
HOW_MANY = 1000 if os.environ.get("CHARGENET_LONG") == "1" else 30


OUTSIDE = papers.document(
    papers.line("10.00", tax=OUTSIDE_SCOPE, supply=Supply.FEE),
    seller=papers.seller(vat_number=""),
)
KINDS = {
    "invoice": papers.document(),
    "whole kronor": papers.document(rounding=Decimal("-0.21")),
    "foreign currency": papers.document(currency="EUR", accounting_tax=("SEK", Decimal("702.45"))),
    "order and prepaid": papers.document(
        buyer_reference="", order_reference="4711", prepaid=Decimal("100.00")
    ),
    "outside the tax": OUTSIDE,
    "exempt": papers.document(papers.line("60.00", tax=EXEMPT, unit=Unit.PIECE)),
    "credit note": papers.credit_note(),
    "reverse charge": papers.reverse_charge(),
    "gross, one öre from net": papers.gross_document(31_222),
    "gross, many lines": papers.gross_document(9_999, 12_345, 1),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_of_each_kind_passes_every_stage(kind: str) -> None:
    verdict = papers.checked(KINDS[kind])

    assert verdict.problems == ()
    assert set(verdict.stages.values()) == {Outcome.OK}


@pytest.mark.parametrize("seed", range(HOW_MANY))
def test_a_document_made_by_chance_passes_every_stage(seed: int) -> None:
    verdict = papers.checked(papers.by_chance(seed))

    assert verdict.problems == ()
    assert verdict.is_valid


def test_the_published_swedish_example_is_valid() -> None:
    if not EXAMPLE.exists():
        pytest.skip(f"The published example is not here: set CHARGENET_SHARED ({EXAMPLE}).")

    assert check(EXAMPLE.read_bytes()).problems == ()


def test_the_same_document_gives_the_same_bytes() -> None:
    assert ubl.write(papers.document()) == ubl.write(papers.document())


def test_what_xml_cannot_carry_becomes_a_space() -> None:
    made = papers.document(papers.line("10.00", name="Ladd\x00ning\n\ud800 1"))

    assert b"<cbc:Name>Ladd ning 1</cbc:Name>" in ubl.write(made)


def test_no_element_is_empty() -> None:
    assert b"/>" not in ubl.write(papers.document(terms="", note=" \x01 "))
