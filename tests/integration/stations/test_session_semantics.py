"""What a token may begin, and what a station says anew, over a real socket."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync

from stations.models import OperationLimits, Session, Token
from tests.cast import Cast
from tests.integration.stations.charger import Charger
from tests.integration.stations.conftest import GatewayProcess
from tests.integration.stations.played import at, event, played, start


def test_the_group_of_a_token_is_told(cast: Cast, gateway: GatewayProcess) -> None:
    Token.objects.filter(uid_key="astrid01").update(group="FAMILY")

    async def old(charger: Charger) -> Any:
        return await charger.call("Authorize", {"idTag": "ASTRID01"})

    async def new(charger: Charger) -> Any:
        token = {"idToken": "astrid01", "type": "ISO14443"}
        return await charger.call("Authorize", {"idToken": token})

    assert played(gateway, old)["idTagInfo"]["parentIdTag"] == "FAMILY"
    found = played(gateway, new, identity="NORD-DC-1", subprotocol="ocpp2.0.1")
    assert found["idTokenInfo"]["groupIdToken"] == {"idToken": "FAMILY", "type": "Central"}


@pytest.mark.parametrize(("forbids", "word"), [(True, "ConcurrentTx"), (False, "Accepted")])
def test_a_second_session_is_refused_where_the_operator_wants_it(
    cast: Cast, gateway: GatewayProcess, *, forbids: bool, word: str
) -> None:
    OperationLimits.objects.create(operator=cast.operator, forbids_concurrent=forbids)

    async def script(charger: Charger) -> list[str]:
        first = await charger.call("StartTransaction", start())
        again = await charger.call("StartTransaction", start(timestamp=at(-590)))
        second = await charger.call("StartTransaction", start(connectorId=2))
        assert first["transactionId"] == again["transactionId"] != second["transactionId"]
        return [answer["idTagInfo"]["status"] for answer in (first, again, second)]

    assert played(gateway, script) == ["Accepted", "Accepted", word]
    assert Session.objects.count() == 2
    flagged = Session.objects.filter(flags__contains=["token_concurrent"]).count()
    assert flagged == int(forbids)


def test_a_start_asked_for_anew_under_another_time_is_one_session(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def script(charger: Charger) -> set[int]:
        answers = [
            await charger.call("StartTransaction", start(timestamp=at(seconds)))
            for seconds in (-600, -540, -480)
        ]
        return {answer["transactionId"] for answer in answers}

    assert len(played(gateway, script)) == 1
    session = Session.objects.get()
    assert (session.state, session.flags) == ("open", ["start_resent"])


def test_a_session_goes_on_after_the_station_booted(cast: Cast, gateway: GatewayProcess) -> None:
    boot = {"chargingStation": {"model": "X", "vendorName": "Y"}, "reason": "PowerUp"}
    identity = {"identity": "NORD-DC-1", "subprotocol": "ocpp2.0.1"}

    async def begin(charger: Charger) -> None:
        await charger.call("TransactionEvent", event("Started", 0, -600, evse={"id": 1}, wh=1000))

    async def resume(charger: Charger) -> None:
        await charger.call("BootNotification", boot)
        await charger.call("TransactionEvent", event("Updated", 1, -100, wh=2000))
        await charger.call("TransactionEvent", event("Ended", 2, -10, wh=6000))

    played(gateway, begin, **identity)
    played(gateway, resume, **identity)

    session = Session.objects.get()
    assert (session.state, session.energy_wh, session.needs_review) == ("completed", 5000, False)


def test_an_event_with_another_stations_number_stays_with_its_own(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def begin(charger: Charger) -> int:
        number: int = (await charger.call("StartTransaction", start()))["transactionId"]
        return number

    number = str(played(gateway, begin))

    async def attack() -> None:
        async with Charger(gateway.url, "NORD-DC-1", "ocpp2.0.1") as charger:
            ended = event("Ended", 1, evse={"id": 1}, wh=9000)
            ended["transactionInfo"]["transactionId"] = number
            await charger.call("TransactionEvent", ended)

    async_to_sync(attack)()

    theirs = Session.objects.get(station=cast.ac_station)
    mine = Session.objects.get(station=cast.dc_station)
    assert (theirs.state, theirs.meter_stop_wh) == ("open", None)
    assert mine.ocpp_transaction_id == number
