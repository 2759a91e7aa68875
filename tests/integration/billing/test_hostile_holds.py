"""What nobody would do to a hold, and somebody does."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from billing import holds, rating
from billing.holds import Correction
from billing.models import Cdr, RatingHold, SessionRuling
from stations.models import Session
from tests import cast
from tests.integration.billing import scene as trade
from tests.integration.billing.scene import NOON, RATED

pytestmark = pytest.mark.django_db
LATER = RATED + timedelta(days=1)
LONG_AGO = NOON - timedelta(days=400)
HOUR = timedelta(hours=1)


@pytest.fixture
def scene() -> cast.Cast:
    made = cast.make_cast()
    trade.assign(trade.make_tariff(made, "base", trade.price_list("4")))
    return made


def _held(scene: cast.Cast, reason: str = "", **fields: Any) -> Session:
    session = trade.make_session(scene, **fields)
    assert rating.rate_session(session_id=session.pk, as_of=RATED) is None
    assert reason in {"", RatingHold.objects.get(session=session).reason}
    return session


def _said(scene: cast.Cast, session: Session, turn: int = 1, **more: Any) -> dict[str, Any]:
    said = {"session_id": session.pk, "turn": turn, "reason": "seen", "actor": scene.fia}
    return said | {"as_of": LATER} | more


@pytest.mark.parametrize("told", [{"energy_wh": -5}, {"hours": -1}])
def test_a_completed_session_that_cannot_be_is_refused_before_anybody_may_release_it(
    scene: cast.Cast, told: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        trade.make_session(scene, **told)


def test_of_two_corrections_and_a_release_the_last_one_holds(scene: cast.Cast) -> None:
    session = _held(scene, "no_tariff", started_at=LONG_AGO)
    for turn, energy_wh in enumerate((1000, 2000), start=1):
        right = Correction(LONG_AGO, LONG_AGO + HOUR, energy_wh)
        assert holds.correct(correction=right, **_said(scene, session, turn)) is None
    trade.assign(trade.make_tariff(scene, "old", trade.price_list("4")), since=LONG_AGO)

    cdr = holds.release(**_said(scene, session, turn=3))

    # released is billed as it was told, whatever was written between
    assert cdr is not None
    assert cdr.energy_wh == 10_000
    assert list(SessionRuling.objects.order_by("turn").values_list("turn", "deed")) == [
        *((1, "correct"), (2, "correct"), (3, "release"))
    ]


def test_a_release_without_a_price_list_stays_held_by_its_name(scene: cast.Cast) -> None:
    session = _held(scene, "no_tariff", started_at=LONG_AGO)

    assert holds.release(**_said(scene, session)) is None
    rating.sweep_unrated_sessions(as_of=LATER + HOUR)

    hold = RatingHold.objects.get()
    assert (hold.session_id, hold.reason) == (session.pk, "no_tariff")
    assert not Cdr.objects.exists()


@pytest.mark.parametrize(
    ("began", "ended", "why"),
    [
        (datetime(1, 1, 1, tzinfo=UTC), datetime(1, 1, 2, tzinfo=UTC), "told_late"),
        (datetime(1, 1, 1, tzinfo=UTC), NOON, "told_late"),
        (NOON - timedelta(days=800), NOON, "too_long"),
    ],
)
def test_times_from_another_age_are_no_correction(
    scene: cast.Cast, began: datetime, ended: datetime, why: str
) -> None:
    session = _held(scene, hours=24 * 15)

    with pytest.raises(holds.CorrectionUnfit, match=why):
        holds.correct(correction=Correction(began, ended, 1), **_said(scene, session))


def test_a_reason_of_ten_megabytes_is_kept_as_far_as_anybody_reads(scene: cast.Cast) -> None:
    session = _held(scene, hours=24 * 15)

    holds.waive(**_said(scene, session, reason="å\0" * 5_000_000))

    assert SessionRuling.objects.get().reason == "å" * holds.LONGEST_REASON
