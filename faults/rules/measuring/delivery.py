"""What a connector gave of what it could have given: ratio, plateau, phases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean, median

from faults.rules.facts import Card, Period, Sample

# Outside of this a battery takes what it likes, and says so to nobody.
SOC_PERCENT = (15, 60)
RAMP = timedelta(seconds=90)
# So long at least a vehicle that was plugged in to charge takes what its own charger can.
EARLY = timedelta(minutes=20)
FLOWS_W, FLOWS_A, FLOWS_WH = 500, 2.0, 20
PHASE_V = 230.0
# An offer below this share of what the connector can give is a limit.
LIMITED = 0.95
# Samples at the top that make a plateau, and how near the top they lie.
PLATEAU_SAMPLES, PLATEAU_NEAR = 3, 0.03
LEAST_PHASE_A = 5.0
LEAST_PHASE_SAMPLES = 3


@dataclass(frozen=True, slots=True)
class Delivery:
    """How much of the possible power was given, as shares of it."""

    ratio: float | None = None
    ratio_samples: int = 0
    hungry_w: int | None = None
    is_of_offer: bool = False
    plateau: float | None = None
    plateau_share: float | None = None
    is_offer_low: bool = False
    was_limited: bool = False


def is_within(at: datetime, periods: Sequence[Period]) -> bool:
    """Return whether an instant lies in any of some periods, half-open."""
    return any(start <= at and (end is None or at < end) for start, end in periods)


def read(samples: Sequence[Sample], card: Card, limited: Sequence[Period] | None) -> Delivery:
    """Return what was given of what could have been; samples in order."""
    flows_at = first_energy_at(samples)
    if flows_at is None:
        return Delivery()
    free = [one for one in samples if not is_within(one.at, limited or ())]
    giving = [one for one in free if one.at >= flows_at + RAMP and (one.power_w or 0) >= FLOWS_W]
    ratios, offers, powers = [], [], []
    for one in giving:
        offer = offered(one, card)
        could = offer if offer is not None else card.max_power_w
        is_early = one.at <= flows_at + EARLY
        if could and one.power_w is not None and _is_hungry(one, card, is_early=is_early):
            ratios.append(one.power_w / could)
            offers.append(offer is not None)
            powers.append(one.power_w)
    plateau, share = _plateau(giving, card)
    is_low = _is_offer_low(giving, card)
    return Delivery(
        ratio=median(ratios) if ratios else None,
        ratio_samples=len(ratios),
        hungry_w=round(median(powers)) if powers else None,
        is_of_offer=bool(offers) and all(offers),
        plateau=plateau,
        plateau_share=share,
        is_offer_low=is_low,
        was_limited=len(free) < len(samples) or (is_low and limited is None),
    )


def first_energy_at(samples: Sequence[Sample]) -> datetime | None:
    """Return when energy was first seen to flow."""
    first_wh = next((one.energy_wh for one in samples if one.energy_wh is not None), None)
    for one in samples:
        amps = max([one.current_a or 0.0, *(value or 0.0 for value in one.phases_a)])
        grown = (one.energy_wh or 0) - (first_wh or 0) if one.energy_wh is not None else 0
        if (one.power_w or 0) >= FLOWS_W or amps >= FLOWS_A or grown >= FLOWS_WH:
            return one.at
    return None


def offered(sample: Sample, card: Card) -> int | None:
    """Return the power a vehicle was offered, W; None where the station does not say."""
    offers = [one for one in (sample.power_offered_w,) if one]
    if sample.current_offered_a and sample.voltage_v:
        offers.append(int(sample.current_offered_a * sample.voltage_v * _pins(sample, card)))
    if not offers:
        return None
    return min([*offers, card.max_power_w or max(offers)])


def phase_shares(samples: Sequence[Sample], card: Card) -> tuple[float, float, float] | None:
    """Return the mean current of each phase over the largest of them; None of direct current."""
    if card.is_dc:
        return None
    rows = [
        tuple(value or 0.0 for value in one.phases_a)
        for one in samples
        if sum(value is not None for value in one.phases_a) >= 2
        and max(value or 0.0 for value in one.phases_a) >= LEAST_PHASE_A
    ]
    if len(rows) < LEAST_PHASE_SAMPLES:
        return None
    first, second, third = (fmean(column) for column in zip(*rows, strict=True))
    most = max(first, second, third)
    return first / most, second / most, third / most


def _pins(sample: Sample, card: Card) -> int:
    """Return how many conductors carry the offered current."""
    if card.is_dc:
        return 1
    carrying = sum((value or 0.0) >= FLOWS_A for value in sample.phases_a)
    if carrying:
        return carrying
    # nobody says: take as few as explain what was given, so that nothing looks missing
    a_conductor_w = (sample.current_offered_a or 0.0) * (sample.voltage_v or 0.0)
    if not a_conductor_w or not sample.power_w:
        return 1
    needed = sample.power_w / a_conductor_w
    return 1 if needed <= 1.1 else 2 if needed <= 2.2 else 3


def _is_hungry(sample: Sample, card: Card, *, is_early: bool) -> bool:
    """Return whether the battery would take what it is given.

    Alternating current without a state of charge says so early in a session only, and only that
    the vehicle's own charger gives what it can: that may be less than the offer.
    """
    if sample.soc_percent is None:
        if card.is_dc:
            return sample.power_offered_w is not None
        return is_early and offered(sample, card) is not None
    return SOC_PERCENT[0] <= sample.soc_percent <= SOC_PERCENT[1]


def _plateau(giving: Sequence[Sample], card: Card) -> tuple[float | None, float | None]:
    """Return the height of the flat top over rated power, and the share of samples on it."""
    powers = sorted((one.power_w or 0 for one in giving), reverse=True)
    if len(powers) < PLATEAU_SAMPLES or not card.max_power_w:
        return None, None
    top = powers[PLATEAU_SAMPLES - 1]
    near = sum(abs(one - top) <= PLATEAU_NEAR * top for one in powers)
    return top / card.max_power_w, near / len(powers)


def _is_offer_low(giving: Sequence[Sample], card: Card) -> bool:
    offers = [offer for one in giving if (offer := offered(one, card)) is not None]
    if not offers or not card.max_power_w:
        return False
    return median(offers) < LIMITED * card.max_power_w
