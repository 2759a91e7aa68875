"""Prices in words: every line with its quantity, its price, its VAT and the rules that made it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from billing.models import Cdr
from billing.queries import explaining, gate_words, vat_words
from billing.queries.documents import NOT_RATED_YET
from chargenet.core import formats

REASONS: dict[str, Promise] = {
    NOT_RATED_YET: gettext_lazy("Waiting for its turn"),
    "no_tariff": gettext_lazy("No tariff holds there"),
    "tariff_unreadable": gettext_lazy("The tariff cannot be read"),
    "spot_missing": gettext_lazy("The spot prices are not there yet"),
    "power_unknown": gettext_lazy("Nobody says the connector's power"),
    "tax_unknown": gettext_lazy("The tariff does not name its tax"),
    **gate_words.CHECKS,
    "amount_beyond_books": gettext_lazy("The price is beyond belief"),
}
DIMENSIONS: dict[str, Promise] = {
    "ENERGY": gettext_lazy("Energy"),
    "FLAT": gettext_lazy("Start fee"),
    "TIME": gettext_lazy("Charging time"),
    "PARKING_TIME": gettext_lazy("Parking after charging"),
    "RESERVATION_TIME": gettext_lazy("Reserved time"),
    "RESERVATION_FLAT": gettext_lazy("Reservation"),
    "MIN_PRICE": gettext_lazy("Minimum price"),
}
UNITS: dict[str, Promise] = {
    "kWh": pgettext_lazy("unit", "kWh"),
    "h": pgettext_lazy("unit", "h"),
    "session": pgettext_lazy("unit", "session"),
    "day": pgettext_lazy("unit", "days"),
    "fee": pgettext_lazy("unit", "piece"),
}


@dataclass(frozen=True)
class PriceLine:
    """One line of a price: how much of what, at which price, in words."""

    what: str
    started_at: datetime
    ended_at: datetime
    quantity: str
    price: str
    vat_rate: str
    amount_incl_vat: Decimal | None
    amount_excl_vat: Decimal | None
    currency: str
    rules: list[str]


@dataclass(frozen=True)
class VatRow:
    """What one rate of VAT adds up to."""

    rate: str
    excl_vat: Decimal
    vat: Decimal
    reason: str = ""


def reason_word(reason: str) -> str:
    """Return in words why a session has no price."""
    return str(REASONS.get(reason, reason))


def price_lines(cdr: Cdr) -> list[PriceLine]:
    """Return the priced lines of a Cdr in words, in the order they were priced."""
    currency = str(cdr.total_incl_vat.currency)
    return [price_line(line, currency) for line in cdr.lines]


def price_line(line: dict[str, Any], currency: str) -> PriceLine:
    """Return one priced line in words, as `billing.tariffs.writing` wrote it."""
    unit = str(UNITS.get(line["unit"], line["unit"]))
    vat = line["vat"]
    incl, excl = line.get("incl_vat"), line.get("excl_vat")
    quantity = Decimal(line["billed_quantity"])
    # What a driver pays for each kWh, whether or not the price list writes it with VAT.
    price = Decimal(incl) / quantity if incl is not None and quantity else Decimal(line["price"])
    return PriceLine(
        what=str(DIMENSIONS.get(line["dimension"], line["dimension"])),
        started_at=datetime.fromisoformat(line["from"]),
        ended_at=datetime.fromisoformat(line["to"]),
        quantity=f"{trimmed(quantity, at_least=0)} {unit}",
        price=f"{_unit_price(price, currency)}/{unit}",
        vat_rate="" if vat is None else vat_word(vat),
        amount_incl_vat=None if incl is None else Decimal(incl),
        amount_excl_vat=None if excl is None else Decimal(excl),
        currency=currency,
        rules=explaining.rules_of(line),
    )


def _unit_price(price: Decimal, currency: str) -> str:
    """Write a price for each unit; four decimals where two would not say it."""
    return formats.money_with(trimmed(round(price, 4), at_least=2), currency)


def trimmed(value: Decimal, *, at_least: int) -> str:
    """Write a number of at most four decimals without the noughts at its end."""
    exponent = round(value, 4).normalize().as_tuple().exponent
    assert isinstance(exponent, int), "a price or an amount is a finite number"
    return formats.number(value, digits=max(-exponent, at_least))


def vat_word(rate: str | Decimal) -> str:
    """Write a rate of tax in percent."""
    value = Decimal(rate)
    digits = 0 if value == value.to_integral_value() else 1
    return formats.percent(value / 100, digits=digits)


def vat_rows(breakdown: list[dict[str, str]]) -> list[VatRow]:
    """Return the VAT of a document per rate."""
    return [
        VatRow(
            *(vat_word(part["rate"]), Decimal(part["excl_vat"]), Decimal(part["vat"])),
            reason=vat_words.reason_of(part),
        )
        for part in breakdown
    ]
