"""Whatever a file holds: an answer, never an exception."""

import itertools
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from billing.einvoice import ubl
from billing.einvoice.checking import (
    Outcome,
    Stage,
    amounts,
    check,
    identifiers,
    newer_rules,
    tree,
)
from tests.unit.billing.einvoice import papers
from tests.unit.billing.einvoice.papers import drop, put

HOSTILE = (
    *("", " ", "-100", "-1", "0", "1e400", "NaN", "INF", "9" * 60, "0." + "1" * 30, "١٢", "½"),
    *("true", "DK", "SE", "SE:BANKGIRO", "NL", "ÅÄÖ", "\u202e", "2026-02-30", "<b/>"),
)
CONTENT = ubl.write(papers.credit_note())
LEAVES = len([found for found in etree.fromstring(CONTENT).iter() if not len(found)])


def own_rules(root: Any) -> set[str]:
    return {found.rule for found in (*amounts.check(root), *newer_rules.check(root))}


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_in_any_place_is_answered(text: str) -> None:
    for place in range(LEAVES):
        root = tree.parse(CONTENT)
        leaf = next(itertools.islice((x for x in root.iter() if not len(x)), place, None))
        leaf.text = text

        own_rules(root)


def test_any_element_may_be_missing() -> None:
    count = len(list(etree.fromstring(CONTENT).iter()))
    for place in range(1, count):
        root = tree.parse(CONTENT)
        found = next(itertools.islice(root.iter(), place, None))
        found.getparent().remove(found)

        own_rules(root)


def test_a_rate_below_zero_is_no_rate() -> None:
    verdict = papers.checked(papers.document(), put("//cac:TaxSubtotal//cbc:Percent", "-100"))

    assert "tax-rate" in {found.rule for found in verdict.problems}


def test_a_comment_does_not_part_a_figure() -> None:
    content = ubl.write(papers.document()).replace(b">170.57<", b">170<!-- -->.57<?x?><")

    assert check(content).problems == ()


def test_a_text_no_rule_can_read_leaves_its_stage_failed_or_not_run() -> None:
    verdict = papers.checked(papers.document(), put("//cbc:PayableAmount", "tre"))

    assert verdict.stages[Stage.XSD] is verdict.stages[Stage.AMOUNTS] is Outcome.FAILED
    assert Outcome.OK not in {verdict.stages[Stage.EN16931], verdict.stages[Stage.XSD]}


def test_entities_are_not_opened() -> None:
    bomb = b'<!DOCTYPE Invoice [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    root = b"<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'>&b;</Invoice>"

    (problem,) = check(bomb + root).problems

    assert "document type definition" in problem.text


def test_a_document_of_three_hundred_lines_is_answered() -> None:
    lines = tuple(papers.line("1.23", "0.41") for _ in range(300))

    verdict = papers.checked(papers.document(*lines))

    assert verdict.problems == ()


def test_what_a_seller_is_known_by_when_it_has_no_number() -> None:
    changes = (
        drop("//cac:AccountingSupplierParty//cac:PartyLegalEntity/cbc:CompanyID"),
        drop("//cac:AccountingSupplierParty//cac:PartyTaxScheme"),
    )
    root = tree.parse(papers.changed(ubl.write(papers.document(rounding=Decimal(0))), *changes))

    assert identifiers.seller_and_number(root) == ("Nordladdning AB", "2026-000123")
