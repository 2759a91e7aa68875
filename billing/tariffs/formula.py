"""The one formula: whatever asks what a session costs asks it here, with the same values.

A price list is OCPI's, or ours around one. What is handed in beside the session is written with
the price, so that the same comes out of it on any later day.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any, Final

from billing.tariffs import ocpi, price, reading, writing
from billing.tariffs.bill import Amount, PricedLine, PricedSession
from billing.tariffs.model import Tariff
from billing.tariffs.native import price as native_price
from billing.tariffs.native import reading as native_reading
from billing.tariffs.native import writing as native_writing
from billing.tariffs.native.model import SLOT, Given, NativeTariff
from stations.metering.session_facts import Held, HeldBy, SessionFacts

PriceList = Tariff | NativeTariff
OURS: Final = "tariff"
NOTHING: Final = Given()


@dataclass(frozen=True, slots=True)
class Stored:
    """What was handed in when something was priced, as it is read back."""

    given: Given
    held: tuple[Held, ...]


def read_list(text: str) -> PriceList:
    """Read a price list from JSON, OCPI's or ours; raises Refused."""
    document = reading.parse_json(text)
    if isinstance(document, dict) and OURS in document:
        return native_reading.parse_native(document)
    return ocpi.parse_tariff(document)


def price_session(
    facts: SessionFacts, price_list: PriceList, given: Given = NOTHING
) -> PricedSession:
    """Price a session, exactly; raises Refused where a value that decides was not given."""
    if isinstance(price_list, NativeTariff):
        return native_price.price_session(facts, price_list, given)
    return price.price_session(facts, price_list)


def priced_line(line: PricedLine) -> dict[str, Any]:
    """Return one line as JSON values; one of our own tariffs tells its rules too."""
    return native_writing.priced_line(line) if line.causes else writing.priced_line(line)


def base_of(price_list: PriceList) -> Tariff:
    """Return OCPI's part of a price list."""
    return price_list.base if isinstance(price_list, NativeTariff) else price_list


def needs_samples(price_list: PriceList) -> bool:
    """Return whether the price asks when the energy flowed, or how fast."""
    if not isinstance(price_list, NativeTariff):
        return bool(price_list.restrictions)
    if price_list.spot is not None or price_list.base.restrictions:
        return True
    return any(
        element.restrictions is not None
        for each in price_list.power_classes
        for element in each.elements
    )


def store(facts: SessionFacts, price_list: PriceList, given: Given) -> dict[str, Any]:
    """Return what was handed in as JSON values, exact; what could not matter is left out."""
    kept: dict[str, Any] = {}
    if facts.held:
        kept["held"] = [
            (
                writing.instant_text(each.started_at),
                writing.instant_text(each.ended_at),
                each.by.value,
            )
            for each in facts.held
        ]
    if isinstance(price_list, NativeTariff):
        kept |= _stored_given(facts, price_list, given)
    return kept


def _stored_given(facts: SessionFacts, ours: NativeTariff, given: Given) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    if ours.power_classes and given.connector_power_w is not None:
        kept["power_w"] = str(given.connector_power_w)
    if ours.spot is not None:
        kept["spot"] = {
            writing.instant_text(slot): str(value)
            for slot, value in sorted(given.spot.items())
            if slot < facts.ended_at and slot > facts.started_at - SLOT
        }
    if ours.max_per_day is not None:
        spent = given.spent_today
        kept["spent_today"] = [None if a is None else str(a) for a in (spent.excl, spent.incl)]
    return kept


def read_stored(kept: Mapping[str, Any]) -> Stored:
    """Return what `store` wrote."""
    given = NOTHING
    if "power_w" in kept:
        given = replace(given, connector_power_w=Fraction(kept["power_w"]))
    if "spot" in kept:
        spot = {datetime.fromisoformat(at): Fraction(each) for at, each in kept["spot"].items()}
        given = replace(given, spot=spot)
    if "spent_today" in kept:
        sides = [None if a is None else Fraction(a) for a in kept["spent_today"]]
        given = replace(given, spent_today=Amount(*sides))
    held = tuple(
        Held(datetime.fromisoformat(start), datetime.fromisoformat(end), HeldBy(by))
        for start, end, by in kept.get("held", ())
    )
    return Stored(given, held)
