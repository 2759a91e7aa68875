from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from billing.gate import families, judging, table
from billing.gate.case import Action, Case, Readings, Trouble
from billing.gate.judging import Setting
from billing.gate.policy import SHIPPED, Outcome, Rule
from billing.queries import gate_words
from faults.rules import RULES

BEGAN = datetime(2026, 11, 2, 11, tzinfo=UTC)
ENDED = BEGAN + timedelta(hours=1)
SHIPPED_PLAN = judging.plan_of({})
SOUND = Case(
    started_at=BEGAN,
    ended_at=ENDED,
    seen_at=ENDED,
    energy_wh=10_000,
    meter_start_wh=1000,
    meter_stop_wh=11_000,
    max_power_w=22_000,
    id_tag="ASTRID01",
    readings=Readings(12, jump_wh=900, jump_s=300, gap_s=300, gap_wh=900),
    price=Fraction(40),
    currency="SEK",
)
DAY_S = 86_400
WRONG: list[tuple[str, dict[str, Any]]] = [
    ("needs_review", {"needs_review": True, "flags": ("register_jump",)}),
    ("ends_before_start", {"ended_at": BEGAN - timedelta(seconds=1)}),
    ("negative_energy", {"energy_wh": -1}),
    ("zero_length", {"ended_at": BEGAN}),
    ("overlap", {"overlaps_session": 7}),
    ("in_future", {"seen_at": ENDED - timedelta(minutes=16)}),
    ("told_late", {"seen_at": ENDED + timedelta(days=91)}),
    ("too_long", {"ended_at": BEGAN + timedelta(days=15)}),
    ("over_power", {"energy_wh": 33_001}),
    ("register_reset", {"readings": Readings(3, fall_wh=900, zero_after_wh=900)}),
    ("register_fell", {"readings": Readings(3, fall_wh=21)}),
    ("register_fell", {"meter_stop_wh": 900}),
    ("register_jumped", {"readings": Readings(3, jump_wh=30_000, jump_s=60)}),
    ("registers_disagree", {"energy_wh": 9_979}),
    ("meter_doubted", {"troubles": (Trouble("F34", "station", BEGAN, None, "meter"),)}),
    ("reading_gap", {"readings": Readings(3, gap_s=3601, gap_wh=1000)}),
    ("unknown_token", {"is_token_known": False, "is_payer_known": False}),
    ("negative_price", {"price": Fraction(-1)}),
    ("dear", {"price": Fraction(10_001)}),
    ("dear_energy", {"price": Fraction(1001)}),
    ("no_energy", {"energy_wh": 0}),
    ("test_session", {"is_by_crew": True, "energy_wh": 2000}),
    ("no_meter", {"meter_start_wh": None}),
    ("nobody_pays", {"is_payer_known": False}),
    ("little_energy", {"energy_wh": 499}),
    ("short", {"ended_at": BEGAN + timedelta(seconds=119)}),
    ("long_idle", {"parking_s": DAY_S + 1}),
]


def _found(case: Case) -> dict[str, Action]:
    return {each.check: each.action for each in judging.findings_of(case, SHIPPED_PLAN)}


def test_a_sound_session_passes_every_check() -> None:
    assert _found(SOUND) == {}
    assert judging.judge(SOUND, SHIPPED_PLAN, SHIPPED).told() == {}


