from datetime import UTC, datetime
from fractions import Fraction

import pytest

from billing.gate import charging, policy
from billing.gate.case import Trouble
from billing.gate.policy import SHIPPED, Outcome, Rule
from billing.tariffs.bill import Amount, LineKind, PricedLine, PricedSession

AT = datetime(2026, 11, 2, 11, tzinfo=UTC)


def _trouble(code: str, cause: str = "station", family: str = "") -> Trouble:
    return Trouble(code, cause, AT, None, family)


def test_without_a_fault_all_of_it_is_billed() -> None:
    assert policy.decide(SHIPPED, (), 0).outcome is Outcome.BILL


@pytest.mark.parametrize(
    ("trouble", "energy_wh", "outcome"),
    [
        (_trouble("F39", "vehicle", "vehicle"), 100, Outcome.BILL),
        (_trouble("F02"), 499, Outcome.WAIVE),
        (_trouble("F02"), 500, Outcome.ENERGY_ONLY),
        (_trouble("F33", "station", "meter"), 10_000, Outcome.BILL),
        (_trouble("F26", "cable", "cable"), 10_000, Outcome.ENERGY_ONLY),
        (_trouble("F08", "station", "safety"), 10_000, Outcome.ENERGY_ONLY),
        (_trouble("F40", "grid", "grid"), 10_000, Outcome.ENERGY_ONLY),
        (_trouble("F01", "network", "link"), 10_000, Outcome.BILL),
    ],
)
def test_the_shipped_table_is_fair(trouble: Trouble, energy_wh: int, outcome: Outcome) -> None:
    assert policy.decide(SHIPPED, [trouble], energy_wh).outcome is outcome


def test_the_first_row_that_speaks_of_any_fault_decides_and_is_named() -> None:
    rules = (
        Rule(1, Outcome.WAIVE, code="F33"),
        Rule(2, Outcome.ENERGY_ONLY, from_wh=1000, until_wh=2000),
        Rule(3, Outcome.WAIVE, cause="grid"),
    )
    both = [_trouble("F02"), _trouble("F33")]

    decision = policy.decide(rules, both, 1500)

    assert (decision.rule, decision.trouble) == (rules[0], both[1])
    assert policy.decide(rules, both[:1], 1000).rule == rules[1]
    assert policy.decide(rules, both[:1], 2000).rule is None


def _line(kind: LineKind, excl: int) -> PricedLine:
    return PricedLine(
        kind=kind,
        element=0,
        component=0,
        started_at=AT,
        ended_at=AT,
        quantity=Fraction(1),
        billed_quantity=Fraction(1),
        price=Fraction(excl),
        vat=Fraction(25),
        amount=Amount(Fraction(excl), Fraction(excl * 5, 4)),
    )


PRICED = PricedSession(
    currency="SEK",
    lines=tuple(_line(kind, 4) for kind in (LineKind.FLAT, LineKind.ENERGY, LineKind.TIME)),
    energy_wh=Fraction(1000),
    total_s=Fraction(3600),
    parking_s=Fraction(0),
)


def test_energy_only_drops_fees_and_time_and_a_waiver_drops_everything() -> None:
    assert charging.charged(PRICED, Outcome.BILL) is PRICED
    assert charging.charged(PRICED, Outcome.ENERGY_ONLY).total.incl == 5
    assert charging.charged(PRICED, Outcome.WAIVE).total.incl == 0


def test_what_the_buyer_accounts_for_has_no_rate_and_no_vat() -> None:
    untaxed = charging.without_vat(PRICED)

    assert untaxed.totals_by_vat() == {None: Amount(Fraction(12), Fraction(12))}
