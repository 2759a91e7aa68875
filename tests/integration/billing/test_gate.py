from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing import fairness, rating
from billing.gate.policy import Outcome, Rule
from billing.models import Cdr, FairRule, RatingHold
from chargenet.core.models import AuditEntry
from stations.models import Impairment, MeterValue, Session
from tests import cast
from tests.integration.billing import scene as trade
from tests.integration.billing.scene import NOON, OPENED, RATED

pytestmark = pytest.mark.django_db
FEES: dict[str, Any] = {
    "currency": "SEK",
    "elements": [
        {
            "price_components": [
                {"type": "FLAT", "price": 10, "vat": 25, "step_size": 1},
                {"type": "ENERGY", "price": 4, "vat": 25, "step_size": 1},
            ]
        }
    ],
}


@pytest.fixture
def scene() -> cast.Cast:
    made = cast.make_cast()
    trade.assign(trade.make_tariff(made, "fees", FEES))
    return made


def _rate(session: Session) -> Cdr | None:
    return rating.rate_session(session_id=session.pk, as_of=RATED)


def _total(cdr: Cdr | None) -> Decimal:
    assert cdr is not None
    total: Decimal = cdr.total_incl_vat.amount
    return total


def _impair(scene: cast.Cast, code: str = "F02", cause: str = "station", **fields: Any) -> None:
    Impairment.objects.create(
        operator=scene.operator,
        connector=scene.socket,
        code=code,
        cause=cause,
        started_at=fields.pop("started_at", NOON + timedelta(minutes=30)),
        **fields,
    )


def _read(session: Session, *readings: tuple[int, int]) -> None:
    MeterValue.objects.bulk_create(
        [
            MeterValue(
                id=10_000 * session.pk + number,
                operator_id=session.operator_id,
                station_id=session.station_id,
                connector_id=session.connector_id,
                session_id=session.pk,
                occurred_at=session.started_at + timedelta(minutes=minute),
                received_at=session.started_at + timedelta(minutes=minute),
                energy_wh=energy_wh,
            )
            for number, (minute, energy_wh) in enumerate(readings)
        ]
    )


def test_a_sound_session_passes_and_nothing_is_noted_but_what_is_odd(scene: cast.Cast) -> None:
    session = trade.make_session(
        scene, meter_start_wh=0, meter_stop_wh=10_000, driver=scene.astrid
    )
    _read(session, (0, 0), (20, 3000), (40, 7000), (60, 10_000))

    cdr = _rate(session)

    assert (_total(cdr), cdr and cdr.gate) == (Decimal("62.50"), {})


@pytest.mark.parametrize(
    ("readings", "reason"),
    [
        (((0, 0), (20, 5000), (40, 0), (60, 10_000)), "register_reset"),
        (((0, 0), (20, 5000), (40, 4000), (60, 10_000)), "register_fell"),
        (((0, 0), (20, 1000), (21, 9_999_000)), "register_jumped"),
        (((0, 0), (10, 100), (90, 9000)), "reading_gap"),
    ],
)
def test_readings_that_fall_jump_restart_or_are_missing_hold_the_session_by_name(
    scene: cast.Cast, readings: tuple[tuple[int, int], ...], reason: str
) -> None:
    session = trade.make_session(scene, hours=1.5, meter_start_wh=0, meter_stop_wh=10_000)
    _read(session, *readings)

    assert _rate(session) is None

    hold = RatingHold.objects.get(session=session)
    assert (hold.reason, hold.at_risk.amount, str(hold.at_risk.currency)) == (
        reason,
        Decimal("62.50"),
        "SEK",
    )
    assert hold.findings[0]["check"] == reason


def test_a_session_that_got_next_to_nothing_costs_nothing_and_says_what_it_would_have(
    scene: cast.Cast,
) -> None:
    fairness.set_check(
        operator=scene.operator,
        name="no_energy",
        action="waive",
        limits={"most_wh": 100},
        actor=scene.fia,
        as_of=NOON,
    )

    cdr = _rate(trade.make_session(scene, energy_wh=100))

    assert _total(cdr) == 0
    assert cdr is not None
    assert cdr.gate["waived_for"] == "no_energy"
    assert cdr.gate["whole_incl_vat"] == "13.00"
    assert cdr.lines == []


def test_while_a_fault_of_ours_held_only_the_energy_is_billed(scene: cast.Cast) -> None:
    _impair(scene)

    cdr = _rate(trade.make_session(scene))

    assert _total(cdr) == Decimal("50.00")
    assert cdr is not None
    assert cdr.gate["policy"] == {
        "row": 6,
        "fault": "F02",
        "cause": "station",
        "outcome": "energy_only",
    }
    assert cdr.gate["whole_incl_vat"] == "62.50"


def test_a_fault_that_was_over_or_elsewhere_changes_nothing(scene: cast.Cast) -> None:
    _impair(scene, started_at=NOON - timedelta(hours=2), ended_at=NOON)
    _impair(scene, "F03", started_at=NOON + timedelta(hours=2))
    elsewhere = trade.make_session(scene, connector=scene.tethered)

    assert _total(_rate(trade.make_session(scene))) == Decimal("62.50")
    assert _total(_rate(elsewhere)) == Decimal("62.50")