@pytest.mark.parametrize(("name", "fields"), WRONG)
def test_each_check_finds_what_it_is_for(name: str, fields: dict[str, Any]) -> None:
    assert name in _found(replace(SOUND, **fields))


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("too_long", {"ended_at": BEGAN + timedelta(days=14)}),
        ("over_power", {"energy_wh": 33_000}),
        ("zero_length", {"ended_at": BEGAN, "is_metered": False}),
        ("register_fell", {"meter_stop_wh": 980, "energy_wh": 0}),
        ("register_fell", {"meter_stop_wh": 900, "flags": ("register_rollover",)}),
        ("registers_disagree", {"energy_wh": 9_980}),
        ("reading_gap", {"readings": Readings(3, gap_s=3600, gap_wh=1000)}),
        ("unknown_token", {"is_token_known": False}),
        ("unknown_token", {"is_token_known": False, "is_payer_known": False, "id_tag": ""}),
        ("told_late", {"seen_at": ENDED + timedelta(days=91), "is_metered": False}),
        ("dear_energy", {"price": Fraction(1001), "energy_wh": 999}),
        ("dear_energy", {"price": Fraction(10_010), "currency": "ISK", "energy_wh": 2000}),
        ("short", {"ended_at": BEGAN + timedelta(seconds=120)}),
        ("test_session", {"is_by_crew": True, "energy_wh": 2001}),
    ],
)
def test_each_check_lets_pass_what_is_at_its_limit(name: str, fields: dict[str, Any]) -> None:
    assert name not in _found(replace(SOUND, **fields))


def test_every_check_has_a_case_here_and_words() -> None:
    assert {name for name, _ in WRONG} == set(table.CHECKS)
    assert set(gate_words.CHECKS) == set(table.CHECKS)
    limits = {limit for check in table.EVERY for limit in check.limits}
    assert limits <= set(gate_words.LIMITS)


def test_an_operator_moves_a_limit_changes_what_a_check_does_or_switches_it_off() -> None:
    later = BEGAN + timedelta(hours=3)
    long = replace(SOUND, ended_at=later, seen_at=later)
    strict = {"too_long": Setting(Action.HOLD, {"most_s": 7200})}
    waiving = {"too_long": Setting(Action.WAIVE, {"most_s": 7200})}
    off = {"too_long": Setting(Action.OFF, {"most_s": 7200})}

    held = judging.judge(long, judging.plan_of(strict), ()).held_for

    assert held is not None
    assert (held.check, held.evidence) == ("too_long", {"length_s": 10_800, "most_s": 7200})
    assert judging.judge(long, judging.plan_of(waiving), ()).outcome is Outcome.WAIVE
    assert judging.judge(long, judging.plan_of(off), ()).findings == ()


def test_a_hold_comes_before_a_waiver_and_the_plainest_contradiction_first() -> None:
    late = BEGAN + timedelta(days=15)
    odd = replace(SOUND, energy_wh=0, meter_stop_wh=900, ended_at=late, seen_at=late)

    verdict = judging.judge(odd, SHIPPED_PLAN, ())

    assert verdict.held_for is not None
    assert verdict.held_for.check == "too_long"
    assert [each.check for each in verdict.findings] == ["too_long", "register_fell", "no_energy"]


def test_only_a_fault_that_met_the_session_is_weighed() -> None:
    rules = (Rule(1, Outcome.ENERGY_ONLY, code="F02"),)
    before = Trouble("F02", "station", BEGAN - timedelta(hours=2), BEGAN)
    after = Trouble("F02", "station", ENDED + timedelta(seconds=1))
    ending = Trouble("F02", "station", ENDED)
    lasting = Trouble("F02", "station", BEGAN - timedelta(days=1))

    outcomes = [
        judging.judge(replace(SOUND, troubles=(each,)), SHIPPED_PLAN, rules).outcome
        for each in (before, after, ending, lasting)
    ]

    assert outcomes == [Outcome.BILL, Outcome.BILL, Outcome.ENERGY_ONLY, Outcome.ENERGY_ONLY]


def test_a_released_session_is_billed_whole_whatever_is_found() -> None:
    odd = replace(SOUND, energy_wh=0, troubles=(Trouble("F02", "station", BEGAN),))

    verdict = judging.released(odd, SHIPPED_PLAN, "release")

    assert (verdict.outcome, verdict.held_for) == (Outcome.BILL, None)
    assert [each.check for each in verdict.findings] == ["registers_disagree", "no_energy"]


def test_the_families_are_those_of_the_rules() -> None:
    assert {rule.code: rule.family for rule in RULES} == families.FAMILIES
    assert families.family_of("F41") == ""
