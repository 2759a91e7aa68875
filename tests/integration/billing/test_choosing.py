"""Which tariff a session has and why, and what is handed to the engine beside it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import rating
from billing.models import (
    Cdr,
    Customer,
    CustomerGroup,
    FairRule,
    RatingHold,
    SpotPrice,
    Tariff,
    TariffAssignment,
    TariffSnapshot,
)
from stations.models import Connector, Hold, Impairment, Observation, Session, StatusChange
from tests import cast
from tests.integration.billing import scene as trade
from tests.integration.billing.scene import NOON, RATED

pytestmark = pytest.mark.django_db
HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)
FREE: dict[str, Any] = {"currency": "SEK", "elements": []}


@pytest.fixture
def scene() -> cast.Cast:
    return cast.make_cast()


def _ours(scene: cast.Cast, ocpi: dict[str, Any] | None = None, **native: Any) -> Tariff:
    tariff = trade.make_tariff(scene, "ours", ocpi or trade.price_list("4"))
    tariff.native, tariff.spot_area = native, "SE3"
    Tariff.objects.bulk_update([tariff], ["native", "spot_area"])
    trade.assign(tariff)
    return tariff


def _rate(session: Session) -> Cdr:
    cdr = rating.rate_session(session_id=session.pk, as_of=RATED)
    assert cdr is not None, RatingHold.objects.get(session=session).detail
    return Cdr.objects.get(pk=cdr.pk)


def test_the_cdr_says_which_rule_gave_its_tariff_and_keeps_the_list(scene: cast.Cast) -> None:
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3")))
    local = trade.assign(trade.make_tariff(scene, "dc", trade.price_list("5")), scene.dc_station)

    cdr = _rate(trade.make_session(scene, connector=scene.tethered))
    later = NOON + 2 * HOUR
    again = _rate(trade.make_session(scene, connector=scene.tethered, started_at=later))

    assert cdr.chosen == {"rule": "station", "row": local.pk}
    assert cdr.snapshot is not None
    assert '"price": 5.0' in cdr.snapshot.text
    assert (again.snapshot_id, TariffSnapshot.objects.count()) == (cdr.snapshot_id, 1)


def test_a_price_of_one_power_class_beats_one_of_any_power_there(scene: cast.Cast) -> None:
    fast = trade.assign(trade.make_tariff(scene, "fast", trade.price_list("6")), scene.location)
    fast.from_power_w = 100_000
    type(fast).objects.bulk_update([fast], ["from_power_w"])
    base = trade.make_tariff(scene, "slow", trade.price_list("3"))
    trade.assign(base, scene.location, since=NOON)
    quick, slow = scene.tethered, scene.socket
    quick.max_power_w, slow.max_power_w = 150_000, 22_000
    type(quick).objects.bulk_update([quick, slow], ["max_power_w"])

    assert _rate(trade.make_session(scene, connector=quick)).tariff == fast.tariff
    assert _rate(trade.make_session(scene, connector=slow)).tariff == base


def test_where_a_price_goes_by_power_nobody_knows_the_session_waits(scene: cast.Cast) -> None:
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3")))
    fast = trade.assign(trade.make_tariff(scene, "fast", trade.price_list("6")), scene.location)
    fast.below_power_w = 50_000
    type(fast).objects.bulk_update([fast], ["below_power_w"])
    scene.socket.max_power_w = None
    type(scene.socket).objects.bulk_update([scene.socket], ["max_power_w"])
    session = trade.make_session(scene)

    assert rating.rate_session(session_id=session.pk, as_of=RATED) is None
    assert RatingHold.objects.get().reason == rating.POWER_UNKNOWN


def _for(scene: cast.Cast, price: str, place: Connector | None = None, **whom: Any) -> Tariff:
    tariff = trade.make_tariff(scene, price, trade.price_list(price))
    TariffAssignment.objects.create(
        operator=scene.operator, tariff=tariff, connector=place, valid_from=trade.OPENED, **whom
    )
    return tariff


def test_the_contract_comes_first_then_the_group_the_partner_and_the_place(
    scene: cast.Cast,
) -> None:
    group = CustomerGroup.objects.create(operator=scene.operator, name="Neighbours")
    partner = trade.make_customer(scene, "p", kind=Customer.Kind.PARTNER)
    contract = trade.make_contract(scene, partner)
    wanted: list[tuple[str, dict[str, Any]]] = [
        ("operator", {}),
        ("connector", {"place": scene.socket}),
        ("partner", {"partner": partner}),
        ("group", {"group": group}),
        ("group", {"group": group, "place": scene.socket}),
    ]
    Customer.objects.filter(pk=partner.pk).update(group=group)
    for number, (rule, held) in enumerate(wanted):
        tariff = _for(scene, str(number + 1), **held)
        session = trade.make_session(
            scene, token=scene.astrids_token, started_at=NOON + number * 3 * HOUR
        )
        cdr = _rate(session)
        assert (cdr.tariff, cdr.chosen["rule"]) == (tariff, rule)
    contract.tariff = _for(scene, "9", scene.tethered)
    type(contract).objects.bulk_update([contract], ["tariff"])
    session = trade.make_session(scene, token=scene.astrids_token, started_at=NOON + 24 * HOUR)
    assert _rate(session).chosen == {"rule": "contract", "row": contract.pk}


def test_a_groups_price_is_nobody_elses(scene: cast.Cast) -> None:
    group = CustomerGroup.objects.create(operator=scene.operator, name="Neighbours")
    base = _for(scene, "4")
    _for(scene, "1", group=group)

    assert _rate(trade.make_session(scene)).tariff == base


def test_spot_prices_hold_per_quarter_and_are_kept_with_the_price(scene: cast.Cast) -> None:
    _ours(scene, FREE, spot={"markup": 0.10, "vat": 25})
    session = trade.make_session(scene, energy_wh=8_000)

    assert rating.rate_session(session_id=session.pk, as_of=RATED) is None
    hold = RatingHold.objects.get()
    assert (hold.reason, "2026-11-02T11:00" in hold.detail) == (rating.SPOT_MISSING, True)

    SpotPrice.objects.bulk_create(
        SpotPrice(
            operator=scene.operator,
            area="SE3",
            currency="SEK",
            starts_at=NOON + number * QUARTER,
            price=Decimal(number + 1),
            read_at=RATED,
        )
        for number in range(8)
    )
    cdr = _rate(session)
    # 2 kWh a quarter at 1.10, 2.10, 3.10 and 4.10
    assert cdr.total_excl_vat.amount == Decimal("20.80")
    assert list(cdr.given["spot"].values()) == ["1", "2", "3", "4"]


def test_a_cap_per_day_counts_what_the_same_driver_paid_that_day(scene: cast.Cast) -> None:
    _ours(scene, max_per_day={"excl_vat": 60, "incl_vat": 75})
    driven = [
        trade.make_session(scene, started_at=NOON + hours * HOUR, driver=scene.astrid)
        for hours in (0, 2, 4, 24)
    ]
    rating.rate_sessions(session_ids=[each.pk for each in driven[:2]], as_of=RATED)
    rating.rate_sessions(session_ids=[each.pk for each in driven[2:]], as_of=RATED)

    totals = [Cdr.objects.get(session=each).total_incl_vat.amount for each in driven]
    assert totals == [Decimal(50), Decimal(25), Decimal(0), Decimal(50)]


def test_many_sessions_under_a_cap_per_day_ask_no_more_than_few(
    scene: cast.Cast,
) -> None:
    _ours(scene, max_per_day={"excl_vat": 60, "incl_vat": 75})

    def asked(days: range) -> int:
        ids = [
            trade.make_session(
                scene,
                started_at=NOON - day * 24 * HOUR,
                driver=scene.astrid,
                token=scene.astrids_token,
            ).pk
            for day in days
        ]
        with CaptureQueriesContext(connection) as seen:
            rating.rate_sessions(session_ids=ids, as_of=RATED, announce=False)
        return len(seen)

    asked(range(1))
    assert asked(range(1, 3)) == asked(range(3, 15))


def _pause(session: Session, start: datetime, end: datetime) -> None:
    StatusChange.objects.bulk_create(
        StatusChange(
            operator_id=session.operator_id,
            station_id=session.station_id,
            connector_id=session.connector_id,
            status=status,
            occurred_at=at,
            received_at=at,
        )
        for status, at in (("SuspendedEVSE", start), ("SuspendedEV", end))
    )


def _fail(session: Session, start: datetime, end: datetime, cause: str = "station") -> None:
    Impairment.objects.create(
        operator_id=session.operator_id,
        connector_id=session.connector_id,
        code="F20",
        cause=cause,
        started_at=start,
        ended_at=end,
    )


def _share(session: Session, start: datetime, end: datetime) -> None:
    Hold.objects.create(
        operator_id=session.operator_id,
        connector_id=session.connector_id,
        session=session,
        started_at=start,
        ended_at=end,
    )


def _lock(session: Session, start: datetime, end: datetime) -> None:
    Observation.objects.bulk_create(
        Observation(
            operator_id=session.operator_id,
            station_id=session.station_id,
            connector_id=session.connector_id,
            kind="unlock",
            source_id=f"command:{at:%H%M}",
            detail={"status": status},
            occurred_at=at,
            received_at=at,
        )
        for status, at in (("UnlockFailed", start), ("Unlocked", end))
    )


@pytest.mark.parametrize("held", [_pause, _fail, _share, _lock])
def test_idling_costs_nothing_while_something_of_ours_holds_the_car(
    scene: cast.Cast, held: Callable[..., None]
) -> None:
    _ours(scene, idle_fee={"price_per_minute": 2, "vat": 25})
    # whatever the policy for faults would waive besides
    FairRule.objects.create(
        operator=scene.operator, position=1, outcome="bill", valid_from=trade.OPENED
    )
    session = trade.make_session(scene, hours=2, parking_s=3600)
    held(session, NOON + 1.25 * HOUR, NOON + 1.75 * HOUR)

    cdr = _rate(session)

    # 40 kr of energy and 30 of 60 minutes at 2 kr, without VAT
    assert cdr.total_excl_vat.amount == Decimal(100)
    assert len(cdr.given["held"]) == 1


def test_what_the_vehicle_does_is_idling(scene: cast.Cast) -> None:
    _ours(scene, idle_fee={"price_per_minute": 2, "vat": 25})
    session = trade.make_session(scene, hours=2, parking_s=3600)
    _fail(session, NOON, NOON + 2 * HOUR, cause="vehicle")

    assert _rate(session).total_excl_vat.amount == Decimal(160)
