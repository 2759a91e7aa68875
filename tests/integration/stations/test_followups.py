from collections.abc import Callable, Mapping

import pytest
from django.db import DataError
from django.utils import timezone

from stations import followups
from stations.models import Command, Station, StationReport
from tests.cast import make_cast, make_station

pytestmark = pytest.mark.django_db


def report(kind: str, payload: Mapping[str, object] | None = None) -> StationReport:
    station = make_cast().ac_station
    return StationReport.objects.create(
        operator_id=station.operator_id,
        station=station,
        kind=kind,
        payload=dict(payload or {}),
        received_at=timezone.now(),
    )


def test_a_report_is_applied_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    monkeypatch.setattr(followups, "REPORTS", {"X": (lambda row, _: seen.append(row.pk),)})
    row = report("X")

    for _ in range(2):
        followups.follow_station(station_id=row.station_id, as_of=timezone.now())

    assert seen == [row.pk]


def test_a_report_nobody_can_read_is_kept_with_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: StationReport, __: object) -> None:
        raise ValueError("no number")

    monkeypatch.setattr(followups, "REPORTS", {"X": (fail,)})
    row = report("X")

    for _ in range(followups.MOST_ATTEMPTS + 2):
        followups.follow_station(station_id=row.station_id, as_of=timezone.now())

    row.refresh_from_db()
    assert (row.applied_at, row.attempts) == (None, followups.MOST_ATTEMPTS)
    assert row.error == "ValueError: no number"


def test_the_end_of_a_command_is_followed_by_action_and_by_origin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(followups, "ANSWERS", {"Reset": (lambda *_: heard.append("answer"),)})
    monkeypatch.setattr(followups, "ORIGINS", {"bulk": (lambda *_: heard.append("origin"),)})
    station, now = make_cast().ac_station, timezone.now()
    command = Command.objects.create(
        operator_id=station.operator_id,
        station=station,
        action="Reset",
        state="accepted",
        created_at=now,
        expires_at=now,
        finished_at=now,
        origin="bulk:7",
    )

    for _ in range(2):
        followups.follow_station(station_id=station.pk, as_of=now)

    assert heard == ["answer", "origin"]
    command.refresh_from_db()
    assert command.followed_at == now


def broken_by_the_store(_: StationReport, __: object) -> None:
    raise DataError("integer out of range")


def broken_by_a_row_that_is_gone(_: StationReport, __: object) -> None:
    raise Station.DoesNotExist("no such station")


@pytest.mark.parametrize("fail", [broken_by_the_store, broken_by_a_row_that_is_gone])
def test_a_report_that_does_not_fit_the_store_holds_up_no_later_one(
    monkeypatch: pytest.MonkeyPatch, fail: Callable[[StationReport, object], None]
) -> None:
    seen: list[int] = []
    monkeypatch.setattr(
        followups, "REPORTS", {"BAD": (fail,), "GOOD": (lambda row, _: seen.append(row.pk),)}
    )
    bad = report("BAD")
    good = another(bad, kind="GOOD")

    followups.follow_station(station_id=bad.station_id, as_of=timezone.now())

    bad.refresh_from_db()
    assert (seen, bad.applied_at, bad.attempts) == ([good.pk], None, 1)


def test_a_vehicle_that_needs_more_than_a_column_holds_does_not_stop_its_station() -> None:
    """Energy of 2^40 Wh at EVSE 2^40: the schema allows it, no column does."""
    needs = {"requestedEnergyTransfer": "DC", "dcChargingParameters": {"energyAmount": 2**40}}
    bad = report("NotifyEVChargingNeeds", {"evseId": 2**40, "chargingNeeds": needs})
    good = another(bad, kind="ReportNobodyReads")

    followups.follow_station(station_id=bad.station_id, as_of=timezone.now())

    good.refresh_from_db()
    assert good.applied_at is not None


def test_one_station_with_many_reports_hides_no_other_from_the_sweep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(followups, "MOST_AT_ONCE", 3)
    first = report("X")
    for _ in range(5):
        another(first)
    location = first.station.location
    other, _ = make_station(location, "NORD-LATE")
    another(first, station=other)

    found = followups.find_unfollowed(as_of=timezone.now() + followups.LEFT_ALONE * 2)

    assert found == sorted([first.station_id, other.pk])


def test_a_worker_that_was_away_catches_up_with_everything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """More lies there than one transaction takes, and its nudges are lost."""
    seen: list[int] = []
    monkeypatch.setattr(followups, "MOST_AT_ONCE", 3)
    monkeypatch.setattr(followups, "REPORTS", {"X": (lambda row, _: seen.append(row.pk),)})
    first = report("X")
    rows = [first.pk, *(another(first).pk for _ in range(9))]

    followups.follow_station(station_id=first.station_id, as_of=timezone.now())

    assert seen == rows


def another(
    row: StationReport, *, kind: str = "X", station: Station | None = None
) -> StationReport:
    station = station or row.station
    return StationReport.objects.create(
        operator_id=station.operator_id,
        station=station,
        kind=kind,
        payload={},
        received_at=timezone.now(),
    )
