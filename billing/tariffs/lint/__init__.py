"""The linter: what is wrong in a tariff, and what is seldom meant, each by a rule with a name.

A new rule is one function, one line in RULES, its words in `words.py` and a test.
"""

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any, Final

from billing.tariffs import ocpi, reading
from billing.tariffs.lint import adhoc, boxes, coverage, never, shape, values
from billing.tariffs.lint.finding import Finding, Level, error, warning
from billing.tariffs.lint.told import Told

__all__ = ["RULES", "Finding", "Level", "lint_tariff"]

Rule = Callable[[Told], Iterator[Finding]]

RULES: Final[tuple[Rule, ...]] = (
    values.currency_is_in_use,
    values.texts_have_their_length,
    values.tariff_ends_after_it_begins,
    values.steps_are_not_zero,
    values.tax_is_named,
    values.swedish_tax_is_swedish,
    values.types_are_priced_once,
    values.text_repeats_no_price,
    never.dates_leave_a_day,
    never.dates_lie_in_the_tariffs_time,
    never.weekdays_lie_between_the_dates,
    never.weekdays_are_named,
    never.ranges_hold_something,
    never.clocks_differ,
    never.grace_is_not_said_by_duration,
    coverage.elements_are_reached,
    coverage.order_decides_nothing,
    coverage.nothing_is_left_unpriced,
)
# One finding that the reader of tariffs makes on its own, and the words the linter has for it.
MIN_ABOVE_MAX: Final = "min_price is above max_price"


def lint_tariff(document: object, *, power_w: Fraction | int | None = None) -> list[Finding]:
    """Return what is wrong or odd in an OCPI tariff, errors first, each in the document's order.

    Power in W is that of the charging point, None where nobody knows it. A tariff that cannot be
    read has an error; its other rules are looked at when it can be. Source: OCPI 2.2.1 ch. 11.
    """
    found = list(shape.lint_shape(document))
    if not any(each.level is Level.ERROR for each in found) and isinstance(document, Mapping):
        found += _lint_content(document, power_w)
    return sorted(found, key=lambda each: each.level is Level.WARNING)


def _lint_content(document: Mapping[str, Any], power_w: Fraction | int | None) -> list[Finding]:
    try:
        tariff = ocpi.parse_tariff(document)
    except reading.Refused as refusal:
        if refusal.what == MIN_ABOVE_MAX:
            return [error("min_above_max", refusal.where)]
        if refusal.where == "$.currency":
            return [error("unknown_currency", refusal.where, currency=document["currency"])]
        return [error("value.refused", refusal.where, what=refusal.what)]
    # A null is an absence: the rules read the document as the reader does.
    told = Told(_without_nulls(document), tariff)
    found: list[Finding] = []
    for rule in RULES:
        try:
            found += rule(told)
        except boxes.TooMany:
            found.append(warning("too_many", "$.elements"))
    return [*found, *adhoc.lint_ad_hoc(told, power_w)]


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_without_nulls(each) for each in value]
    return value
