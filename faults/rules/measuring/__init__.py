"""What the samples of one session say together: heat, power, phases, feeder and meter.

Every part answers None where its samples do not say. Odd units, glitches of a sensor and samples
out of order are set aside before, by what is possible at all.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from faults.rules.facts import Card, Measures, Period, Sample
from faults.rules.measuring import cadence, cleaning, delivery, feeder, heat, metering

HEAT_LASTS = timedelta(minutes=9)


def measure(
    samples: Sequence[Sample],
    card: Card,
    *,
    ambient_c: float | None = None,
    limited: Sequence[Period] | None = None,
    heat_lasts: timedelta = HEAT_LASTS,
) -> Measures:
    """Return what the samples of one session say, in any order and with repetitions.

    `ambient_c`: the idle reading of the cable's own sensor before plug-in, where one is kept;
    `limited`: when a charging profile or the site held the power down; None where nobody knows:
    then a low offer is taken for a limit; `heat_lasts`: the time constant of cable and plug.
    """
    clean = cleaning.cleaned(samples)
    if not clean:
        return Measures()
    warmth = heat.read(clean, card, ambient_c=ambient_c, lasts=heat_lasts)
    return replace(
        _electrical(clean, card, limited),
        samples=len(samples),
        theta=warmth.theta,
        hottest_c=warmth.hottest_c,
        coolest_c=warmth.coolest_c,
        ambient_c=warmth.ambient_c,
        pair_gap_k=warmth.pair_gap_k,
    )


def _electrical(clean: Sequence[Sample], card: Card, limited: Sequence[Period] | None) -> Measures:
    given_power = delivery.read(clean, card, limited)
    meter = metering.read(clean, card)
    rhythm = cadence.read(clean)
    volts = feeder.extremes(clean)
    return Measures(
        first_energy_at=delivery.first_energy_at(clean),
        power_ratio=given_power.ratio,
        power_ratio_samples=given_power.ratio_samples,
        hungry_w=given_power.hungry_w,
        is_ratio_of_offer=given_power.is_of_offer,
        plateau=given_power.plateau,
        plateau_share=given_power.plateau_share,
        phase_shares=delivery.phase_shares(clean, card),
        impedance_ohm=feeder.impedance(clean, card),
        register_wh=meter.register_wh,
        integral_wh=meter.integral_wh,
        integral_slack_wh=meter.slack_wh,
        register_step_wh=meter.step_wh,
        is_backwards=meter.is_backwards,
        vi_gap=meter.vi_gap,
        usual_interval_s=rhythm.usual_s,
        longest_gap_s=rhythm.longest_s,
        interval_cv=rhythm.cv,
        is_offer_low=given_power.is_offer_low,
        was_limited=given_power.was_limited,
        lowest_v=volts[0],
        highest_v=volts[1],
    )


def is_within(at: datetime, periods: Sequence[Period]) -> bool:
    """Return whether an instant lies in any of some periods, half-open."""
    return delivery.is_within(at, periods)
