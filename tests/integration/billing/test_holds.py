from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from billing import holds, rating
from billing.holds import Correction
from billing.models import Cdr, RatingHold, SessionRuling
from chargenet.core.models import AuditEntry
from stations.models import Session
from tests import cast
from tests.as_web import AsWeb
from tests.integration.billing import scene as trade
from tests.integration.billing.scene import NOON, RATED

pytestmark = pytest.mark.django_db
LATER = RATED + timedelta(days=1)


@pytest.fixture
def scene() -> cast.Cast:
    made = cast.make_cast()
    trade.assign(trade.make_tariff(made, "base", trade.price_list("4")))
    return made


def _held(scene: cast.Cast, **fields: Any) -> Session:
    fields = {"needs_review": True, "flags": ["stop_below_sample"], **fields}
    session = trade.make_session(scene, **fields)
    assert rating.rate_session(session_id=session.pk, as_of=RATED) is None
    return session


def _said(scene: cast.Cast, session: Session, turn: int = 1) -> dict[str, Any]:
    return {
        "session_id": session.pk,
        "turn": turn,
        "reason": "seen by Fia",
        "actor": scene.fia,
        "as_of": LATER,
    }


def _total(cdr: Cdr | None) -> Decimal:
    assert cdr is not None
    total: Decimal = cdr.total_incl_vat.amount
    return total


def test_a_released_session_is_billed_as_it_is_by_who_decides_on_the_web(
    scene: cast.Cast, as_web: AsWeb
) -> None:
    session = _held(scene, driver=scene.astrid)

    with as_web(scene.fia):
        cdr = holds.release(**_said(scene, session))

    assert _total(cdr) == Decimal("50.00")
    assert not RatingHold.objects.exists()
    ruling, entry = SessionRuling.objects.get(), AuditEntry.objects.get()
    assert (ruling.deed, ruling.held_for, ruling.made_by) == ("release", "needs_review", scene.fia)
    assert (entry.action, entry.details["reason"]) == ("session.release", "seen by Fia")


def test_a_waived_session_has_a_cdr_of_nothing_even_where_no_price_list_holds(
    scene: cast.Cast, as_web: AsWeb
) -> None:
    priced = _held(scene)
    unpriced = _held(scene, started_at=NOON - timedelta(days=400))
    assert RatingHold.objects.get(session=unpriced).reason == rating.NO_TARIFF

    with as_web(scene.fia):
        cdrs = [holds.waive(**_said(scene, each)) for each in (priced, unpriced)]

    assert [_total(cdr) for cdr in cdrs] == [0, 0]
    assert {cdr.gate["waived_by"] for cdr in cdrs if cdr} == {"person"}


def test_a_corrected_session_is_billed_by_what_a_person_said_and_keeps_what_was_told(
    scene: cast.Cast, as_web: AsWeb
) -> None:
    session = _held(scene, meter_start_wh=5, meter_stop_wh=10_005)
    right = Correction(NOON, NOON + timedelta(minutes=30), 2_000)

    with as_web(scene.fia):
        cdr = holds.correct(correction=right, **_said(scene, session))

    session.refresh_from_db()
    ruling = SessionRuling.objects.get()
    assert _total(cdr) == Decimal("10.00")
    assert cdr is not None
    assert (cdr.ended_at, cdr.energy_wh) == (right.ended_at, 2_000)
    assert (session.energy_wh, session.ended_at) == (10_000, NOON + timedelta(hours=1))
    assert ruling.original["energy_wh"] == 10_000
    assert ruling.original["meter_stop_wh"] == 10_005
    assert ruling.corrected["energy_wh"] == 2_000


@pytest.mark.parametrize(
    ("correction", "why"),
    [
        (Correction(NOON, NOON - timedelta(seconds=1), 1), "ends_before_start"),
        (Correction(NOON, LATER + timedelta(seconds=1), 1), "in_future"),
        (Correction(NOON, NOON + timedelta(hours=1), -1), "negative_energy"),
        (Correction(NOON, NOON + timedelta(hours=1), 33_001), "over_power"),
    ],
)
def test_a_correction_that_cannot_be_true_is_refused_by_name(
    scene: cast.Cast, correction: Correction, why: str
) -> None:
    session = _held(scene)

    with pytest.raises(holds.CorrectionUnfit, match=why):
        holds.correct(correction=correction, **_said(scene, session))

    assert not SessionRuling.objects.exists()
    assert RatingHold.objects.count() == 1


def test_a_deed_is_done_once_however_often_it_is_pressed(scene: cast.Cast) -> None:
    session = _held(scene)
    first = holds.release(**_said(scene, session))

    with pytest.raises(holds.HoldGone):
        holds.release(**_said(scene, session))
    with pytest.raises(holds.HoldGone):
        holds.waive(**_said(scene, session))

    assert list(Cdr.objects.all()) == [first]
    assert SessionRuling.objects.count() == AuditEntry.objects.count() == 1


def test_a_second_window_that_does_not_know_of_a_ruling_is_refused(scene: cast.Cast) -> None:
    session = _held(scene, started_at=NOON - timedelta(days=400))
    assert holds.release(**_said(scene, session)) is None

    with pytest.raises(holds.RulingStale):
        holds.waive(**_said(scene, session))
    assert _total(holds.waive(**_said(scene, session, turn=2))) == 0


def test_what_a_person_released_is_billed_as_soon_as_a_price_list_is_there(
    scene: cast.Cast,
) -> None:
    long_ago = NOON - timedelta(days=400)
    session = _held(scene, started_at=long_ago)
    holds.release(**_said(scene, session))
    trade.assign(trade.make_tariff(scene, "old", trade.price_list("1")), since=long_ago)

    cdr = rating.rate_session(session_id=session.pk, as_of=LATER)

    assert _total(cdr) == Decimal("12.50")


def test_a_deed_without_a_reason_is_refused(scene: cast.Cast) -> None:
    session = _held(scene)

    with pytest.raises(holds.ReasonMissing):
        holds.release(**{**_said(scene, session), "reason": " \0 "})


def test_all_of_one_reason_are_released_at_once_and_no_other(
    scene: cast.Cast, as_web: AsWeb
) -> None:
    doubted = [_held(scene, started_at=NOON + timedelta(hours=hour)) for hour in (0, 2)]
    other = _held(scene, needs_review=False, flags=[], hours=24 * 15, connector=scene.tethered)

    with as_web(scene.fia):
        counts = holds.release_many(
            operator_id=scene.operator.pk,
            held_for="needs_review",
            reason="a known quirk of that make",
            actor=scene.fia,
            as_of=LATER,
        )

    assert counts == {"rated": 2}
    assert set(Cdr.objects.values_list("session_id", flat=True)) == {s.pk for s in doubted}
    assert RatingHold.objects.get().session_id == other.pk
    assert SessionRuling.objects.count() == AuditEntry.objects.count() == 2


def test_a_ruling_is_never_edited(scene: cast.Cast) -> None:
    holds.release(**_said(scene, _held(scene)))

    with pytest.raises(DatabaseError), transaction.atomic():
        SessionRuling.objects.update(reason="another")
