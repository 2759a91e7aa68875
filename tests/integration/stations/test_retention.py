"""Months are made ahead; what is old and settled is forgotten, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from billing.models import Cdr
from chargenet import joins
from stations import retention
from stations.models import (
    Command,
    Inbox,
    MeterValue,
    OcppFrame,
    OperationLimits,
    Session,
    StationReport,
)
from tests import cast as people
from tests.integration.billing import scene

pytestmark = pytest.mark.django_db
FAR = datetime(2031, 5, 17, 12, 0, tzinfo=UTC)


def _frame(made: people.Cast, received_at: datetime) -> OcppFrame:
    return OcppFrame.objects.create(
        id=int(received_at.timestamp()),
        operator_id=made.operator.pk,
        station_id=made.ac_station.pk,
        received_at=received_at,
        frame=b"[]",
    )


def _partition_of(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT tableoid::regclass::text FROM {table}")
        return str(cursor.fetchone()[0])


def _answer(made: people.Cast, key: str, received_at: datetime, session_id: int | None) -> None:
    Inbox.objects.create(
        operator_id=made.operator.pk,
        station_id=made.ac_station.pk,
        key=key,
        payload_hash=b"0" * 16,
        action="StopTransaction",
        answer={},
        session_id=session_id,
        received_at=received_at,
    )


def test_months_are_made_ahead_once_and_take_their_rows() -> None:
    made = people.make_cast()

    assert retention.make_partitions(as_of=FAR) == 2 * retention.MONTHS_AHEAD
    assert retention.make_partitions(as_of=FAR) == 0
    _frame(made, FAR)
    MeterValue.objects.create(
        id=1,
        operator_id=made.operator.pk,
        station_id=made.ac_station.pk,
        connector_id=made.socket.pk,
        occurred_at=FAR,
        received_at=FAR,
        energy_wh=1,
    )

    assert _partition_of("stations_ocppframe") == "stations_ocppframe_2031_05"
    assert _partition_of("stations_metervalue") == "stations_metervalue_2031_05"


def test_a_month_that_was_not_made_in_time_stays_in_the_default_partition() -> None:
    made = people.make_cast()
    _frame(made, FAR)

    assert retention.make_partitions(as_of=FAR) == 2 * retention.MONTHS_AHEAD - 1
    assert OcppFrame.objects.count() == 1


def test_frames_are_forgotten_after_90_days_and_not_before() -> None:
    made = people.make_cast()
    retention.forget_frames(as_of=FAR)  # the months made when the tables were
    retention.make_partitions(as_of=FAR)
    _frame(made, FAR)
    _frame(made, FAR - timedelta(days=400))

    assert retention.forget_frames(as_of=FAR + timedelta(days=89)) == 0
    assert [frame.received_at for frame in OcppFrame.objects.all()] == [FAR]
    assert retention.forget_frames(as_of=FAR + timedelta(days=120)) == 1
    assert not OcppFrame.objects.exists()


def test_the_web_reads_a_month_through_its_parent_only(as_web) -> None:
    made = people.make_cast()
    retention.make_partitions(as_of=FAR)
    _frame(made, FAR)
    with as_web(made.cilla), connection.cursor() as cursor:
        assert OcppFrame.objects.count() == 1
        cursor.execute("SELECT has_table_privilege('stations_ocppframe_2031_05', 'SELECT')")
        assert cursor.fetchone() == (False,)
    with as_web(made.erik):
        assert OcppFrame.objects.count() == 0


def test_an_answer_is_kept_while_its_session_can_still_be_billed() -> None:
    made = people.make_cast()
    old, as_of = FAR, FAR + timedelta(days=91)
    unrated = scene.make_session(made, started_at=FAR)
    flagged = scene.make_session(made, started_at=FAR, state=Session.State.FLAGGED)
    free = scene.make_session(made, started_at=FAR)
    tariff = scene.make_tariff(made, "free", scene.price_list("0"))
    Cdr.objects.create(
        operator=made.operator,
        session=free,
        location=made.location,
        station=made.ac_station,
        connector=made.socket,
        tariff=tariff,
        started_at=FAR,
        ended_at=FAR,
        energy_wh=1,
        total_excl_vat=0,
        vat_amount=0,
        total_incl_vat=0,
        vat_breakdown=[],
        lines=[],
        rated_at=FAR,
    )
    for key, at, session_id in (
        ("unrated", old, unrated.pk),
        ("flagged", old, flagged.pk),
        ("free", old, free.pk),
        ("status", old, None),
        ("young", as_of - timedelta(days=89), None),
    ):
        _answer(made, key, at, session_id)

    assert joins.forget_settled_inbox(as_of=as_of) == 3
    assert set(Inbox.objects.values_list("key", flat=True)) == {"unrated", "young"}


def _keep(made: people.Cast, **days: int) -> None:
    OperationLimits.objects.create(operator=made.operator, **days)


def test_an_operator_that_forgets_sooner_forgets_its_own_frames_only() -> None:
    made = people.make_cast()
    _keep(made, frames_kept_days=10)
    _frame(made, FAR - timedelta(days=11))
    kept = _frame(made, FAR - timedelta(days=9))
    OcppFrame.objects.create(
        id=7,
        operator_id=made.other_operator.pk,
        station_id=made.ac_station.pk,
        received_at=FAR - timedelta(days=11),
        frame=b"[]",
    )

    retention.forget_frames(as_of=FAR)

    assert set(OcppFrame.objects.values_list("id", flat=True)) == {kept.id, 7}


def test_a_month_is_kept_while_one_operator_keeps_it() -> None:
    made = people.make_cast()
    _keep(made, frames_kept_days=400)
    retention.make_partitions(as_of=FAR - timedelta(days=200))
    _frame(made, FAR - timedelta(days=200))

    retention.forget_frames(as_of=FAR)

    assert OcppFrame.objects.count() == 1


def test_reports_and_ended_commands_are_forgotten_in_their_time() -> None:
    made = people.make_cast()
    _keep(made, reports_kept_days=30, commands_kept_days=60)
    for days in (31, 29):
        StationReport.objects.create(
            operator=made.operator,
            station=made.ac_station,
            kind="X",
            received_at=FAR - timedelta(days=days),
        )
    for days, ended in ((61, True), (61, False), (59, True)):
        at = FAR - timedelta(days=days)
        Command.objects.create(
            operator=made.operator,
            station=made.ac_station,
            action="reset",
            state="accepted" if ended else "queued",
            created_at=at,
            expires_at=at,
            finished_at=at if ended else None,
            followed_at=at if ended else None,
        )

    assert retention.forget_reports(as_of=FAR) == 1
    assert retention.forget_commands(as_of=FAR) == 1
    assert Command.objects.filter(finished_at__isnull=True).count() == 1
