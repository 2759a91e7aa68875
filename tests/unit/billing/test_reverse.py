from datetime import date

import pytest

from billing.vat import buyer_numbers, reverse
from billing.vat.reverse import Buyer, Supply, Treatment

TODAY = date(2026, 11, 22)
STANDARD, REVERSE, OUTSIDE = Treatment.STANDARD, Treatment.REVERSE_CHARGE, Treatment.OUTSIDE


def _firm(country: str) -> Buyer:
    return Buyer(country=country, is_company=True, has_vat_number=True)


def _dealer(country: str, *, has_vat_number: bool = True) -> Buyer:
    return Buyer(
        country=country,
        is_company=True,
        has_vat_number=has_vat_number,
        is_taxable_dealer=True,
    )


@pytest.mark.parametrize(
    ("buyer", "supply", "treatment"),
    [
        (_dealer("SE"), Supply.ELECTRICITY, STANDARD),
        (Buyer(country="DE"), Supply.ELECTRICITY, STANDARD),
        # A firm that charges its own vehicles uses the electricity where the charger stands.
        (_firm("DE"), Supply.ELECTRICITY, STANDARD),
        (_dealer("DE"), Supply.ELECTRICITY, REVERSE),
        (_dealer("DE", has_vat_number=False), Supply.ELECTRICITY, STANDARD),
        (_dealer("NO", has_vat_number=False), Supply.ELECTRICITY, OUTSIDE),
        (_firm("NO"), Supply.ELECTRICITY, STANDARD),
        (_firm("DE"), Supply.SERVICE, REVERSE),
        (Buyer(country="DE"), Supply.SERVICE, STANDARD),
        (_firm("SE"), Supply.SERVICE, STANDARD),
    ],
)
def test_who_accounts_for_vat(buyer: Buyer, supply: Supply, treatment: Treatment) -> None:
    assert reverse.decide("SE", buyer, supply, TODAY).treatment is treatment


def test_the_decision_names_its_rule_and_article_and_a_rule_has_a_first_day() -> None:
    decision = reverse.decide("SE", _dealer("DE"), Supply.ELECTRICITY, TODAY)
    before = reverse.decide("SE", _dealer("DE"), Supply.ELECTRICITY, date(2004, 12, 31))

    assert (decision.rule, decision.article) == ("electricity_to_dealer", "38")
    assert decision.is_untaxed
    assert before.treatment is STANDARD


@pytest.mark.parametrize(
    ("text", "country", "compact"),
    [
        ("se 556036-0793 01", "SE", "SE556036079301"),
        ("556036079301", "SE", "SE556036079301"),
        ("SE556036079401", "SE", ""),
        ("DE136695976", "DE", "DE136695976"),
        ("DE136695977", "DE", ""),
        ("DE136695976", "SE", ""),
        ("094259216", "GR", "EL094259216"),
        ("NO 995 525 828 MVA", "NO", "NO995525828MVA"),
        ("X", "US", ""),
        ("", "SE", ""),
    ],
)
def test_a_vat_number_is_checked_by_its_countrys_form(
    text: str, country: str, compact: str
) -> None:
    assert buyer_numbers.compact_vat_number(text, country) == compact


def test_organisations_and_addresses_in_the_network_are_checked_by_form() -> None:
    assert buyer_numbers.is_org_number("556036-0793", "SE")
    assert not buyer_numbers.is_org_number("556036-0794", "SE")
    assert buyer_numbers.is_peppol_id("0007", "5560360793")
    assert not buyer_numbers.is_peppol_id("0007", "5560360794")
    assert not buyer_numbers.is_peppol_id("0007", "55603607")
    assert buyer_numbers.is_peppol_id("0088", "7365563002417")
    assert not buyer_numbers.is_peppol_id("88", "7365563002417")
    assert not buyer_numbers.is_peppol_id("9999", "")
