"""Rules about values that can be read and are still wrong, or seldom meant."""

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from billing.tariffs.lint.currencies import CURRENCIES
from billing.tariffs.lint.finding import Finding, error, warning
from billing.tariffs.lint.told import Told
from billing.tariffs.model import Component, Dimension, Tariff, TaxIncluded
from billing.tariffs.writing import decimal_text

LENGTHS: Final = {"country_code": (2, 2), "party_id": (3, 3), "id": (1, 36)}
SWEDISH_RATES: Final = (25, 12, 6, 0)
NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)?")
# A whole number is a price only beside words like these: "open 24 hours" repeats no price.
BESIDE_PRICE: Final = re.compile(
    r"\s*(?:kr|sek|eur|euro|€|nok|dkk|usd|\$|£|gbp|öre|cent|/|per\b|pr\b|p/)", re.IGNORECASE
)
BEFORE_PRICE: Final = re.compile(r"(?:kr|sek|eur|euro|€|nok|dkk|usd|\$|£|gbp)\s*$", re.IGNORECASE)


def components(tariff: Tariff) -> Iterator[tuple[str, Component]]:
    """Yield every component of a tariff and its path."""
    for number, element in enumerate(tariff.elements):
        for index, component in enumerate(element.components):
            yield f"$.elements[{number}].price_components[{index}]", component


def currency_is_in_use(told: Told) -> Iterator[Finding]:
    """Find a currency that nobody can pay with."""
    if told.tariff.currency not in CURRENCIES:
        yield error("unknown_currency", "$.currency", currency=told.tariff.currency)


def texts_have_their_length(told: Told) -> Iterator[Finding]:
    """Find ids and codes that do not fit where a counterpart keeps them."""
    for key, (least, most) in LENGTHS.items():
        text = told.document.get(key)
        if isinstance(text, str) and not least <= len(text) <= most:
            yield warning("length", f"$.{key}", key=key, least=least, most=most)


def tariff_ends_after_it_begins(told: Told) -> Iterator[Finding]:
    """Find a tariff that never holds."""
    if (
        told.tariff.starts_at
        and told.tariff.ends_at
        and told.tariff.ends_at <= told.tariff.starts_at
    ):
        yield error("validity", "$.end_date_time")


def steps_are_not_zero(told: Told) -> Iterator[Finding]:
    """Find steps of nothing where something costs; a fee has no steps."""
    for path, component in components(told.tariff):
        has_steps = component.dimension is not Dimension.FLAT
        if has_steps and component.price and not component.step_size:
            yield error("step_zero", f"{path}.step_size")


def tax_is_named(told: Told) -> Iterator[Finding]:
    """Find prices that do not say their tax, unless no tax is owed at all."""
    if told.tariff.tax_included is TaxIncluded.NOT_APPLICABLE:
        return
    is_inside = told.tariff.tax_included is TaxIncluded.YES
    for path, component in components(told.tariff):
        if component.vat is None and component.price:
            yield warning("tax_unknown" if is_inside else "missing_tax", path)


def swedish_tax_is_swedish(told: Told) -> Iterator[Finding]:
    """Find rates of a Swedish operator that are not those of Swedish law."""
    if told.document.get("country_code") != "SE":
        return
    for path, component in components(told.tariff):
        if component.vat is not None and component.vat not in SWEDISH_RATES:
            yield warning("unusual_tax", f"{path}.vat", vat=decimal_text(component.vat))


def types_are_priced_once(told: Told) -> Iterator[Finding]:
    """Find a type that one element prices twice; the second is never seen."""
    for number, element in enumerate(told.tariff.elements):
        seen: set[Dimension] = set()
        for index, component in enumerate(element.components):
            if component.dimension in seen:
                path = f"$.elements[{number}].price_components[{index}]"
                yield warning("type_twice", path, dimension=component.dimension.value)
            seen.add(component.dimension)


def text_repeats_no_price(told: Told) -> Iterator[Finding]:
    """Find a text that says what the elements say."""
    prices = _shown_prices(told.tariff)
    for number, item in enumerate(told.document.get("tariff_alt_text") or ()):
        found = next(_prices_in(str(item.get("text", "")), prices), None)
        if found is not None:
            path = f"$.tariff_alt_text[{number}].text"
            yield warning("alt_text_price", path, price=found)


def _shown_prices(tariff: Tariff) -> set[Fraction]:
    """Return the prices as people write them: per hour and minute, without and with tax."""
    found: set[Fraction] = set()
    for _, component in components(tariff):
        plain = component.price
        with_tax = plain * (1 + (component.vat or Fraction(0)) / 100)
        for price in (plain, with_tax):
            found |= {price, _rounded(price)}
            if component.dimension in {Dimension.TIME, Dimension.PARKING_TIME}:
                found |= {price / 60, _rounded(price / 60)}
    return found - {Fraction(0)}


def _rounded(price: Fraction) -> Fraction:
    return Fraction(int(price * 100 + Fraction(1, 2)), 100)


def _prices_in(text: str, prices: set[Fraction]) -> Iterator[str]:
    for match in NUMBER.finditer(text):
        word = match.group()
        beside = BESIDE_PRICE.match(text, match.end()) or BEFORE_PRICE.search(
            text[: match.start()]
        )
        said = Fraction(word.replace(",", "."))
        if said in prices and (beside or not word.isdigit()):
            yield word
