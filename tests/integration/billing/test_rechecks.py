"""The nightly reckoning finds every Cdr that would come to something else now, and no other."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from billing import rating, rechecks
from billing.models import Cdr, PriceDifference, PriceRecheck, Tariff
from billing.tariffs import price
from billing.tariffs.bill import LineKind
from chargenet.core import tenancy
from chargenet.dashboard.queries import overview
from stations.models import Impairment, Observation, Session
from tests import cast
from tests.integration.billing import scene as trade
from tests.integration.billing.scene import NOON, RATED

pytestmark = pytest.mark.django_db
DAY = RATED.date()
NIGHT = RATED + timedelta(days=1)
HOUR = timedelta(hours=1)
IDLE: dict[str, Any] = {"idle_fee": {"price_per_minute": 2, "vat": 25}}


@pytest.fixture
def scene() -> cast.Cast:
    return cast.make_cast()


def _rated(scene: cast.Cast, count: int = 1, **fields: Any) -> list[Session]:
    sessions = [
        trade.make_session(scene, started_at=NOON + number * 3 * HOUR, **fields)
        for number in range(count)
    ]
    rating.rate_sessions(session_ids=[each.pk for each in sessions], as_of=RATED)
    return sessions


def _tamper(old: str, new: str) -> None:
    """Change what prices were made from, as only the owner of the database can."""
    with connection.cursor() as cursor:
        for statement in (
            "SET CONSTRAINTS ALL IMMEDIATE",
            "SET LOCAL ROLE NONE",
            "ALTER TABLE billing_tariffsnapshot NO FORCE ROW LEVEL SECURITY",
        ):
            cursor.execute(statement)
        cursor.execute(
            "UPDATE billing_tariffsnapshot SET text = replace(text, %s, %s)", [old, new]
        )
        cursor.execute(f"SET LOCAL ROLE {tenancy.SYSTEM}")


def _recheck(scene: cast.Cast, day: date = DAY) -> PriceRecheck:
    return rechecks.recheck_day(operator_id=scene.operator.pk, day=day, as_of=NIGHT)


def test_what_is_as_it_was_differs_in_nothing(scene: cast.Cast) -> None:
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    _rated(scene, 3)

    made = _recheck(scene)

    assert (made.checked, made.unstored, made.different) == (3, 0, 0)
    assert not PriceDifference.objects.exists()


def test_a_price_list_that_was_edited_after_changes_no_price_that_was_made(
    scene: cast.Cast,
) -> None:
    tariff = trade.make_tariff(scene, "base", trade.price_list("3.2"))
    trade.assign(tariff)
    _rated(scene)
    Tariff.objects.filter(pk=tariff.pk).update(ocpi=trade.price_list("9"))

    assert _recheck(scene).different == 0


def test_a_fault_learnt_of_later_changes_no_price_that_was_made(scene: cast.Cast) -> None:
    tariff = trade.make_tariff(scene, "base", trade.price_list("3.2"))
    Tariff.objects.filter(pk=tariff.pk).update(native=IDLE)
    trade.assign(tariff)
    _rated(scene, hours=2, parking_s=3600)
    Impairment.objects.create(
        operator=scene.operator,
        connector=scene.socket,
        code="F20",
        cause="station",
        started_at=NOON,
        ended_at=NOON + 2 * HOUR,
    )

    assert _recheck(scene).different == 0


def test_energy_that_was_touched_after_the_price_was_made_is_found_and_told_once(
    scene: cast.Cast,
) -> None:
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    touched, _other = _rated(scene, 2)
    Session.objects.filter(pk=touched.pk).update(energy_wh=11_000)

    assert _recheck(scene).different == 1
    assert _recheck(scene).different == 1

    found = PriceDifference.objects.get()
    assert found.cdr.session == touched
    assert found.detail["what"] == ["excl_vat", "vat", "rates", "lines"]
    assert (found.detail["billed"]["excl_vat"], found.detail["again"]["excl_vat"]) == (
        "32.00",
        "35.20",
    )
    told = Observation.objects.get(kind="data_quality")
    assert (told.connector, told.detail["word"]) == (scene.socket, "price_differs")


def test_what_was_put_right_again_is_gone_and_comes_back_if_it_is_touched_again(
    scene: cast.Cast,
) -> None:
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    (session,) = _rated(scene)
    Session.objects.filter(pk=session.pk).update(energy_wh=11_000)
    _recheck(scene)

    Session.objects.filter(pk=session.pk).update(energy_wh=10_000)
    assert _recheck(scene).different == 0
    assert PriceDifference.objects.get().gone_at == NIGHT

    Session.objects.filter(pk=session.pk).update(energy_wh=12_000)
    later = NIGHT + timedelta(days=1)
    assert rechecks.recheck_day(operator_id=scene.operator.pk, day=DAY, as_of=later).different == 1
    assert PriceDifference.objects.get().gone_at is None
    assert Observation.objects.filter(kind="data_quality").count() == 2


def test_a_snapshot_that_was_tampered_with_is_found_and_stands_in_the_work_queue_until_mended(
    scene: cast.Cast,
) -> None:
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    _rated(scene, 2)
    _tamper("3.2", "3.1")

    rechecks.recheck_yesterday(as_of=NIGHT)

    assert PriceDifference.objects.filter(gone_at=None).count() == 2
    (waiting,) = (row for row in overview.work_queue(scene.cilla, NIGHT) if row.kind == "work")
    assert (waiting.value, waiting.what.split()[0]) == ("differs", "2")
    assert not [row for row in overview.work_queue(scene.erik, NIGHT) if row.value == "differs"]

    # a month later nobody asks for that day any more, but what is open is asked for every night
    _tamper("3.1", "3.2")
    rechecks.recheck_yesterday(as_of=NIGHT + timedelta(days=30))

    assert not PriceDifference.objects.filter(gone_at=None).exists()
    assert not [row for row in overview.work_queue(scene.cilla, NIGHT) if row.value == "differs"]


def test_a_snapshot_nobody_can_read_any_more_is_a_difference_too(scene: cast.Cast) -> None:
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    _rated(scene)
    _tamper("elements", "element")

    assert _recheck(scene).different == 1
    assert PriceDifference.objects.get().detail["what"] == ["unreadable"]


def test_an_engine_that_comes_to_something_else_is_found(
    scene: cast.Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    _rated(scene)
    monkeypatch.setitem(price.PER_UNIT, LineKind.ENERGY, 1001)

    assert _recheck(scene).different == 1
    assert "lines" in PriceDifference.objects.get().detail["what"]


def test_what_was_rated_before_anything_was_stored_is_counted_as_such(scene: cast.Cast) -> None:
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    (session,) = _rated(scene)
    old = Cdr.objects.get(session=session)
    old.pk, old.session, old.snapshot, old.given = None, trade.make_session(scene), None, {}
    Cdr.objects.bulk_create([old])

    made = _recheck(scene)

    assert (made.checked, made.unstored, made.different) == (1, 1, 0)


def test_every_operator_has_its_own_yesterday(scene: cast.Cast) -> None:
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    _rated(scene)

    made = rechecks.recheck_yesterday(as_of=NIGHT)

    assert {(row.operator_id, row.checked) for row in made} == {
        (scene.operator.pk, 1),
        (scene.other_operator.pk, 0),
    }
    assert {row.day for row in made} == {DAY}
