from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing import rating
from billing.models import Cdr, RatingHold
from billing.queries import fair_words
from faults.detection.rows import Rows
from faults.models import Fault
from stations import holding
from stations.models import Impairment, Session
from tests import cast
from tests.integration.billing import scene as trade
from tests.integration.billing.scene import NOON, RATED

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
DURING = NOON + timedelta(minutes=20)


@pytest.fixture
def scene() -> cast.Cast:
    made = cast.make_cast()
    trade.assign(trade.make_tariff(made, "fees", FEES))
    return made


def _fault(scene: cast.Cast, code: str, **fields: Any) -> Fault:
    place = {"connector": scene.socket, "station": scene.socket.station}
    return Fault.objects.create(
        operator=scene.operator,
        code=code,
        scope=fields.pop("scope", "connector"),
        scope_key=f"{code}:{scene.socket.pk}",
        severity=fields.pop("severity", 4),
        state=Fault.State.FIRING,
        began_at=DURING,
        opened_at=DURING,
        last_seen_at=DURING,
        **(place | fields),
    )


def _rated(scene: cast.Cast, **fields: Any) -> Cdr:
    cdr = rating.rate_session(session_id=trade.make_session(scene, **fields).pk, as_of=RATED)
    assert cdr is not None
    return cdr


@pytest.mark.parametrize(
    ("code", "attribution", "total", "told"),
    [
        (
            "F23",
            "charger",
            "50.00",
            "The charger could not give its power during your charge. You",
        ),
        (
            "F35",
            "grid",
            "50.00",
            "The charger could not give its power during your charge. You pay",
        ),
        (
            "F20",
            "cable",
            "50.00",
            "The cable was faulty during your charge. You pay for the energ",
        ),
        ("F10", "vehicle", "62.50", ""),
        ("F10", "charger", "50.00", "The charger had a fault during your charge. You pay for the"),
    ],
)
def test_a_fault_in_spite_of_which_it_charged_is_weighed_by_the_policy_and_told_in_words(
    scene: cast.Cast, code: str, attribution: str, total: str, told: str
) -> None:
    Rows().up(_fault(scene, code, attribution=attribution), DURING)

    cdr = _rated(scene)

    assert cdr.total_incl_vat.amount == Decimal(total)
    assert fair_words.told_to_driver(cdr).startswith(told)
    assert bool(fair_words.told_to_driver(cdr)) is bool(told)


def test_what_a_doubted_meter_counted_waits_for_a_person(scene: cast.Cast) -> None:
    Rows().up(_fault(scene, "F34", attribution="charger"), DURING)

    assert rating.rate_session(session_id=trade.make_session(scene).pk, as_of=RATED) is None

    hold = RatingHold.objects.get()
    assert (hold.reason, hold.at_risk.amount) == ("meter_doubted", Decimal("62.50"))


@pytest.mark.parametrize("code", ["F16", "F17", "F19", "F22", "F36"])
def test_a_warning_that_touches_no_charge_costs_nobody_anything(
    scene: cast.Cast, code: str
) -> None:
    Rows().up(_fault(scene, code), DURING)

    assert not Impairment.objects.exists()
    assert _rated(scene).total_incl_vat.amount == Decimal("62.50")


def test_a_fault_of_the_station_meets_the_sessions_of_each_connector(scene: cast.Cast) -> None:
    fault = _fault(scene, "F23", connector=None, scope="station")

    Rows().up(fault, DURING)
    Rows().up(fault, DURING + timedelta(minutes=1))

    rows = Impairment.objects.filter(is_blocking=False)
    here = set(scene.socket.station.connectors.values_list("pk", flat=True))
    assert sorted(rows.values_list("connector_id", flat=True)) == sorted(here)


def test_what_is_over_meets_only_the_sessions_of_its_time(scene: cast.Cast) -> None:
    fault = _fault(scene, "F23")
    Rows().up(fault, DURING)
    fault.state, fault.cleared_at = Fault.State.CLEARED, DURING + timedelta(minutes=20)
    fault.save()

    Rows().up(fault, fault.cleared_at)

    row = Impairment.objects.get()
    assert (row.started_at, row.ended_at, row.is_blocking) == (DURING, fault.cleared_at, False)
    after = _rated(scene, started_at=DURING + timedelta(minutes=20))
    assert after.total_incl_vat.amount == Decimal("62.50")
    assert _rated(scene).total_incl_vat.amount == Decimal("50.00")


def _told(fault: Fault) -> list[tuple[datetime, datetime | None, bool]]:
    rows = Impairment.objects.filter(code=fault.code).order_by("started_at")
    return list(rows.values_list("started_at", "ended_at", "is_blocking"))


def test_a_fault_that_gets_worse_and_better_is_told_each_time_once(scene: cast.Cast) -> None:
    fault = _fault(scene, "F20")
    worse, better = DURING + timedelta(minutes=5), DURING + timedelta(minutes=9)
    rows = Rows()

    rows.up(fault, DURING)
    fault.severity = 3
    rows.down(fault, worse, worse)
    rows.down(fault, worse, worse + timedelta(minutes=1))
    assert _told(fault) == [(DURING, worse, False), (worse, None, True)]

    fault.severity = 4
    for minute in (0, 1):
        rows.up(fault, better + timedelta(minutes=minute))
    assert _told(fault) == [(DURING, worse, False), (worse, better, True), (better, None, False)]


def test_worse_from_the_first_instant_is_out_from_the_first_instant(scene: cast.Cast) -> None:
    fault = _fault(scene, "F20")
    Rows().up(fault, DURING)
    fault.severity = 3

    Rows().down(fault, DURING, DURING)

    assert _told(fault) == [(DURING, None, True)]


def test_what_only_charged_less_holds_nobody_who_stands(scene: cast.Cast) -> None:
    Rows().up(_fault(scene, "F23"), DURING)
    session: Session = trade.make_session(scene, parking_s=1800)

    assert holding.held_of([session]) == {}
