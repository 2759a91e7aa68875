"""What each rule of a price is called, for whoever explains a line to the driver who pays it.

English here, marked for translation; whoever shows it to a person calls gettext.
"""

from typing import Final

from billing.tariffs.bill import Rule


def gettext_noop(text: str) -> str:
    """Mark a text for translation and return it unchanged."""
    return text


RULES: Final[dict[Rule, str]] = {
    Rule.ELEMENT: gettext_noop("List price"),
    Rule.POWER_CLASS: gettext_noop("Price for the power of this connector"),
    Rule.SPOT: gettext_noop("Spot price of the quarter of an hour, with markup and grid fee"),
    Rule.IDLE_FEE: gettext_noop("Fee for standing on after charging"),
    Rule.OVERRIDE: gettext_noop("Your own price per kWh"),
    Rule.DISCOUNT_PER_KWH: gettext_noop("Discount per kWh"),
    Rule.DISCOUNT_PERCENT: gettext_noop("Discount in percent"),
    Rule.INCLUDED: gettext_noop("Included energy"),
    Rule.WAIVED: gettext_noop("Waived"),
    Rule.FREE_IDLE: gettext_noop("Free time for standing on"),
    Rule.MIN_PRICE: gettext_noop("Up to the minimum price"),
    Rule.IDLE_CAP: gettext_noop("Lowered to the most that standing on may cost"),
    Rule.SESSION_CAP: gettext_noop("Lowered to the most that a session may cost"),
    Rule.DAY_CAP: gettext_noop("Lowered to the most that a day may cost"),
}
