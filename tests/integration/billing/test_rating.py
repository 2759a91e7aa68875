from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from billing import rating
from billing.models import Cdr, Customer
from chargenet.core import events
from chargenet.core.events import Event
from stations.models import MeterValue, Session
from tests import cast
from tests.integration.billing import scene as trade
from tests.integration.billing.scene import NOON, RATED

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> cast.Cast:
    return cast.make_cast()


def test_a_session_becomes_one_cdr_tagged_with_its_place_and_cable(scene: cast.Cast) -> None:
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    session = trade.make_session(scene, connector=scene.tethered, cable=scene.cable)

    cdr = trade.rate(session)

    assert cdr is not None
    assert trade.total(cdr) == Decimal("40.00")
    assert (cdr.station, cdr.connector, cdr.cable) == (
        scene.dc_station,
        scene.tethered,
        scene.cable,
    )
    assert cdr.vat_breakdown == [
        {"rate": "25", "excl_vat": "32.00", "vat": "8.00", "incl_vat": "40.00"}
    ]
    assert cdr.lines[0]["quantity"] == "10"


def test_rating_twice_changes_nothing(scene: cast.Cast) -> None:
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    session = trade.make_session(scene)
    first = trade.rate(session)

    again = rating.rate_sessions(session_ids=[session.pk], as_of=RATED)

    assert again == {}
    assert list(Cdr.objects.all()) == [first]


def test_a_cdr_cannot_be_edited_or_deleted(scene: cast.Cast) -> None:
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    cdr = trade.rate(trade.make_session(scene))
    assert cdr is not None

    with pytest.raises(DatabaseError), transaction.atomic():
        Cdr.objects.filter(pk=cdr.pk).update(energy_wh=1)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM billing_cdr")


def test_a_free_tariff_makes_a_cdr_of_zero(scene: cast.Cast) -> None:
    trade.assign(trade.make_tariff(scene, "free", trade.price_list("0")))

    assert trade.total(trade.rate(trade.make_session(scene))) == 0


def test_an_open_session_is_refused_and_a_flagged_one_never_billed(scene: cast.Cast) -> None:
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    flagged = trade.make_session(scene, state=Session.State.FLAGGED)

    with pytest.raises(rating.SessionNotRateable):
        trade.rate(flagged)
    assert rating.rate_sessions(session_ids=[flagged.pk], as_of=RATED) == {}


def test_the_narrowest_place_and_the_contract_decide_the_price(scene: cast.Cast) -> None:
    for price, place in (
        ("1", None),
        ("2", scene.location),
        ("3", scene.ac_station),
        ("4", scene.socket),
    ):
        trade.assign(trade.make_tariff(scene, f"p{price}", trade.price_list(price, 0)), place)
    own = trade.make_tariff(scene, "own", trade.price_list("5", 0))
    trade.make_contract(scene, trade.make_customer(scene), tariff=own)
    other_socket = scene.ac_station.connectors.exclude(pk=scene.socket.pk).get()

    totals = [
        trade.total(trade.rate(session))
        for session in (
            trade.make_session(scene),
            trade.make_session(scene, connector=other_socket),
            trade.make_session(scene, connector=scene.tethered),
            trade.make_session(scene, token=scene.astrids_token),
        )
    ]

    assert totals == [40, 30, 20, 50]


def test_the_tariff_is_the_one_that_held_when_the_session_began(scene: cast.Cast) -> None:
    old = trade.make_tariff(scene, "base", trade.price_list("1", 0))
    new = trade.make_tariff(scene, "base", trade.price_list("2", 0), version=2)
    trade.assign(old, until=NOON)
    trade.assign(new, since=NOON)

    before = trade.rate(trade.make_session(scene, started_at=NOON - timedelta(seconds=1)))
    after = trade.rate(trade.make_session(scene, started_at=NOON))

    assert [trade.total(before), trade.total(after)] == [10, 20]


def test_a_consumer_owes_a_rounded_gross_and_a_business_a_rounded_net(scene: cast.Cast) -> None:
    trade.assign(trade.make_tariff(scene, "odd", trade.price_list("0.333")))
    company = trade.make_customer(scene, "firm", kind=Customer.Kind.BUSINESS)
    trade.make_contract(scene, company, token=scene.bos_token)

    private = trade.rate(trade.make_session(scene, energy_wh=1_500))
    firm = trade.rate(trade.make_session(scene, energy_wh=1_500, token=scene.bos_token))

    rows = Cdr.objects.values_list("total_excl_vat", "vat_amount", "total_incl_vat")
    assert private is not None
    assert firm is not None
    # exact: 0.4995 without, 0.624375 with tax
    assert rows.get(pk=private.pk) == (Decimal("0.50"), Decimal("0.12"), Decimal("0.62"))
    assert rows.get(pk=firm.pk) == (Decimal("0.50"), Decimal("0.13"), Decimal("0.63"))


def test_a_driver_without_a_customer_record_gets_one(scene: cast.Cast) -> None:
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))

    cdr = trade.rate(trade.make_session(scene, driver=scene.bo))

    assert cdr is not None
    assert cdr.customer is not None
    assert (cdr.customer.user, cdr.customer.name) == (scene.bo, "Bo")


def test_a_site_without_known_drivers_bills_its_collective_customer(scene: cast.Cast) -> None:
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    site = trade.make_customer(scene, "site", location=scene.location)

    cdr = trade.rate(trade.make_session(scene))

    assert cdr is not None
    assert cdr.customer == site


def test_samples_say_when_the_energy_flowed(scene: cast.Cast) -> None:
    day = {"type": "ENERGY", "price": 1, "step_size": 1}
    night = {"type": "ENERGY", "price": 2, "step_size": 1}
    elements = [
        {"price_components": [day], "restrictions": {"end_time": "12:30"}},
        {"price_components": [night]},
    ]
    trade.assign(trade.make_tariff(scene, "clock", {"currency": "SEK", "elements": elements}))
    # 12:00 to 13:00 in Stockholm; nine of ten kWh came before half past
    session = trade.make_session(scene, meter_start_wh=1_000, meter_stop_wh=11_000)
    half_past = NOON + timedelta(minutes=30)
    MeterValue.objects.create(
        id=1,
        operator_id=scene.operator.pk,
        station_id=session.station_id,
        connector_id=session.connector_id,
        session_id=session.pk,
        occurred_at=half_past,
        received_at=half_past,
        energy_wh=10_000,
    )

    assert trade.total(trade.rate(session)) == 11


def test_rated_sessions_are_announced_after_commit(
    scene: cast.Cast, django_capture_on_commit_callbacks, monkeypatch
) -> None:
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    heard: list[events.News] = []
    monkeypatch.setattr(events, "_transport", heard.extend)

    with django_capture_on_commit_callbacks(execute=True):
        cdr = trade.rate(trade.make_session(scene))
        assert heard == []

    assert cdr is not None
    assert heard == [(Event.CDR_RATED, {"cdr_id": cdr.pk})]