def test_an_operators_own_policy_holds_for_what_begins_after_it_was_written(
    scene: cast.Cast,
) -> None:
    _impair(scene, started_at=OPENED)
    fairness.write_rules(
        operator=scene.operator,
        rules=[Rule(1, Outcome.WAIVE, family="station")],
        actor=scene.fia,
        as_of=NOON,
    )

    before = _rate(trade.make_session(scene, started_at=NOON - timedelta(hours=2)))
    after = _rate(trade.make_session(scene))

    assert (_total(before), _total(after)) == (Decimal("50.00"), Decimal(0))
    assert AuditEntry.objects.get().action == "fair_rules.written"


def test_a_policy_is_replaced_and_its_rows_stay_as_history(scene: cast.Cast) -> None:
    for outcome, hour in ((Outcome.WAIVE, 0), (Outcome.BILL, 1)):
        fairness.write_rules(
            operator=scene.operator,
            rules=[Rule(1, outcome, cause="grid"), Rule(2, outcome, code="F33")],
            actor=scene.fia,
            as_of=NOON + timedelta(hours=hour),
        )

    rules, is_own = fairness.rules_now(scene.operator)
    fairness.write_rules(
        operator=scene.operator,
        rules=[*rules, Rule(3, Outcome.WAIVE, code="F34")],
        actor=scene.fia,
        as_of=NOON + timedelta(hours=2),
    )

    assert is_own
    assert {rule.outcome for rule in rules} == {Outcome.BILL}
    assert FairRule.objects.filter(valid_until=NOON + timedelta(hours=1)).count() == 2
    # what did not change goes on as it is
    assert FairRule.objects.filter(valid_from=NOON + timedelta(hours=2)).get().code == "F34"


@pytest.mark.parametrize(
    "rule",
    [
        Rule(1, Outcome.BILL, code="F99"),
        Rule(1, Outcome.BILL, code="F02", family="station"),
        Rule(1, Outcome.BILL, family="weather"),
        Rule(1, Outcome.BILL, cause="driver"),
        Rule(1, Outcome.BILL, from_wh=500, until_wh=500),
        Rule(1, Outcome.BILL, from_wh=-1),
    ],
)
def test_a_row_that_cannot_hold_is_refused_by_its_place(scene: cast.Cast, rule: Rule) -> None:
    good = Rule(1, Outcome.BILL)

    with pytest.raises(fairness.RulesUnfit) as refused:
        fairness.write_rules(
            operator=scene.operator, rules=[good, rule], actor=scene.fia, as_of=NOON
        )

    assert refused.value.row == 2
    assert not FairRule.objects.exists()


def test_an_operator_sets_a_check_for_its_own_sessions_only(scene: cast.Cast) -> None:
    fairness.set_check(
        operator=scene.other_operator,
        name="too_long",
        action="hold",
        limits={"most_s": 60},
        actor=scene.erik,
        as_of=NOON,
    )
    assert _rate(trade.make_session(scene)) is not None

    fairness.set_check(
        operator=scene.operator,
        name="too_long",
        action="hold",
        limits={"most_s": 60},
        actor=scene.fia,
        as_of=NOON,
    )

    assert _rate(trade.make_session(scene)) is None
    assert RatingHold.objects.get().detail == "length_s 3600, most_s 60"


@pytest.mark.parametrize(
    ("name", "action", "limits"),
    [
        ("nonsense", "hold", {}),
        ("too_long", "explode", {}),
        ("too_long", "hold", {"least_wh": 1}),
        ("too_long", "hold", {"most_s": -1}),
    ],
)
def test_a_check_nobody_knows_or_a_limit_that_cannot_be_is_refused(
    scene: cast.Cast, name: str, action: str, limits: dict[str, int]
) -> None:
    with pytest.raises(fairness.CheckUnfit):
        fairness.set_check(
            operator=scene.operator,
            name=name,
            action=action,
            limits=limits,
            actor=scene.fia,
            as_of=NOON,
        )


def test_a_partner_in_another_country_accounts_for_the_vat_itself_and_the_cdr_says_why(
    scene: cast.Cast,
) -> None:
    partner = trade.make_customer(
        scene,
        "roamer",
        kind="partner",
        country="DE",
        vat_number="DE136695976",
        is_taxable_dealer=True,
    )
    trade.make_contract(scene, partner)

    cdr = _rate(trade.make_session(scene, token=scene.astrids_token))

    assert cdr is not None
    assert (cdr.total_excl_vat.amount, cdr.vat_amount.amount) == (Decimal("50.00"), 0)
    assert cdr.vat_breakdown[0]["rate"] == "0"
    assert cdr.vat_decision == {
        "treatment": "reverse_charge",
        "rule": "electricity_to_dealer",
        "article": "38",
    }


def test_a_foreign_number_that_cannot_be_one_is_charged_vat(scene: cast.Cast) -> None:
    partner = trade.make_customer(
        scene,
        "roamer",
        kind="partner",
        country="DE",
        vat_number="DE136695977",
        is_taxable_dealer=True,
    )
    trade.make_contract(scene, partner)

    cdr = _rate(trade.make_session(scene, token=scene.astrids_token))

    assert (_total(cdr), cdr and cdr.vat_decision) == (Decimal("62.50"), {})
