"""Why a price is what it is: the rule that chose the tariff, and the rules of each line."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.tariffs.bill import Rule
from billing.tariffs.native import words
from chargenet.core import formats

SPOT_PARTS, MOST_DECIMALS = 3, 4
CHOSEN: Final[Mapping[str, Promise]] = {
    "contract": gettext_lazy("It stands in the contract of whoever charged."),
    "group": gettext_lazy("It holds for the group of whoever charged."),
    "partner": gettext_lazy("It holds for the roaming partner who pays."),
    "connector": gettext_lazy("It holds at this connector."),
    "station": gettext_lazy("It holds at this station."),
    "location": gettext_lazy("It holds at this site."),
    "operator": gettext_lazy("It holds wherever nothing else does."),
}
# Rules whose place is no path in the tariff but who granted something.
GRANTED: Final = frozenset(
    {"override", "discount_per_kwh", "discount_percent", "included", "waived", "free_idle"}
)


def why_chosen(chosen: Mapping[str, Any]) -> str:
    """Return in words why a Cdr has its tariff; nothing where it was not written down."""
    return str(CHOSEN.get(str(chosen.get("rule", "")), ""))


def rules_of(line: Mapping[str, Any]) -> list[str]:
    """Return in words the rules that made one priced line, in the order they worked."""
    rules = line.get("rules") or ()
    if not rules:
        return [_of_element(line)]
    return [_RULE.get(rule["rule"], _of_ours)(line, rule) for rule in rules]


def _of_element(line: Mapping[str, Any]) -> str:
    if line.get("element") is None:
        return _(words.RULES[Rule.MIN_PRICE])
    values = {"price": line["component"] + 1, "element": line["element"] + 1}
    return _("Price %(price)s of element %(element)s of the tariff") % values


def _as_listed(line: Mapping[str, Any], _rule: Mapping[str, str]) -> str:
    return _of_element(line)


def _of_ours(_line: Mapping[str, Any], rule: Mapping[str, str]) -> str:
    word = _word(rule["rule"])
    said = rule["where"] if rule["rule"] in GRANTED else rule.get("detail", "")
    return f"{word}: {said}" if said else word


def _of_exchange(_line: Mapping[str, Any], rule: Mapping[str, str]) -> str:
    """Return what a quarter's price is made of; which quarter it is the line's own time says."""
    word = _word(rule["rule"])
    sums, _sign, least = rule.get("detail", "").rpartition(": ")[2].partition(" < ")
    parts = sums.split(" + ")
    if len(parts) != SPOT_PARTS:
        return word
    spot, markup, grid = (_number(each) for each in parts)
    told = _("exchange %(spot)s + markup %(markup)s + grid fee %(grid)s, per kWh") % {
        "spot": spot,
        "markup": markup,
        "grid": grid,
    }
    if least:
        told += _("; raised to the least, %(least)s") % {"least": _number(least)}
    return f"{word}: {told}"


def _number(text: str) -> str:
    exponent = round(Decimal(text), MOST_DECIMALS).normalize().as_tuple().exponent
    assert isinstance(exponent, int), "a price is a finite number"
    return formats.number(Decimal(text), digits=max(-exponent, 0))


def _word(rule: str) -> str:
    try:
        return _(words.RULES[Rule(rule)])
    except ValueError:
        return rule


_RULE: Final[Mapping[str, Callable[[Mapping[str, Any], Mapping[str, str]], str]]] = {
    Rule.ELEMENT.value: _as_listed,
    Rule.SPOT.value: _of_exchange,
}
