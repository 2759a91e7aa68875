"""How figures are written for people, in the language that is active."""

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from chargenet.core import money as core_money

NARROW_SPACE = "\u202f"  # between groups of thousands (Svenska skrivregler, SIS 01 41 01)
NO_BREAK_SPACE = "\u00a0"  # between a figure and its unit
MINUS = "\u2212"
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400
WH_PER_KWH, WH_PER_MWH = 1000, 1_000_000


def is_swedish() -> bool:
    """Say whether the active language is Swedish."""
    return (get_language() or "").startswith("sv")


def number(value: Decimal | int, *, digits: int = 0) -> str:
    """Write a number with grouped thousands and a fixed count of decimals, rounded half up."""
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    text = f"{abs(rounded):,.{digits}f}"
    if is_swedish():
        text = text.replace(",", NARROW_SPACE).replace(".", ",")
    return f"{MINUS}{text}" if rounded < 0 else text


def money(amount: Decimal, currency: str) -> str:
    """Write an amount with its currency: 1 234,50 kr in Swedish, SEK 1,234.50 in English."""
    return money_with(number(amount, digits=core_money.minor_digits(currency)), currency)


def whole_money(amount: Decimal, currency: str) -> str:
    """Write an amount in whole units, for figures that are read across a room."""
    return money_with(number(amount), currency)


def money_with(text: str, currency: str) -> str:
    """Put the currency at the written amount, on the side the language wants it."""
    if is_swedish():
        return f"{text}{NO_BREAK_SPACE}{'kr' if currency == 'SEK' else currency}"
    sign = MINUS if text.startswith(MINUS) else ""
    return f"{sign}{currency}{NO_BREAK_SPACE}{text.removeprefix(MINUS)}"


def energy(energy_wh: int) -> str:
    """Write an energy in the unit its size asks for: Wh, kWh or MWh."""
    if abs(energy_wh) < WH_PER_KWH:
        return f"{number(energy_wh)}{NO_BREAK_SPACE}Wh"
    if abs(energy_wh) < 10 * WH_PER_MWH:
        return kwh(energy_wh, digits=1)
    return f"{number(Decimal(energy_wh) / WH_PER_MWH, digits=1)}{NO_BREAK_SPACE}MWh"


def kwh(energy_wh: int, *, digits: int = 2) -> str:
    """Write an energy in kWh, as columns need it."""
    return f"{number(Decimal(energy_wh) / WH_PER_KWH, digits=digits)}{NO_BREAK_SPACE}kWh"


def power(power_w: int) -> str:
    """Write a power in kW, without decimals from 100 kW."""
    digits = 0 if abs(power_w) >= 100_000 or power_w % 1000 == 0 else 1
    return f"{number(Decimal(power_w) / 1000, digits=digits)}{NO_BREAK_SPACE}kW"


def duration(value: timedelta | float) -> str:
    """Write a length of time in its two largest units; seconds only below a minute."""
    total_s = int(value.total_seconds() if isinstance(value, timedelta) else value)
    sign, total_s = (MINUS, -total_s) if total_s < 0 else ("", total_s)
    days, rest_s = divmod(total_s, DAY_S)
    hours, rest_s = divmod(rest_s, HOUR_S)
    minutes, seconds = divmod(rest_s, MINUTE_S)
    if days:
        parts = [(days, pgettext("unit", "d")), (hours, pgettext("unit", "h"))]
    elif hours:
        parts = [(hours, pgettext("unit", "h")), (minutes, pgettext("unit", "min"))]
    elif minutes:
        parts = [(minutes, pgettext("unit", "min"))]
    else:
        parts = [(seconds, pgettext("unit", "s"))]
    shown = [part for index, part in enumerate(parts) if index == 0 or part[0]]
    return sign + NO_BREAK_SPACE.join(
        f"{number(count)}{NO_BREAK_SPACE}{unit}" for count, unit in shown
    )


def age(at: datetime, as_of: datetime) -> str:
    """Write how long ago an instant was: "12 s ago"; the coarsest unit that says something."""
    seconds = int((as_of - at).total_seconds())
    if seconds < 1:
        return _("just now")
    if seconds >= DAY_S:
        days = seconds // DAY_S
        text = ngettext("%(count)s day", "%(count)s days", days) % {"count": number(days)}
        return _("%(time)s ago") % {"time": text.replace(" ", NO_BREAK_SPACE)}
    unit_s = HOUR_S if seconds >= HOUR_S else MINUTE_S if seconds >= MINUTE_S else 1
    return _("%(time)s ago") % {"time": duration(seconds - seconds % unit_s)}


def percent(share: Decimal, *, digits: int = 0) -> str:
    """Write a share of one as per cent."""
    text = number(share * 100, digits=digits)
    return f"{text}{NO_BREAK_SPACE}%" if is_swedish() else f"{text}%"


def change(now: Decimal | int, before: Decimal | int) -> str:
    """Write how a figure moved against the period before, signed; empty if it cannot be said."""
    if not before:
        return ""
    share = (Decimal(now) - Decimal(before)) / abs(Decimal(before))
    text = percent(share)
    return f"+{text}" if share > 0 else text
