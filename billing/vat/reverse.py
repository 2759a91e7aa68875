"""Where the supply of a charge is taxed, and who accounts for its VAT: dated rules, not constants.

Sources: directive 2006/112/EC, articles 38 and 39 (electricity: to a dealer where the dealer is,
else where it is used), 44 and 196 (services to a business), 195 (who pays for 38 and 39); court
of justice of the EU C-282/22 (charging is a supply of goods) and C-60/23 (network access for a fee
is a service of its own, a partner buys to sell on). Swedish law: mervärdesskattelagen 2023:200.
"""

from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Final

# Member states as ISO 3166 writes them.
MEMBERS: Final = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"}
    | {"IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"}
)


class Supply(Enum):
    """What is sold, as VAT law sees it."""

    ELECTRICITY = "electricity"
    SERVICE = "service"


class Treatment(Enum):
    """Whose VAT it is: the seller's, the buyer's own to account for, or nobody's in the union."""

    STANDARD = "standard"
    REVERSE_CHARGE = "reverse_charge"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Who buys: country as ISO 3166 says it, and whether its VAT number holds by its form."""

    country: str
    is_company: bool = False
    has_vat_number: bool = False
    is_taxable_dealer: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """To which buyers abroad a supply is not taxed at the seller's, [since, until)."""

    name: str
    supply: Supply
    is_for_dealers_only: bool
    article: str
    since: date
    until: date | None = None

    def holds(self, buyer: Buyer, supply: Supply, day: date) -> bool:
        """Say whether the rule is about this supply to this buyer on this day."""
        is_then = self.since <= day and (self.until is None or day < self.until)
        is_who = buyer.is_taxable_dealer or not self.is_for_dealers_only
        return is_then and is_who and buyer.is_company and supply is self.supply


@dataclass(frozen=True, slots=True)
class Decision:
    """How VAT is treated, by which rule and article; a standard rate needs no rule."""

    treatment: Treatment
    rule: str = ""
    article: str = ""

    @property
    def is_untaxed(self) -> bool:
        """Return whether the seller adds no VAT."""
        return self.treatment is not Treatment.STANDARD


RULES: Final = (
    # In force since directive 2003/92/EC.
    Rule(
        "electricity_to_dealer",
        Supply.ELECTRICITY,
        is_for_dealers_only=True,
        article="38",
        since=date(2005, 1, 1),
    ),
    # In force since directive 2008/8/EC.
    Rule(
        "service_to_business",
        Supply.SERVICE,
        is_for_dealers_only=False,
        article="44",
        since=date(2010, 1, 1),
    ),
)


def decide(seller_country: str, buyer: Buyer, supply: Supply, day: date) -> Decision:
    """Return how VAT is treated when a supply is sold to a buyer on a day.

    Without a VAT number that holds, a buyer within the union pays the seller's VAT.
    """
    if buyer.country == seller_country or seller_country not in MEMBERS:
        return Decision(Treatment.STANDARD)
    for rule in RULES:
        if rule.holds(buyer, supply, day):
            if buyer.country not in MEMBERS:
                return Decision(Treatment.OUTSIDE, rule.name, rule.article)
            if buyer.has_vat_number:
                return Decision(Treatment.REVERSE_CHARGE, rule.name, rule.article)
    return Decision(Treatment.STANDARD)
