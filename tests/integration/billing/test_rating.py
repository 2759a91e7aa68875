from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from billing import queries, rating
from billing.models import Cdr, Customer, RatingHold
from chargenet.core import events
from chargenet.core.events import Event
from stations.models import MeterValue, Observation, Session
from tests import cast
from tests.integration.billing import scene as trade
from tests.integration.billing.scene import NOON, RATED

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> cast.Cast:
    return cast.make_cast()


def _rate(session: Session) -> Cdr | None:
    return rating.rate_session(session_id=session.pk, as_of=RATED)


def _total(cdr: Cdr | None) -> Decimal:
    assert cdr is not None
    return Cdr.objects.values_list("total_incl_vat", flat=True).get(pk=cdr.pk)


def test_a_session_becomes_one_cdr_tagged_with_its_place_and_cable(scene: cast.Cast) -> None:
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    session = trade.make_session(scene, connector=scene.tethered, cable=scene.cable)

    cdr = _rate(session)

    assert cdr is not None
    assert _total(cdr) == Decimal("40.00")
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
    first = _rate(session)

    again = rating.rate_sessions(session_ids=[session.pk], as_of=RATED)

    assert again == {}
    assert list(Cdr.objects.all()) == [first]


def test_a_cdr_cannot_be_edited_or_deleted(scene: cast.Cast) -> None:
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    cdr = _rate(trade.make_session(scene))
    assert cdr is not None

    with pytest.raises(DatabaseError), transaction.atomic():
        Cdr.objects.filter(pk=cdr.pk).update(energy_wh=1)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM billing_cdr")


def test_a_session_without_a_tariff_is_held_with_a_reason_and_never_free(scene: cast.Cast) -> None:
    session = trade.make_session(scene)

    assert _rate(session) is None

    hold = RatingHold.objects.get(session=session)
    assert hold.reason == rating.NO_TARIFF
    assert Cdr.objects.count() == 0
    seen = Observation.objects.get()
    assert (seen.kind, seen.connector_id) == (rating.NO_TARIFF, scene.socket.pk)
    (waiting,) = queries.sessions_without_cdr(scene.operator.pk)
    assert (waiting.session_id, waiting.reason) == (session.pk, rating.NO_TARIFF)


def test_what_is_tried_again_in_vain_wakes_nobody_again(
    scene: cast.Cast, django_capture_on_commit_callbacks
) -> None:
    session = trade.make_session(scene)
    with django_capture_on_commit_callbacks() as first:
        _rate(session)
    with django_capture_on_commit_callbacks() as again:
        rating.sweep_unrated_sessions(as_of=RATED + timedelta(minutes=16))

    assert RatingHold.objects.get().tried_at == RATED + timedelta(minutes=16)
    assert (len(first), len(again)) == (1, 0)


def test_a_held_session_is_rated_once_its_tariff_is_there(scene: cast.Cast) -> None:
    session = trade.make_session(scene)
    _rate(session)
    trade.assign(trade.make_tariff(scene, "late", trade.price_list("1")))

    cdr = _rate(session)

    assert _total(cdr) == Decimal("12.50")
    assert RatingHold.objects.count() == 0


def test_a_free_tariff_makes_a_cdr_of_zero(scene: cast.Cast) -> None:
    trade.assign(trade.make_tariff(scene, "free", trade.price_list("0")))

    assert _total(_rate(trade.make_session(scene))) == 0


def test_a_session_to_review_is_held_with_its_flags(scene: cast.Cast) -> None:
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    session = trade.make_session(scene, needs_review=True, flags=["register_jump"])

    assert _rate(session) is None

    hold = RatingHold.objects.get()
    assert (hold.reason, hold.detail) == (rating.NEEDS_REVIEW, "register_jump")
    assert Observation.objects.count() == 0


def test_energy_that_two_sessions_count_is_held_and_billed_once_at_most(scene: cast.Cast) -> None:
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    inner = trade.make_session(scene, meter_start_wh=1500, meter_stop_wh=2500, energy_wh=1000)
    assert _rate(inner) is not None
    outer = trade.make_session(scene, meter_start_wh=1000, meter_stop_wh=9000, energy_wh=8000)
    beside = trade.make_session(scene, meter_start_wh=9000, meter_stop_wh=9500, energy_wh=500)

    assert _rate(outer) is None

    hold = RatingHold.objects.get(session=outer)
    assert hold.reason == "needs_review"
    assert str(inner.pk) in hold.detail
    assert _rate(beside) is not None


