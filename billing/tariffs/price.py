"""Pricing one session under one tariff."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from billing.tariffs import bill, held_back, instants, limits, selection, splitting, steps
from billing.tariffs.bill import LineKind, PricedLine, PricedSession
from billing.tariffs.model import Dimension, Offer, Tariff, TaxIncluded
from billing.tariffs.splitting import Segment
from stations.metering.session_facts import ReservationOutcome, SessionFacts

# How many of what is measured make one of what is priced: Wh, s, sessions.
PER_UNIT = {
    LineKind.ENERGY: 1000,
    LineKind.TIME: 3600,
    LineKind.PARKING_TIME: 3600,
    LineKind.RESERVATION_TIME: 3600,
    LineKind.FLAT: 1,
    LineKind.RESERVATION_FLAT: 1,
}
ONE = Fraction(1)
Wanted = tuple[Dimension, LineKind, Fraction]


@dataclass(slots=True)
class _Stretch:
    """A line while it grows: one offer, as long as it holds without a break; Wh, s, sessions."""

    kind: LineKind
    offer: Offer
    started_at: datetime
    ended_at: datetime
    quantity: Fraction


@dataclass(slots=True)
class _Draft:
    stretches: list[_Stretch] = field(default_factory=list)
    lacking: set[str] = field(default_factory=set)
    last: dict[LineKind, tuple[int, Offer]] = field(default_factory=dict)


def price_session(
    facts: SessionFacts, tariff: Tariff, *, fees_without_energy: bool = False
) -> PricedSession:
    """Price one session under one tariff.

    Energy in Wh, time in s, exact. A session measured to have delivered nothing pays no fee and
    no minimum price unless fees_without_energy. Source: OCPI 2.2.1 and 2.3.0 ch. 11.
    """
    facts = held_back.without_held(facts)
    has_fees = fees_without_energy or not is_empty(facts)
    lines, lacking = lines_of(facts, tariff, has_fees=has_fees)
    if has_fees and outcome_of(facts) is ReservationOutcome.USED:
        lines = limits.raise_to_minimum(lines, tariff, facts)
    lines = limits.lower_to_maximum(lines, tariff)
    return summed(lines, facts, tariff, lacking)


def lines_of(
    facts: SessionFacts, tariff: Tariff, *, has_fees: bool
) -> tuple[list[PricedLine], set[str]]:
    """Return the lines of a session without its limits, and the names of what nobody measured."""
    outcome = outcome_of(facts)
    draft = _Draft()
    for segment in splitting.split_session(facts, tariff):
        for wanted in _wanted(segment, has_fees=has_fees):
            _add(draft, segment, wanted, tariff, outcome)
    rounded = steps.round_up([_line(each) for each in draft.stretches], draft.last)
    return [bill.with_amount(line, tariff.tax_included) for line in rounded], draft.lacking


def summed(
    lines: Iterable[PricedLine], facts: SessionFacts, tariff: Tariff, lacking: set[str]
) -> PricedSession:
    """Return lines as the price of a session, with its quantities and its warnings."""
    reserved_s = _total(period.reservation_s for period in facts.periods)
    return PricedSession(
        currency=tariff.currency,
        lines=tuple(lines),
        energy_wh=facts.energy_wh,
        total_s=instants.seconds_between(facts.started_at, facts.ended_at) - reserved_s,
        parking_s=_total(period.parking_s for period in facts.periods),
        warnings=_warnings(facts, tariff, lacking),
    )


def _total(values: Iterator[Fraction | int]) -> Fraction:
    return Fraction(sum(values))


def outcome_of(facts: SessionFacts) -> ReservationOutcome:
    """Return what became of the reservation; unsaid, it was used if a session followed."""
    if facts.reservation is not None:
        return facts.reservation
    if facts.periods and all(period.is_reservation for period in facts.periods):
        return ReservationOutcome.EXPIRED
    return ReservationOutcome.USED


def is_empty(facts: SessionFacts) -> bool:
    """Return whether somebody measured and nothing came, or nothing happened at all."""
    session = [period for period in facts.periods if not period.is_reservation]
    measured = [each.energy_wh for each in session if each.energy_wh is not None]
    return not session or (bool(measured) and not any(measured))


def _wanted(segment: Segment, *, has_fees: bool) -> Iterator[Wanted]:
    """Yield what a segment asks prices for, quantities in Wh, s and sessions."""
    if segment.period.is_reservation:
        yield Dimension.FLAT, LineKind.RESERVATION_FLAT, ONE
        yield Dimension.TIME, LineKind.RESERVATION_TIME, segment.reservation_s
        return
    if has_fees:
        yield Dimension.FLAT, LineKind.FLAT, ONE
    if segment.energy_wh:
        yield Dimension.ENERGY, LineKind.ENERGY, segment.energy_wh
    if segment.charging_s:
        yield Dimension.TIME, LineKind.TIME, segment.charging_s
    if segment.parking_s:
        yield Dimension.PARKING_TIME, LineKind.PARKING_TIME, segment.parking_s


def _add(
    draft: _Draft, segment: Segment, wanted: Wanted, tariff: Tariff, outcome: ReservationOutcome
) -> None:
    dimension, kind, quantity = wanted
    if dimension is Dimension.FLAT and kind in draft.last:
        return  # once per session, and once per reservation
    offer, lacking = selection.choose_offer(dimension, segment, tariff, outcome)
    draft.lacking.update(lacking)
    if offer is None:
        return
    place, previous = draft.last.get(kind, (0, None))
    if previous is offer and draft.stretches[place].ended_at == segment.started_at:
        stretch = draft.stretches[place]
        stretch.quantity += quantity
        stretch.ended_at = segment.ended_at
        return
    draft.last[kind] = (len(draft.stretches), offer)
    until = segment.first_ended_at if dimension is Dimension.FLAT else segment.ended_at
    made = _Stretch(kind, offer, segment.started_at, until, quantity)
    draft.stretches.append(made)


def _line(stretch: _Stretch) -> PricedLine:
    offer = stretch.offer
    quantity = stretch.quantity / PER_UNIT[stretch.kind]
    return PricedLine(
        kind=stretch.kind,
        element=offer.element,
        component=offer.index,
        started_at=stretch.started_at,
        ended_at=stretch.ended_at,
        quantity=quantity,
        billed_quantity=quantity,
        price=offer.component.price,
        vat=offer.component.vat,
    )


def _warnings(facts: SessionFacts, tariff: Tariff, lacking: set[str]) -> tuple[str, ...]:
    found = [*tariff.warnings, *facts.notes]
    found += [
        f"{quantity} was not measured, the cheapest price that may hold was taken"
        for quantity in sorted(lacking)
    ]
    reserved = [period for period in facts.periods if period.is_reservation]
    if reserved and facts.reservation is None:
        found.append(f"reservation_outcome is missing, {outcome_of(facts).value} was assumed")
    if any(period.energy_wh for period in reserved):
        found.append("energy during a reservation has no price")
    if not _is_valid(tariff, facts):
        found.append("the tariff did not hold when the session began")
    limits_given = (each for each in (tariff.min_price, tariff.max_price) if each is not None)
    if tariff.tax_included is TaxIncluded.YES and any(each.incl is None for each in limits_given):
        found.append("a price limit without tax does not hold where the tax is unknown")
    return tuple(found)


def _is_valid(tariff: Tariff, facts: SessionFacts) -> bool:
    begun = tariff.starts_at is None or facts.started_at >= tariff.starts_at
    return begun and (tariff.ends_at is None or facts.started_at < tariff.ends_at)
