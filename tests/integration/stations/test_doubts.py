"""A command whose answer never came: what was seen afterwards says how it ended."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from stations import doubts
from stations.models import Command, Connector, OcppFrame, Session, Station
from tests.cast import Cast, make_cast

pytestmark = pytest.mark.django_db
NOW = timezone.now()
SENT = NOW - timedelta(minutes=10)


def unknown(made: Cast, action: str, payload: dict[str, Any]) -> Command:
    return Command.objects.create(
        operator=made.operator,
        station=made.ac_station,
        action=action,
        payload=payload,
        state="unknown",
        created_at=SENT,
        sent_at=SENT,
        expires_at=NOW,
        finished_at=SENT + timedelta(seconds=30),
        followed_at=SENT + timedelta(seconds=31),
    )


def session(made: Cast, **changes: Any) -> Session:
    given = {
        "operator": made.operator,
        "station": made.ac_station,
        "connector": made.ac_station.connectors.first(),
        "ocpp_transaction_id": "7",
        "id_tag": "ASTRID01",
        "started_at": NOW,
        "received_at": NOW,
    }
    return Session.objects.create(**given | changes)


def evidence(made: Cast, command: Command) -> None:
    """Let happen what each command leads to."""
    match command.action:
        case "remote_start":
            session(made, id_tag="astrid01")
        case "RequestStartTransaction":
            session(made, remote_start_id=command.pk, id_tag="other")
        case "remote_stop":
            session(made, ended_at=NOW, completed_at=NOW, state="flagged", stop_reason="Remote")
        case "reset":
            Station.objects.filter(pk=made.ac_station.pk).update(last_boot_at=NOW)
        case "change_availability":
            Connector.objects.filter(station=made.ac_station).update(
                status="Unavailable", status_received_at=NOW
            )
        case "trigger_message":
            OcppFrame.objects.create(
                id=1,
                operator_id=made.operator.pk,
                station_id=made.ac_station.pk,
                received_at=SENT + timedelta(seconds=5),
                action="StatusNotification",
                frame=b"[]",
            )


CASES: list[tuple[str, dict[str, Any]]] = [
    ("remote_start", {"token": "ASTRID01"}),
    ("RequestStartTransaction", {"idToken": {"idToken": "A1"}}),
    ("remote_stop", {"transaction": "7"}),
    ("reset", {}),
    ("change_availability", {"operative": False, "evse": 1}),
    ("trigger_message", {"message": "StatusNotification"}),
]


@pytest.mark.parametrize(("action", "payload"), CASES)
def test_what_evidently_happened_was_accepted(action: str, payload: dict[str, Any]) -> None:
    made = make_cast()
    command = unknown(made, action, payload)
    assert doubts.settle_doubts(as_of=NOW) == 0

    evidence(made, command)

    assert [doubts.settle_doubts(as_of=NOW) for _ in range(2)] == [1, 0]
    command.refresh_from_db()
    assert (command.state, command.followed_at) == ("accepted", None)


def test_what_leaves_no_trace_stays_unknown() -> None:
    made = make_cast()
    command = unknown(made, "unlock", {"evse": 1})
    session(made)

    assert doubts.settle_doubts(as_of=NOW) == 0
    command.refresh_from_db()
    assert command.state == "unknown"


def test_a_session_of_before_the_command_proves_nothing() -> None:
    made = make_cast()
    unknown(made, "remote_start", {"token": "ASTRID01"})
    session(made, received_at=SENT - timedelta(minutes=1))

    assert doubts.settle_doubts(as_of=NOW) == 0