def test_an_open_session_is_refused_and_a_flagged_one_never_billed(scene: cast.Cast) -> None:
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    flagged = trade.make_session(scene, state=Session.State.FLAGGED)

    with pytest.raises(rating.SessionNotRateable):
        _rate(flagged)
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
        _total(_rate(session))
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

    before = _rate(trade.make_session(scene, started_at=NOON - timedelta(seconds=1)))
    after = _rate(trade.make_session(scene, started_at=NOON))

    assert [_total(before), _total(after)] == [10, 20]


def test_an_unreadable_tariff_holds_the_session_and_says_why(scene: cast.Cast) -> None:
    broken = trade.price_list("1")
    broken["elements"][0]["restriction"] = {}
    trade.assign(trade.make_tariff(scene, "broken", broken))
    session = trade.make_session(scene)

    assert _rate(session) is None

    assert "'restriction'" in RatingHold.objects.get(session=session).detail


def test_a_price_with_an_unnamed_tax_is_held(scene: cast.Cast) -> None:
    tariff = trade.price_list("1", None, tax_included="YES")
    trade.assign(trade.make_tariff(scene, "taxed", tariff))
    session = trade.make_session(scene)

    assert _rate(session) is None

    assert RatingHold.objects.get(session=session).reason == rating.TAX_UNKNOWN


def test_a_consumer_owes_a_rounded_gross_and_a_business_a_rounded_net(scene: cast.Cast) -> None:
    trade.assign(trade.make_tariff(scene, "odd", trade.price_list("0.333")))
    company = trade.make_customer(scene, "firm", kind=Customer.Kind.BUSINESS)
    trade.make_contract(scene, company, token=scene.bos_token)

    private = _rate(trade.make_session(scene, energy_wh=1_500))
    firm = _rate(trade.make_session(scene, energy_wh=1_500, token=scene.bos_token))

    rows = Cdr.objects.values_list("total_excl_vat", "vat_amount", "total_incl_vat")
    assert private is not None
    assert firm is not None
    # exact: 0.4995 without, 0.624375 with tax
    assert rows.get(pk=private.pk) == (Decimal("0.50"), Decimal("0.12"), Decimal("0.62"))
    assert rows.get(pk=firm.pk) == (Decimal("0.50"), Decimal("0.13"), Decimal("0.63"))


def test_a_driver_without_a_customer_record_gets_one(scene: cast.Cast) -> None:
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))

    cdr = _rate(trade.make_session(scene, driver=scene.bo))

    assert cdr is not None
    assert cdr.customer is not None
    assert (cdr.customer.user, cdr.customer.name) == (scene.bo, "Bo")


def test_a_site_without_known_drivers_bills_its_collective_customer(scene: cast.Cast) -> None:
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    site = trade.make_customer(scene, "site", location=scene.location)

    cdr = _rate(trade.make_session(scene))

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

    assert _total(_rate(session)) == 11


def test_rated_sessions_are_announced_after_commit(
    scene: cast.Cast, django_capture_on_commit_callbacks, monkeypatch
) -> None:
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    heard: list[events.News] = []
    monkeypatch.setattr(events, "_transport", heard.extend)

    with django_capture_on_commit_callbacks(execute=True):
        cdr = _rate(trade.make_session(scene))
        assert heard == []

    assert cdr is not None
    assert heard == [(Event.CDR_RATED, {"cdr_id": cdr.pk})]


def test_the_sweep_finds_what_a_lost_nudge_left_and_tries_held_ones_now_and_then(
    scene: cast.Cast,
) -> None:
    waiting = trade.make_session(scene)
    assert rating.sweep_unrated_sessions(as_of=RATED) == {rating.NO_TARIFF: 1}
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))

    soon = rating.sweep_unrated_sessions(as_of=RATED + timedelta(minutes=1))
    later = rating.sweep_unrated_sessions(as_of=RATED + timedelta(minutes=16))

    assert (soon, later) == ({}, {"rated": 1})
    assert Cdr.objects.get().session == waiting


def test_a_price_beyond_all_books_holds_its_session_and_no_other(scene: cast.Cast) -> None:
    absurd = trade.make_tariff(scene, "absurd", trade.price_list("999999999999"))
    trade.assign(trade.make_tariff(scene, "fair", trade.price_list("4")))
    trade.assign(absurd, scene.tethered)
    fair = trade.make_session(scene)
    beyond = trade.make_session(scene, connector=scene.tethered)

    counts = rating.sweep_unrated_sessions(as_of=RATED)

    assert counts == {"rated": 1, "amount_beyond_books": 1}
    assert Cdr.objects.get().session_id == fair.pk
    assert RatingHold.objects.get().session_id == beyond.pk
