"""Energy at the exchange's price of each quarter of an hour, in UTC: no clock is ever changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Final

from billing.tariffs import held_back
from billing.tariffs.bill import HUNDRED, Cause, LineKind, PricedLine, Rule
from billing.tariffs.model import TaxIncluded
from billing.tariffs.native.model import SLOT, SpotPrice
from billing.tariffs.reading import Refused
from billing.tariffs.writing import decimal_text, instant_text
from stations.metering.session_facts import Period, SessionFacts

WH_PER_KWH: Final = 1000
NAMED: Final = 3
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class _Used:
    """What flowed in one slot, in Wh, and between when."""

    started_at: datetime
    ended_at: datetime
    energy_wh: Fraction | int


def spot_lines(
    facts: SessionFacts, spot: SpotPrice, prices: Mapping[datetime, Fraction], tax: TaxIncluded
) -> list[PricedLine]:
    """Return one line per slot in which energy flowed; raises Refused for a slot without price."""
    used = _used(facts)
    missing = [instant_text(slot) for slot in used if slot not in prices]
    if missing:
        named = ", ".join(missing[:NAMED]) + (" and more" if len(missing) > NAMED else "")
        what = f"no spot price for {named}"
        raise Refused("spot", what, "Hold the session until the prices are there.")
    return [_line(each, slot, spot, prices[slot], tax) for slot, each in used.items()]


def slot_of(instant: datetime) -> datetime:
    """Return the start of the slot in which an instant lies."""
    return instant - (instant - EPOCH) % SLOT


def price_of(exchange: Fraction, spot: SpotPrice, tax: TaxIncluded) -> Fraction:
    """Return the price per kWh of a slot, said as the tariff says its prices."""
    price = _with_tax(exchange, spot, tax) + spot.markup + spot.grid_fee
    return price if spot.least is None else max(price, spot.least)


def _with_tax(exchange: Fraction, spot: SpotPrice, tax: TaxIncluded) -> Fraction:
    if tax is not TaxIncluded.YES:
        return exchange
    return exchange * (1 + (spot.vat or Fraction(0)) / HUNDRED)


def _used(facts: SessionFacts) -> dict[datetime, _Used]:
    found: dict[datetime, _Used] = {}
    for period in facts.periods:
        if not period.energy_wh or period.is_reservation:
            continue
        for part in _by_slot(period):
            slot = slot_of(part.started_at)
            seen = found.setdefault(slot, _Used(part.started_at, part.ended_at, 0))
            seen.ended_at = part.ended_at
            seen.energy_wh += part.energy_wh or 0
    return found


def _by_slot(period: Period) -> Iterator[Period]:
    start = period.started_at
    while True:
        end = min(slot_of(start) + SLOT, period.ended_at)
        yield held_back.cut(period, start, end)
        if end >= period.ended_at:
            return
        start = end


def _line(
    used: _Used, slot: datetime, spot: SpotPrice, exchange: Fraction, tax: TaxIncluded
) -> PricedLine:
    told = _with_tax(exchange, spot, tax)
    price = price_of(exchange, spot, tax)
    parts = " + ".join(decimal_text(each) for each in (told, spot.markup, spot.grid_fee))
    if price != told + spot.markup + spot.grid_fee:
        parts += f" < {decimal_text(price)}"
    quantity = Fraction(used.energy_wh) / WH_PER_KWH
    return PricedLine(
        kind=LineKind.ENERGY,
        element=None,
        component=None,
        started_at=used.started_at,
        ended_at=used.ended_at,
        quantity=quantity,
        billed_quantity=quantity,
        price=price,
        vat=spot.vat,
        causes=(Cause(Rule.SPOT, "$.spot", f"{instant_text(slot)}: {parts}"),),
    )
