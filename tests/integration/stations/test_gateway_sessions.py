"""A session over a real socket: stored, then answered; repeated, late, lost and strange."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from stations.models import (
    Connector,
    Inbox,
    MeterValue,
    Observation,
    OcppFrame,
    OrphanStop,
    Session,
    Station,
    StatusChange,
    Token,
)
from tests.cast import Cast
from tests.integration.stations.charger import Charger
from tests.integration.stations.conftest import GatewayProcess

NOW = datetime.now(UTC).replace(microsecond=0)


def at(seconds: int) -> str:
    return (NOW + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def played(
    gateway: GatewayProcess, script: Callable[[Charger], Awaitable[Any]], **how: str
) -> Any:
    """Run a conversation with a gateway and return what the script returns."""

    async def run() -> Any:
        async with Charger(gateway.url, how.pop("identity", "NORD-AC-1"), **how) as charger:
            return await script(charger)

    return async_to_sync(run)()


def start(**changes: Any) -> dict[str, Any]:
    given = {"connectorId": 1, "idTag": "ASTRID01", "meterStart": 1000, "timestamp": at(-600)}
    return given | changes


def sample(wh: Any, seconds: int, transaction: Any = None, **more: Any) -> dict[str, Any]:
    value = {"value": str(wh), "measurand": "Energy.Active.Import.Register", "unit": "Wh", **more}
    payload: dict[str, Any] = {
        "connectorId": 1,
        "meterValue": [{"timestamp": at(seconds), "sampledValue": [value]}],
    }
    return payload if transaction is None else payload | {"transactionId": transaction}


def stop(transaction: Any, wh: Any, seconds: int = 0, **more: Any) -> dict[str, Any]:
    return {"transactionId": transaction, "meterStop": wh, "timestamp": at(seconds), **more}


def test_a_whole_session_is_stored(cast: Cast, gateway: GatewayProcess) -> None:
    async def script(charger: Charger) -> int:
        boot = {"chargePointVendor": "Keba", "chargePointModel": "P30", "firmwareVersion": "1.2"}
        answer = await charger.call("BootNotification", boot)
        assert (answer["status"], answer["interval"]) == ("Accepted", 300)
        await charger.call(
            "StatusNotification",
            {
                "connectorId": 1,
                "errorCode": "NoError",
                "status": "Charging",
                "timestamp": at(-601),
            },
        )
        assert await charger.call("Authorize", {"idTag": "astrid01"}) == {
            "idTagInfo": {"status": "Accepted"}
        }
        answer = await charger.call("StartTransaction", start())
        assert answer["idTagInfo"] == {"status": "Accepted"}
        number: int = answer["transactionId"]
        assert await charger.call("MeterValues", sample(3000, -300, number)) == {}
        answer = await charger.call("StopTransaction", stop(number, 6000, idTag="ASTRID01"))
        assert answer == {"idTagInfo": {"status": "Accepted"}}
        return number

    number = played(gateway, script)

    session = Session.objects.get()
    assert session.ocpp_transaction_id == str(number)
    assert (session.state, session.energy_wh, session.flags) == ("completed", 5000, [])
    assert session.driver_id == cast.astrid.pk
    assert session.token_id == cast.astrids_token.pk
    assert session.connector_id == cast.socket.pk
    assert (session.started_at, session.ended_at) == (NOW - timedelta(seconds=600), NOW)
    sampled = MeterValue.objects.get()
    assert (sampled.session_id, sampled.energy_wh) == (session.pk, 3000)
    assert sampled.connector_id == cast.socket.pk
    connector = Connector.objects.get(pk=cast.socket.pk)
    assert (connector.status, connector.last_register_wh) == ("Charging", 3000)
    station = Station.objects.get(pk=cast.ac_station.pk)
    assert (station.vendor, station.model, station.registration) == ("Keba", "P30", "accepted")
    assert StatusChange.objects.get().connector_id == cast.socket.pk
    assert Inbox.objects.filter(session_id=session.pk).count() == 3
    exchanges = list(OcppFrame.objects.filter(station_id=station.pk).order_by("received_at"))
    assert [row.action for row in exchanges] == [
        "BootNotification",
        "StatusNotification",
        "Authorize",
        "StartTransaction",
        "MeterValues",
        "StopTransaction",
    ]
    assert all(row.is_inbound and row.answered_at and not row.error for row in exchanges)
    for row in exchanges:
        assert json.loads(bytes(row.frame))[1] == row.message_id
        assert json.loads(bytes(row.answer or b""))[:2] == [3, row.message_id]


def test_a_session_belongs_to_the_cable_fitted_then(cast: Cast, gateway: GatewayProcess) -> None:
    async def script(charger: Charger) -> None:
        await charger.call(
            "TransactionEvent",
            event("Started", 0, evse={"id": 1}, idToken={"idToken": "BO0001", "type": "ISO14443"}),
        )

    played(gateway, script, identity="NORD-DC-1", subprotocol="ocpp2.0.1")

    session = Session.objects.get()
    assert session.cable_id == cast.cable.pk
    assert session.driver_id == cast.bo.pk


@pytest.mark.parametrize("message_ids", [("same", "same"), ("first", "second")])
def test_a_resent_start_is_the_same_session(
    cast: Cast, gateway: GatewayProcess, message_ids: tuple[str, str]
) -> None:
    async def script(charger: Charger) -> list[Any]:
        return [await charger.call("StartTransaction", start(), name) for name in message_ids]

    first, second = played(gateway, script)

    assert first == second
    assert Session.objects.count() == 1
    assert Inbox.objects.get().duplicates == 1


def test_the_same_message_id_with_other_content_is_another_session(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def script(charger: Charger) -> None:
        await charger.call("StartTransaction", start(meterStart=5000), "531531542")
        await charger.socket.close()
        await charger.connect()
        await charger.call(
            "StartTransaction", start(meterStart=9000, timestamp=at(-60)), "531531542"
        )

    played(gateway, script)

    assert Session.objects.count() == 2


def test_a_resent_stop_changes_nothing_and_another_one_is_kept_beside_it(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def script(charger: Charger) -> None:
        number = (await charger.call("StartTransaction", start()))["transactionId"]
        for wh in (6000, 6000, 9999):
            assert await charger.call("StopTransaction", stop(number, wh)) == {}

    played(gateway, script)

    assert Session.objects.get().energy_wh == 5000
    kept = Inbox.objects.get(key__startswith="stop:")
    assert kept.duplicates == 2
    assert kept.conflict
    assert "9999" in kept.conflict["frame"]


@pytest.mark.parametrize("number", [-1, 0, 1764506865])
def test_a_stop_nobody_can_place_is_answered_and_kept(
    cast: Cast, gateway: GatewayProcess, number: int
) -> None:
    async def script(charger: Charger) -> Any:
        return await charger.call("StopTransaction", stop(number, 3667, idTag="TAG1"))

    assert played(gateway, script) == {"idTagInfo": {"status": "Invalid"}}

    orphan = OrphanStop.objects.get()
    assert (orphan.meter_stop_wh, orphan.id_tag) == (3667, "TAG1")
    assert Session.objects.count() == 0
    assert Observation.objects.filter(kind="orphan_stop").count() == 1


@pytest.mark.parametrize("number", [-1, 0, 42])
def test_a_stop_without_its_number_finds_the_open_session_of_its_token(
    cast: Cast, gateway: GatewayProcess, number: int
) -> None:
    async def script(charger: Charger) -> None:
        await charger.call("StartTransaction", start())
        await charger.call("StopTransaction", stop(number, 6000, idTag="astrid01"))

    played(gateway, script)

    assert (Session.objects.get().energy_wh, OrphanStop.objects.count()) == (5000, 0)


def test_a_stop_never_touches_another_stations_session(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def begin(charger: Charger) -> int:
        number: int = (await charger.call("StartTransaction", start()))["transactionId"]
        return number

    number = played(gateway, begin)

    async def attack(charger: Charger) -> Any:
        return await charger.call("StopTransaction", stop(number, 9000))

    assert played(gateway, attack, identity="NORD-DC-1") == {}
    assert Session.objects.get().state == "open"
    assert OrphanStop.objects.get().station_id == cast.dc_station.pk


def test_a_missing_stop_ends_where_the_next_session_begins(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def script(charger: Charger) -> None:
        number = (await charger.call("StartTransaction", start()))["transactionId"]
        await charger.call("MeterValues", sample(4000, -300, number))
        await charger.call("StartTransaction", start(meterStart=4100, timestamp=at(-100)))

    played(gateway, script)

    first, second = Session.objects.order_by("id")
    assert (first.state, first.energy_wh, first.needs_review) == ("completed", 3100, True)
    assert "stop_missing" in first.flags
    assert second.state == "open"


def test_a_stop_that_comes_after_all_is_the_true_end(cast: Cast, gateway: GatewayProcess) -> None:
    async def script(charger: Charger) -> None:
        number = (await charger.call("StartTransaction", start()))["transactionId"]
        await charger.call(
            "StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
        )
        await charger.call("StopTransaction", stop(number, 6000))

    played(gateway, script)

    session = Session.objects.get()
    assert (session.energy_wh, session.needs_review, session.flags) == (5000, False, [])


def test_an_old_available_does_not_end_a_session(cast: Cast, gateway: GatewayProcess) -> None:
    async def script(charger: Charger) -> None:
        await charger.call("StartTransaction", start(timestamp=at(-30)))
        for status, seconds in (("Charging", -20), ("Available", -60)):
            await charger.call(
                "StatusNotification",
                {
                    "connectorId": 1,
                    "errorCode": "NoError",
                    "status": status,
                    "timestamp": at(seconds),
                },
            )

    played(gateway, script)

    assert Session.objects.get().state == "open"
    assert Connector.objects.get(pk=cast.socket.pk).status == "Charging"


@pytest.mark.parametrize(
    ("meter_start", "meter_stop", "energy_wh", "state"),
    [
        (1000, -1, 3000, "completed"),
        (1000, 0, 3000, "completed"),
        (1000, 999, 3000, "completed"),
        (1000, 10_000_000, 9_999_000, "completed"),
        (-5, 4000, None, "flagged"),
    ],
)
def test_registers_that_cannot_be_are_flagged(
    cast: Cast,
    gateway: GatewayProcess,
    meter_start: int,
    meter_stop: int,
    energy_wh: int | None,
    state: str,
) -> None:
    async def script(charger: Charger) -> None:
        answer = await charger.call("StartTransaction", start(meterStart=meter_start))
        await charger.call("MeterValues", sample(4000, -300, answer["transactionId"]))
        await charger.call("StopTransaction", stop(answer["transactionId"], meter_stop))

    played(gateway, script)

    session = Session.objects.get()
    assert (session.energy_wh, session.state) == (energy_wh, state)
    assert session.needs_review


def test_a_sample_no_cable_can_carry_is_set_aside(cast: Cast, gateway: GatewayProcess) -> None:
    async def script(charger: Charger) -> None:
        number = (await charger.call("StartTransaction", start()))["transactionId"]
        await charger.call("MeterValues", sample(4_296_944_685, -300, number))

    played(gateway, script)

    assert Session.objects.get().last_register_wh is None
    assert (MeterValue.objects.get().extra or {})["flags"] == ["register_jump"]
    assert Inbox.objects.filter(state="set_aside").count() == 1


def test_samples_without_number_belong_to_the_open_session(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def script(charger: Charger) -> None:
        await charger.call("StartTransaction", start())
        await charger.call("MeterValues", sample(4000, -300, -1))

    played(gateway, script)

    assert MeterValue.objects.get().session_id == Session.objects.get().pk


def test_samples_of_an_unknown_number_while_charging_recover_a_session(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def script(charger: Charger) -> None:
        await charger.call(
            "StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Charging"}
        )
        await charger.call("MeterValues", sample(5000, 0, 123456))

    played(gateway, script)

    session = Session.objects.get()
    assert (session.ocpp_transaction_id, session.needs_review) == ("123456", True)


@pytest.mark.parametrize(
    ("change", "word"),
    [({"is_blocked": True}, "Blocked"), ({"valid_until": NOW - timedelta(days=1)}, "Expired")],
)
def test_a_token_is_judged_again_at_the_start(
    cast: Cast, gateway: GatewayProcess, change: dict[str, Any], word: str
) -> None:
    Token.objects.filter(pk=cast.astrids_token.pk).update(**change)

    async def script(charger: Charger) -> list[Any]:
        return [
            await charger.call("Authorize", {"idTag": "ASTRID01"}),
            await charger.call("StartTransaction", start()),
            await charger.call("Authorize", {"idTag": "NOBODY"}),
        ]

    asked, started, unknown = played(gateway, script)

    assert asked["idTagInfo"]["status"] == started["idTagInfo"]["status"] == word
    assert unknown == {"idTagInfo": {"status": "Invalid"}}
    assert Session.objects.get().flags == [f"token_{word.lower()}"]


def test_a_connector_nobody_registered_gets_a_row(cast: Cast, gateway: GatewayProcess) -> None:
    async def script(charger: Charger) -> None:
        await charger.call(
            "StatusNotification", {"connectorId": 7, "errorCode": "NoError", "status": "Available"}
        )

    played(gateway, script)

    made = Connector.objects.get(station=cast.ac_station, evse__number=7)
    assert (made.number, made.status) == (1, "Available")


def test_connector_0_is_the_station(cast: Cast, gateway: GatewayProcess) -> None:
    async def script(charger: Charger) -> None:
        await charger.call(
            "StatusNotification", {"connectorId": 0, "errorCode": "Error", "status": "Faulted"}
        )
        await charger.call("MeterValues", sample(5, 0) | {"connectorId": 0})

    played(gateway, script)

    station = Station.objects.get(pk=cast.ac_station.pk)
    assert (station.status, station.error_code) == ("Faulted", "Error")
    assert Connector.objects.filter(station=station).count() == 2
    assert MeterValue.objects.count() == 0


def test_a_repeated_fault_with_one_timestamp_is_one_status(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def script(charger: Charger) -> None:
        for _ in range(5):
            await charger.call(
                "StatusNotification",
                {
                    "connectorId": 1,
                    "errorCode": "OtherError",
                    "status": "Faulted",
                    "timestamp": at(-30),
                    "vendorErrorCode": "210",
                },
            )

    played(gateway, script)

    assert StatusChange.objects.count() == 1
    assert Inbox.objects.get().duplicates == 4


def event(kind: str, number: int, seconds: int = 0, **more: Any) -> dict[str, Any]:
    wh = more.pop("wh", None)
    given: dict[str, Any] = {
        "eventType": kind,
        "seqNo": number,
        "timestamp": at(seconds),
        "triggerReason": "ChargingStateChanged",
        "transactionInfo": {"transactionId": "t-1"},
    }
    if wh is not None:
        value = {"value": wh, "measurand": "Energy.Active.Import.Register"}
        given["meterValue"] = [{"timestamp": at(seconds), "sampledValue": [value]}]
    return given | more


EVENTS = [
    event("Started", 0, -600, evse={"id": 1, "connectorId": 1}, wh=1000),
    event("Updated", 1, -300, wh=3000),
    event("Updated", 2, -200, wh=4000),
    event("Ended", 3, -100, wh=6000),
]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 0, 1, 2), (1, 3, 0, 2), (3, 2, 1, 0)])
def test_events_of_2_0_1_make_the_same_session_in_any_order(
    cast: Cast, gateway: GatewayProcess, order: tuple[int, ...]
) -> None:
    async def script(charger: Charger) -> None:
        for index in order:
            assert await charger.call("TransactionEvent", EVENTS[index]) == {}

    played(gateway, script, identity="NORD-DC-1", subprotocol="ocpp2.0.1")

    session = Session.objects.get()
    assert (session.state, session.energy_wh) == ("completed", 5000)
    assert (session.started_at, session.ended_at) == (
        NOW - timedelta(seconds=600),
        NOW - timedelta(seconds=100),
    )
    assert MeterValue.objects.filter(session_id=session.pk).count() == 4


def test_a_gap_in_the_numbers_and_a_missing_start_are_flagged(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def script(charger: Charger) -> None:
        for index in (1, 3):
            await charger.call("TransactionEvent", EVENTS[index])

    played(gateway, script, identity="NORD-DC-1", subprotocol="ocpp2.0.1")

    session = Session.objects.get()
    assert session.needs_review
    assert {"seq_gap", "start_missing"} <= set(session.flags)


def test_wrong_types_in_a_known_action_are_stored_and_answered(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def script(charger: Charger) -> None:
        answer = await charger.call(
            "StartTransaction", start(meterStart="1000", connectorId="1", reservationId=None)
        )
        number = str(answer["transactionId"])
        assert await charger.call("StopTransaction", stop(number, "6000.4")) == {}

    played(gateway, script)

    assert Session.objects.get().energy_wh == 5000


def test_text_postgresql_cannot_hold_is_cleaned(cast: Cast, gateway: GatewayProcess) -> None:
    async def script(charger: Charger) -> None:
        answer = await charger.say('[2,"m1","Authorize",{"idTag":"A\\u0000\\ud800"}]')
        assert answer == [3, "m1", {"idTagInfo": {"status": "Invalid"}}]
        answer = await charger.say(
            '[2,"m2","StatusNotification",{"connectorId":99999999999999999999,"status":"\\u0000"}]'
        )
        assert answer == [3, "m2", {}]

    played(gateway, script)
