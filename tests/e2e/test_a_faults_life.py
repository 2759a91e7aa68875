"""A fault's life, from the charger's word on a real socket to the closed ticket.

The names are those of docs: status on the socket → examine_station → take_snapshot → rules →
reconcile_faults → open_ticket → notify → hands → cleared.
"""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async
from django.core import mail

from chargenet.core import clock
from faults import detection, tasks, tickets
from faults.models import Downtime, Fault, Ticket
from faults.queries import pages
from stations.models import Command, Impairment, Station, StatusChange
from tests.cast import Cast
from tests.integration.faults.scene import REPAIRED
from tests.integration.stations.charger import Charger
from tests.integration.stations.conftest import GatewayProcess

Until = Callable[[Callable[[], object]], object]
BOOT_16 = {"chargePointVendor": "Keba", "chargePointModel": "P30"}
BOOT_201 = {"reason": "PowerUp", "chargingStation": {"vendorName": "Kempower", "model": "S"}}


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def played(charger: Charger, script: Callable[[Charger], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with charger:
            return await script(charger)

    return async_to_sync(run)()


def status_16(status: str, code: str = "NoError") -> dict[str, Any]:
    return {"connectorId": 1, "errorCode": code, "status": status, "timestamp": now()}


def test_a_contactor_fault_is_said_found_told_repaired_and_ended(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def breaks(charger: Charger) -> None:
        await charger.call("BootNotification", BOOT_16)
        await charger.call("StatusNotification", status_16("Faulted", "PowerSwitchFailure"))

    async def is_repaired(charger: Charger) -> None:
        await charger.call("StatusNotification", status_16("Available"))

    played(Charger(gateway.url, "NORD-AC-1"), breaks)
    tasks.examine_station(station_id=cast.ac_station.pk)
    tasks.relay_outbox()

    (found,) = pages.open_faults(cast.cilla)
    assert (found.code, found.severity, found.where.point) == ("F29", 1, "1")
    ticket = Ticket.objects.get()
    letter = next(one for one in mail.outbox if one.to == ["dag@example.org"])
    assert f"/tickets/{ticket.pk}/" in letter.body
    assert Impairment.objects.get(ended_at=None).connector_id == cast.socket.pk

    step = {"ticket_id": ticket.pk, "actor_id": cast.dag.pk}
    tickets.assign_ticket(**step, assignee_id=cast.dag.pk, as_of=clock.now())
    tickets.start_travel(**step, as_of=clock.now())
    tickets.arrive(**step, as_of=clock.now())
    tickets.add_note(**step, text="Vatten i handsken", idempotency_key="a1", as_of=clock.now())
    played(Charger(gateway.url, "NORD-AC-1"), is_repaired)
    tasks.examine_station(station_id=cast.ac_station.pk)
    assert Fault.objects.get().state == "firing", "a person must say that it is safe"
    tickets.resolve_ticket(
        **step, resolution="Ny handske, provat", finding=REPAIRED, as_of=clock.now()
    )
    # as the news of the ticket asks: nothing new came from the station
    tasks.examine_station(station_id=cast.ac_station.pk, ticket_id=ticket.pk)

    page = pages.ticket_detail(cast.cilla, ticket.pk)
    assert (page.ticket.state, page.faults[0].state, page.down_since) == (
        "resolved",
        "cleared",
        None,
    )
    assert [line.verb for line in page.story if line.who == "Dag"] == [
        "assign",
        "start_travel",
        "arrive",
        "",
        "resolve",
    ]
    assert not Downtime.objects.filter(ended_at=None).exists()
    assert not Impairment.objects.filter(ended_at=None).exists()
    assert pages.open_tickets(cast.erik) == []


def test_a_newer_station_says_faulted_and_its_lock_says_why(
    cast: Cast, gateway: GatewayProcess
) -> None:
    def lock(*, cleared: bool) -> dict[str, Any]:
        event = {
            "eventId": 1,
            "timestamp": now(),
            "trigger": "Delta",
            "actualValue": "false" if cleared else "true",
            "cleared": cleared,
            "techCode": "CX025",
            "eventNotificationType": "HardWiredNotification",
            "component": {
                "name": "ConnectorPlugRetentionLock",
                "evse": {"id": 1, "connectorId": 1},
            },
            "variable": {"name": "Problem"},
        }
        return {"generatedAt": now(), "seqNo": int(cleared), "eventData": [event]}

    def status(word: str) -> dict[str, Any]:
        return {"timestamp": now(), "connectorStatus": word, "evseId": 1, "connectorId": 1}

    async def breaks(charger: Charger) -> None:
        await charger.call("BootNotification", BOOT_201)
        await charger.call("StatusNotification", status("Faulted"))
        await charger.call("NotifyEvent", lock(cleared=False))

    async def heals(charger: Charger) -> None:
        await charger.call("NotifyEvent", lock(cleared=True))
        await charger.call("StatusNotification", status("Available"))

    played(Charger(gateway.url, "NORD-DC-1", "ocpp2.0.1"), breaks)
    tasks.examine_station(station_id=cast.dc_station.pk)

    (found,) = pages.open_faults(cast.cilla)
    assert (found.code, found.severity, found.where.cable) == ("F26", 3, "K-0001")
    played(Charger(gateway.url, "NORD-DC-1", "ocpp2.0.1"), heals)
    tasks.examine_station(station_id=cast.dc_station.pk)
    assert Ticket.objects.get().state == "closed"


def test_a_silent_station_is_asked_over_its_socket_and_its_answer_saves_it(
    cast: Cast, gateway: GatewayProcess, until: Until
) -> None:
    station = Station.objects.filter(pk=cast.ac_station.pk)
    long_ago = clock.now() - timedelta(minutes=20)

    async def answers_when_asked(charger: Charger) -> str:
        await charger.call("BootNotification", BOOT_16)
        await station.aupdate(last_seen_at=long_ago, check_after=long_ago)
        await sync_to_async(tasks.sweep_silent_stations)()
        _, message_id, action, payload = await charger.called()
        await charger.send(json.dumps([3, message_id, {"status": "Accepted"}]))
        await charger.call("Heartbeat", {})
        return f"{action} {payload['requestedMessage']}"

    asked = played(Charger(gateway.url, "NORD-AC-1"), answers_when_asked)

    assert asked == "TriggerMessage Heartbeat"
    until(lambda: Command.objects.get().state == "accepted")
    tasks.examine_station(station_id=cast.ac_station.pk)
    assert not Fault.objects.exists()


def test_a_station_that_left_for_an_hour_is_work_for_a_person(
    cast: Cast, gateway: GatewayProcess, until: Until
) -> None:
    async def only_boots(charger: Charger) -> None:
        await charger.call("BootNotification", BOOT_16)
        await charger.call("StatusNotification", status_16("Available"))

    played(Charger(gateway.url, "NORD-AC-1"), only_boots)
    until(lambda: not Station.objects.get(pk=cast.ac_station.pk).is_online)
    left_at = clock.now()

    for minute in (1, 11, 16, 61):
        detection.sweep_silent(as_of=left_at + timedelta(minutes=minute))

    assert [(one.code, one.state) for one in Fault.objects.all()] == [("F01", "firing")]
    assert Ticket.objects.get().severity == 2
    assert StatusChange.objects.count() == 1
