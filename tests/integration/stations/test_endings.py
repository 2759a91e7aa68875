"""Sessions whose end is in doubt: asked about, closed by the station's own word, never twice."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from stations import commands, endings
from stations.models import Command, Inbox, Session, Station
from tests.cast import Cast, make_cast

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def made() -> Cast:
    made = make_cast()
    Station.objects.filter(pk=made.dc_station.pk).update(
        is_online=True, ocpp_version="2.0.1", last_boot_at=NOW - timedelta(days=9)
    )
    return made


def session(made: Cast, numbers: tuple[int, ...] = (), **changes: Any) -> Session:
    given: dict[str, Any] = {
        "operator": made.operator,
        "station": made.dc_station,
        "connector": made.dc_station.connectors.get(),
        "ocpp_transaction_id": "t:1",
        "started_at": NOW - timedelta(hours=2),
        "received_at": NOW - timedelta(hours=2),
        "meter_start_wh": 1000,
        "last_register_wh": 5000,
        "last_meter_at": NOW - timedelta(hours=1),
    }
    row = Session.objects.create(**given | changes)
    for number in numbers:
        Inbox.objects.create(
            operator_id=row.operator_id,
            station_id=row.station_id,
            key=f"event:t:1:{number}:updated:",
            payload_hash=b"",
            action="TransactionEvent",
            answer={},
            received_at=NOW,
        )
    return row


def gapped(made: Cast, numbers: tuple[int, ...], **changes: Any) -> Session:
    ended = {
        "state": "completed",
        "ended_at": NOW - timedelta(hours=1),
        "completed_at": NOW - timedelta(hours=1),
        "meter_stop_wh": 5000,
        "energy_wh": 4000,
        "flags": ["seq_gap"],
    }
    return session(made, numbers, **ended | changes)


def answered(answer: dict[str, Any], at: datetime = NOW) -> Command:
    command = Command.objects.get(finished_at=None)
    command.state, command.answer, command.finished_at = "accepted", answer, at
    command.save()
    endings.hear_transaction(command, at)
    return command


def test_numbers_that_came_late_make_a_session_whole(made: Cast) -> None:
    row = gapped(made, (0, 1, 3, 2))

    assert endings.sweep_endings(as_of=NOW) == 0

    row.refresh_from_db()
    assert row.flags == []


def test_a_gap_is_asked_about_after_the_grace_and_once_at_a_time(made: Cast) -> None:
    gapped(made, (0, 1, 3), completed_at=NOW - endings.GRACE / 2)
    assert endings.sweep_endings(as_of=NOW) == 0

    later = NOW + endings.GRACE
    assert [endings.sweep_endings(as_of=later) for _ in range(2)] == [1, 0]

    command = Command.objects.get()
    assert (command.action, command.payload) == (
        commands.TRANSACTION_STATUS,
        {"transaction": "t:1"},
    )


def test_a_gap_the_station_will_not_fill_is_accepted_and_billed_by_registers(made: Cast) -> None:
    row = gapped(made, (0, 1, 3))
    endings.sweep_endings(as_of=NOW)

    answered({"messagesInQueue": False})

    row.refresh_from_db()
    assert (row.flags, row.energy_wh, row.needs_review) == (["complete_with_gaps"], 4000, False)


def test_a_station_that_still_has_messages_is_asked_again_later(made: Cast) -> None:
    row = gapped(made, (0, 1, 3))
    endings.sweep_endings(as_of=NOW)
    answered({"messagesInQueue": True})

    soon = endings.sweep_endings(as_of=NOW + timedelta(minutes=1))
    later = endings.sweep_endings(as_of=NOW + endings.GRACE * 2)

    row.refresh_from_db()
    assert (soon, later, row.flags) == (0, 1, ["seq_gap"])


def test_a_station_that_never_knows_is_not_asked_for_ever(made: Cast) -> None:
    row = gapped(made, (0, 1, 3))
    asked, at = 0, NOW
    for _ in range(endings.MOST_QUESTIONS + 2):
        asked += endings.sweep_endings(as_of=at)
        Command.objects.filter(finished_at=None).update(state="error", finished_at=at)
        at += endings.GRACE * 2

    row.refresh_from_db()
    assert (asked, row.flags) == (endings.MOST_QUESTIONS, ["complete_with_gaps"])


@pytest.mark.parametrize("sign", ["boot", "available", "silence"])
def test_a_session_the_station_knows_no_more_is_orphaned(made: Cast, sign: str) -> None:
    row = session(made)
    assert endings.sweep_endings(as_of=NOW) == 0
    at = NOW + timedelta(minutes=1)
    if sign == "boot":
        Station.objects.filter(pk=row.station_id).update(last_boot_at=NOW - timedelta(minutes=20))
    elif sign == "available":
        made.dc_station.connectors.update(
            status="Available", status_received_at=NOW - timedelta(minutes=20)
        )
    else:
        at = NOW + timedelta(days=2)

    assert endings.sweep_endings(as_of=at) == 1
    answered({"messagesInQueue": False, "ongoingIndicator": False}, at)

    row.refresh_from_db()
    assert (row.state, row.energy_wh, row.ended_at) == ("completed", 4000, row.last_meter_at)
    assert row.needs_review
    assert {"orphaned", "stop_missing", "stop_register_missing"} == set(row.flags)


def test_a_session_that_goes_on_stays_open(made: Cast) -> None:
    row = session(made)
    endings.sweep_endings(as_of=NOW + timedelta(days=2))

    answered({"messagesInQueue": False, "ongoingIndicator": True})

    row.refresh_from_db()
    assert row.state == "open"


def test_a_station_that_is_away_is_not_asked(made: Cast) -> None:
    gapped(made, (0, 3))
    Station.objects.update(is_online=False)

    assert endings.sweep_endings(as_of=NOW) == 0
