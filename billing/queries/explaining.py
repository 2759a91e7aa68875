"""Why a price is what it is: the rule that chose the tariff, and the rules of each line."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

CHOSEN: Final[Mapping[str, Promise]] = {
    "contract": gettext_lazy("It stands in the contract of whoever charged."),
    "group": gettext_lazy("It holds for the group of whoever charged."),
    "partner": gettext_lazy("It holds for the roaming partner who pays."),
    "connector": gettext_lazy("It holds at this connector."),
    "station": gettext_lazy("It holds at this station."),
    "location": gettext_lazy("It holds at this site."),
    "operator": gettext_lazy("It holds wherever nothing else does."),
}
RULES: Final[Mapping[str, Promise]] = {
    "power_class": gettext_lazy("Price of the connector's power"),
    "spot": gettext_lazy("Spot price"),
    "idle_fee": gettext_lazy("Fee for standing on after charging"),
    "override": gettext_lazy("Own price"),
    "discount_per_kwh": gettext_lazy("Discount per kWh"),
    "discount_percent": gettext_lazy("Discount in percent"),
    "included": gettext_lazy("Energy that is included"),
    "waived": gettext_lazy("Waived"),
    "free_idle": gettext_lazy("Free time after charging"),
    "min_price": gettext_lazy("Up to the minimum price"),
    "idle_cap": gettext_lazy("Lowered to the most the fee may come to"),
    "session_cap": gettext_lazy("Lowered to the most a session costs"),
    "day_cap": gettext_lazy("Lowered to the most a day costs"),
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
        return str(RULES["min_price"])
    values = {"price": line["component"] + 1, "element": line["element"] + 1}
    return _("Price %(price)s of element %(element)s of the tariff") % values


def _as_listed(line: Mapping[str, Any], _rule: Mapping[str, str]) -> str:
    return _of_element(line)


def _of_ours(_line: Mapping[str, Any], rule: Mapping[str, str]) -> str:
    word = str(RULES.get(rule["rule"], rule["rule"]))
    said = rule["where"] if rule["rule"] in GRANTED else rule.get("detail", "")
    return f"{word}: {said}" if said else word


_RULE: Final[Mapping[str, Callable[[Mapping[str, Any], Mapping[str, str]], str]]] = {
    "element": _as_listed
}
