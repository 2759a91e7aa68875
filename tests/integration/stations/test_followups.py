from collections.abc import Mapping

import pytest
from django.utils import timezone

from stations import followups
from stations.models import Command, StationReport
from tests.cast import make_cast

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
