import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command

from chargenet import command
from faults.models import Fault, Ticket
from stations.models import Command as StationCommand
from stations.models import MeterValue, OrphanStop, Session
from tests import cast

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def inspect(identity: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("inspect_station", identity, stdout=out)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


def test_a_quiet_station_is_told_in_full() -> None:
    cast.make_cast()

    told = inspect("NORD-AC-1")

    assert told == {
        "online": False,
        "last_seen": None,
        "sessions": 0,
        "open_sessions": 0,
        "set_aside": 0,
        "needs_review": 0,
        "orphan_stops": 0,
        "connectors": [
            {
                "evse": number,
                "connector": 1,
                "status": "",
                "last_register_wh": None,
                "last_session": None,
            }
            for number in (1, 2)
        ],
        "faults": [],
        "tickets": [],
        "commands": [],
    }


def test_what_happened_at_a_station_is_told_with_its_newest_session() -> None:
    people = cast.make_cast()
    station, connector, operator = people.ac_station, people.socket, people.operator
    place = {"operator": operator, "station": station}
    for number, start in enumerate((NOW, NOW - timedelta(days=1)), start=1):
        session = Session.objects.create(
            **place,
            connector=connector,
            ocpp_transaction_id=str(number),
            id_tag="ASTRID01",
            started_at=start,
            received_at=NOW,
            meter_start_wh=1000,
            last_register_wh=3500,
            needs_review=number == 2,
        )
        MeterValue.objects.create(
            id=number,
            operator_id=operator.pk,
            station_id=station.pk,
            connector_id=connector.pk,
            session_id=session.pk,
            occurred_at=start,
            received_at=start,
        )
    OrphanStop.objects.create(
        **place, ocpp_transaction_id="9", occurred_at=NOW, received_at=NOW, payload={}
    )
    StationCommand.objects.create(
        **place, action="Reset", created_at=NOW, expires_at=NOW, state="accepted"
    )
    ticket = Ticket.objects.create(
        **place,
        number=1,
        scope_key=f"connector:{connector.pk}",
        family="connector",
        code="F01",
        severity=3,
        opened_at=NOW,
    )
    for scope_key, state in ((ticket.scope_key, "firing"), (f"station:{station.pk}", "cleared")):
        Fault.objects.create(
            **place,
            code="F01",
            scope="connector",
            scope_key=scope_key,
            severity=3,
            state=state,
            began_at=NOW,
            opened_at=NOW,
            last_seen_at=NOW,
            cleared_at=NOW if state == "cleared" else None,
        )

    told = inspect("NORD-AC-1")

    assert (told["sessions"], told["open_sessions"], told["needs_review"]) == (2, 2, 1)
    assert told["orphan_stops"] == 1
    assert told["connectors"][0]["last_session"] == {
        "ocpp_transaction_id": "1",
        "token": "ASTRID01",
        "energy_wh": 2500,
        "samples": 1,
    }
    assert told["faults"] == [{"code": "F01", "scope": "connector", "state": "firing"}]
    assert told["tickets"] == [{"code": "F01", "scope": "connector", "state": "new"}]
    assert [(each["action"], each["state"]) for each in told["commands"]] == [
        ("Reset", "accepted")
    ]


def test_an_unknown_station_is_not_told() -> None:
    with pytest.raises(command.NotDone, match="no station is called 'NOBODY'"):
        inspect("NOBODY")
