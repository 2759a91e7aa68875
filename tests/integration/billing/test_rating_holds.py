"""What is held instead of rated: why, how it is told, and that it is tried again."""

from datetime import timedelta
from decimal import Decimal

import pytest

from billing import charges, queries, rating
from billing.models import Cdr, RatingHold
from stations.models import Observation
from tests import cast
from tests.integration.billing import scene as trade
from tests.integration.billing.scene import RATED

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> cast.Cast:
    return cast.make_cast()


def test_a_session_without_a_tariff_is_held_with_a_reason_and_never_free(scene: cast.Cast) -> None:
    session = trade.make_session(scene)

    assert trade.rate(session) is None

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
        trade.rate(session)
    with django_capture_on_commit_callbacks() as again:
        rating.sweep_unrated_sessions(as_of=RATED + timedelta(minutes=16))

    assert RatingHold.objects.get().tried_at == RATED + timedelta(minutes=16)
    assert (len(first), len(again)) == (1, 0)


def test_a_held_session_is_rated_once_its_tariff_is_there(scene: cast.Cast) -> None:
    session = trade.make_session(scene)
    trade.rate(session)
    trade.assign(trade.make_tariff(scene, "late", trade.price_list("1")))

    cdr = trade.rate(session)

    assert trade.total(cdr) == Decimal("12.50")
    assert RatingHold.objects.count() == 0


def test_a_session_to_review_is_held_with_its_flags(scene: cast.Cast) -> None:
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    session = trade.make_session(scene, needs_review=True, flags=["register_jump"])

    assert trade.rate(session) is None

    hold = RatingHold.objects.get()
    assert (hold.reason, hold.detail) == ("needs_review", "register_jump")
    assert Observation.objects.count() == 0


def test_energy_that_two_sessions_count_is_held_and_billed_once_at_most(scene: cast.Cast) -> None:
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    inner = trade.make_session(scene, meter_start_wh=1500, meter_stop_wh=2500, energy_wh=1000)
    assert trade.rate(inner) is not None
    outer = trade.make_session(scene, meter_start_wh=1000, meter_stop_wh=9000, energy_wh=8000)
    beside = trade.make_session(scene, meter_start_wh=9000, meter_stop_wh=9500, energy_wh=500)

    assert trade.rate(outer) is None

    hold = RatingHold.objects.get(session=outer)
    assert hold.reason == "overlap"
    assert str(inner.pk) in hold.detail
    assert trade.rate(beside) is not None


def test_an_unreadable_tariff_holds_the_session_and_says_why(scene: cast.Cast) -> None:
    broken = trade.price_list("1")
    broken["elements"][0]["restriction"] = {}
    trade.assign(trade.make_tariff(scene, "broken", broken))
    session = trade.make_session(scene)

    assert trade.rate(session) is None

    assert "'restriction'" in RatingHold.objects.get(session=session).detail


def test_a_price_with_an_unnamed_tax_is_held(scene: cast.Cast) -> None:
    tariff = trade.price_list("1", None, tax_included="YES")
    trade.assign(trade.make_tariff(scene, "taxed", tariff))
    session = trade.make_session(scene)

    assert trade.rate(session) is None

    assert RatingHold.objects.get(session=session).reason == charges.TAX_UNKNOWN


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
