"""Every check by its name: what it does unless an operator says otherwise, and its limits.

Sources: Open e-Mobility's eleven kinds of transactions in error (its limits: 500 Wh, 120 s,
24 h idle; 110 % of the power, here 120 % as at arrival); GreenFlux's four stages of validation,
configuration (a hold of rating itself), feasibility, billing rule, final cost.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from billing.gate.case import Action, Case, Evidence, Limits
from billing.gate.checks import energy, meter, people, prices, times

HOUR_S, DAY_S = 3600, 86_400


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its function, its action and its limits by name, in s, Wh, percent, money."""

    name: str
    find: Callable[[Case, Limits], Evidence | None]
    action: Action
    limits: Limits = field(default_factory=dict)


HOLD, WAIVE, NOTE = Action.HOLD, Action.WAIVE, Action.NOTE
# In the order in which a held session's reason is chosen: the plainest contradiction first.
EVERY: Final = (
    Check("needs_review", meter.needs_review, HOLD),
    Check("ends_before_start", times.ends_before_start, HOLD),
    Check("negative_energy", energy.negative_energy, HOLD),
    Check("zero_length", times.zero_length, HOLD),
    Check("overlap", meter.overlap, HOLD),
    Check("in_future", times.in_future, HOLD, {"most_s": HOUR_S // 4}),
    Check("told_late", times.told_late, HOLD, {"most_s": 90 * DAY_S}),
    Check("too_long", times.too_long, HOLD, {"most_s": 14 * DAY_S}),
    Check("over_power", energy.over_power, HOLD, {"percent": 120, "grace_s": HOUR_S // 4}),
    Check("register_reset", meter.register_reset, HOLD, {"least_wh": 20}),
    Check("register_fell", meter.register_fell, HOLD, {"least_wh": 20}),
    Check("register_jumped", meter.register_jumped, HOLD, {"percent": 120, "grace_s": HOUR_S}),
    Check("registers_disagree", meter.registers_disagree, HOLD, {"most_wh": 20}),
    Check("meter_doubted", meter.meter_doubted, HOLD),
    Check("reading_gap", meter.reading_gap, HOLD, {"most_s": HOUR_S, "least_wh": 1000}),
    Check("unknown_token", people.unknown_token, HOLD),
    Check("negative_price", prices.negative_price, HOLD),
    Check("dear", prices.dear, HOLD, {"most": 10_000}),
    Check("dear_energy", prices.dear_energy, HOLD, {"most": 100, "least_wh": 1000}),
    Check("no_energy", energy.no_energy, WAIVE, {"most_wh": 0}),
    Check("test_session", people.crew_session, WAIVE, {"most_wh": 2000}),
    Check("no_meter", meter.no_meter, NOTE),
    Check("nobody_pays", people.nobody_pays, NOTE),
    Check("little_energy", energy.little_energy, NOTE, {"least_wh": 500}),
    Check("short", times.short, NOTE, {"least_s": 120}),
    Check("long_idle", times.long_idle, NOTE, {"most_s": DAY_S}),
)
CHECKS: Final = {check.name: check for check in EVERY}
