"""Who gets in: S01 to S14 of the security programme, as far as profile 1 reaches."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.http11 import Response
from websockets.typing import Subprotocol

from stations import registry
from stations.models import Observation, Session, Station, StationAccess
from tests.cast import Cast
from tests.integration.stations.charger import PASSWORD, Charger, basic
from tests.integration.stations.conftest import GatewayProcess, fresh

Until = Callable[[Callable[[], object]], object]


def knocked(
    gateway: GatewayProcess,
    path: str,
    headers: dict[str, str] | None = None,
    subprotocols: list[str] | None = None,
) -> Response | str | None:
    """Knock once; return the refusal, or the subprotocol that was agreed on."""

    async def run() -> Response | str | None:
        names = ["ocpp1.6"] if subprotocols is None else subprotocols
        try:
            async with connect(
                gateway.url + path,
                subprotocols=[Subprotocol(name) for name in names] or None,
                additional_headers=headers,
            ) as socket:
                return socket.subprotocol
        except InvalidStatus as refusal:
            return refusal.response

    return async_to_sync(run)()


def status(found: Response | str | None) -> int:
    assert isinstance(found, Response), found
    return found.status_code


KEY = basic(b"NORD-AC-1", PASSWORD.encode())


def test_an_unknown_identity_is_404(cast: Cast, gateway: GatewayProcess) -> None:
    assert status(knocked(gateway, "/ocpp/NOBODY", KEY)) == 404
    assert status(knocked(gateway, "/", KEY)) == 404
    assert status(knocked(gateway, "/ocpp/NORD-AC-1/deeper", KEY)) == 404
    assert status(knocked(gateway, "/ocpp/" + "x" * 49, KEY)) == 404


def test_an_inactive_station_is_404(cast: Cast, gateway: GatewayProcess) -> None:
    Station.objects.filter(pk=cast.ac_station.pk).update(is_active=False)

    assert status(knocked(gateway, "/ocpp/NORD-AC-1", KEY)) == 404


@pytest.mark.parametrize(
    "headers",
    [
        None,
        {"Authorization": "Bearer x"},
        {"Authorization": "Basic ???"},
        {"Authorization": "Basic " + "bm9jb2xvbg=="},
        basic(b"NORD-AC-1", b""),
        basic(b"NORD-AC-1", b"wrong-horse-battery"),
        basic(b"NORD-AC-1", b"\xff\xfe:\x00"),
        basic(b"NORD-DC-1", PASSWORD.encode()),
        basic(b"nord-ac-1", PASSWORD.encode()),
    ],
)
def test_a_station_that_does_not_prove_itself_is_401(
    cast: Cast, gateway: GatewayProcess, until: Until, headers: dict[str, str] | None
) -> None:
    found = knocked(gateway, "/ocpp/NORD-AC-1", headers)

    assert status(found) == 401
    assert isinstance(found, Response)
    assert found.headers["WWW-Authenticate"].startswith("Basic")
    until(lambda: Observation.objects.filter(kind="authentication_failed").count() == 1)
    assert not fresh(cast.ac_station).is_online


def test_a_raw_password_with_colons_and_no_text_opens(cast: Cast, gateway: GatewayProcess) -> None:
    raw = b"\xff:\x00:\xfe twenty bytes!!"
    Station.objects.filter(pk=cast.ac_station.pk).update(password_hash=registry.hash_password(raw))

    assert knocked(gateway, "/ocpp/NORD-AC-1", basic(b"NORD-AC-1", raw)) == "ocpp1.6"
    hex_digits = basic(b"NORD-AC-1", raw.hex().encode())
    assert len(raw) == 20
    assert knocked(gateway, "/ocpp/NORD-AC-1", hex_digits) == "ocpp1.6"


def test_profile_0_asks_for_no_password_where_it_is_allowed(
    cast: Cast, gateway: GatewayProcess, until: Until
) -> None:
    Station.objects.filter(pk=cast.ac_station.pk).update(security_profile=0)
    assert status(knocked(gateway, "/ocpp/NORD-AC-1")) == 401
    until(lambda: Observation.objects.filter(kind="profile_refused").count() == 1)
    StationAccess.objects.create(
        station=cast.ac_station, operator=cast.operator, is_open_allowed=True
    )

    assert knocked(gateway, "/ocpp/NORD-AC-1") == "ocpp1.6"


@pytest.mark.parametrize("offered", [[], ["ocpp1.5"], ["soap"]])
def test_no_common_version_is_400(cast: Cast, gateway: GatewayProcess, offered: list[str]) -> None:
    assert status(knocked(gateway, "/ocpp/NORD-AC-1", KEY, offered)) == 400


def test_the_version_is_the_stations_else_the_richer_one(
    cast: Cast, gateway: GatewayProcess
) -> None:
    both = ["ocpp1.6", "ocpp2.0.1"]

    assert knocked(gateway, "/ocpp/NORD-AC-1", KEY, both) == "ocpp1.6"
    Station.objects.filter(pk=cast.ac_station.pk).update(ocpp_version="")
    assert knocked(gateway, "/ocpp/NORD-AC-1", KEY, both) == "ocpp2.0.1"


def test_a_percent_encoded_identity_is_the_same(cast: Cast, gateway: GatewayProcess) -> None:
    assert knocked(gateway, "/ocpp/NORD%2DAC%2D1", KEY) == "ocpp1.6"


def test_compression_is_agreed_on(cast: Cast, gateway: GatewayProcess) -> None:
    async def script() -> Any:
        async with Charger(gateway.url, "NORD-AC-1") as charger:
            assert charger.socket.response is not None
            return charger.socket.response.headers.get("Sec-WebSocket-Extensions", "")

    assert "permessage-deflate" in async_to_sync(script)()


def test_many_failures_of_one_address_do_not_lock_out_the_true_station(
    cast: Cast, gateway_process: GatewayProcess, gateway: GatewayProcess
) -> None:
    found = [status(knocked(gateway, "/ocpp/NOBODY")) for _ in range(40)]

    assert found[-1] == 429
    assert knocked(gateway, "/ocpp/NORD-AC-1", KEY) == "ocpp1.6"
    gateway_process.stop()
    gateway_process.start()


def test_online_is_what_the_socket_says(cast: Cast, gateway: GatewayProcess, until: Until) -> None:
    async def script() -> None:
        async with Charger(gateway.url, "NORD-AC-1") as charger:
            await charger.call("Heartbeat", {})

    async_to_sync(script)()

    until(lambda: not fresh(cast.ac_station).is_online)
    station = fresh(cast.ac_station)
    assert (station.epoch, station.ocpp_version) == (1, "1.6")
    assert station.disconnected_at is not None
    assert station.last_seen_at is not None
    assert station.check_after is not None
    kinds = Observation.objects.filter(station=station).order_by("id").values_list("kind")
    assert list(kinds) == [("connected",), ("disconnected",)]


def test_the_newest_connection_wins_and_the_old_one_writes_nothing(
    cast: Cast, gateway: GatewayProcess
) -> None:
    start = {"connectorId": 1, "idTag": "ASTRID01", "meterStart": 0}

    async def script() -> tuple[int | None, Any]:
        async with Charger(gateway.url, "NORD-AC-1") as old:
            await old.call("Heartbeat", {})
            async with Charger(gateway.url, "NORD-AC-1") as new:
                with contextlib.suppress(Exception):
                    await old.send(json.dumps([2, "x", "StartTransaction", start]))
                code = await old.closed()
                return code, await new.call("Heartbeat", {})

    code, answer = async_to_sync(script)()

    assert code == 1008
    assert "currentTime" in answer
    assert Session.objects.count() == 0


def test_two_devices_with_one_identity_are_damped(cast: Cast, gateway: GatewayProcess) -> None:
    async def script() -> int:
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(20):
                try:
                    await stack.enter_async_context(Charger(gateway.url, "NORD-AC-1"))
                except InvalidStatus as refusal:
                    return refusal.response.status_code
        return 0

    assert async_to_sync(script)() == 429
    assert Observation.objects.filter(kind="identity_contested").count() == 1


def test_a_frame_that_is_too_large_closes_1009_and_others_never_notice(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def script() -> int | None:
        async with (
            Charger(gateway.url, "NORD-AC-1") as bad,
            Charger(gateway.url, "NORD-DC-1") as good,
        ):
            await bad.send('[2,"m1","DataTransfer",{"vendorId":"' + "x" * 300_000 + '"}]')
            await good.call("Heartbeat", {})
            return await bad.closed()

    assert async_to_sync(script)() == 1009


def test_hostile_frames_get_their_error_and_the_connection_lives(
    cast: Cast, gateway: GatewayProcess
) -> None:
    hostile = [
        ("[" * 100_000, "-1", "FormationViolation"),
        ('[2,"m1",[],{}]', "m1", "FormationViolation"),
        ('[2,"m1","Heartbeat",{"x":' + "9" * 5000 + "}]", "m1", ""),
        ("garbage", "-1", "FormationViolation"),
        ('[2,"m1","CustomOperation",{}]', "m1", "NotImplemented"),
        ('[2,"m1","Reset",{}]', "m1", "NotSupported"),
        ("\x00\x01", "-1", "FormationViolation"),
        ("", "-1", "FormationViolation"),
    ]

    async def script() -> None:
        async with Charger(gateway.url, "NORD-AC-1") as charger:
            for text, message_id, code in hostile:
                answer = await charger.say(text)
                assert answer[:3] == [4, message_id, code] if code else answer[0] == 3, text[:40]
            for ignored in ('[9,"m1",{}]', '[3,"never-asked",{}]', '[6,"m1","x",{}]', "[3]"):
                await charger.send(ignored)
            for _ in range(1000):
                await charger.send('[3,"never-asked",{"a":1}]')
            await charger.frame()
            await charger.call("Heartbeat", {})

    async_to_sync(script)()


def test_binary_frames_are_read_as_text(cast: Cast, gateway: GatewayProcess) -> None:
    async def script() -> Any:
        async with Charger(gateway.url, "NORD-AC-1") as charger:
            await charger.socket.send(b'[2,"m1","Heartbeat",{}]')
            return await charger.frame()

    assert async_to_sync(script)()[:2] == [3, "m1"]


@pytest.mark.parametrize("registration", ["pending", "rejected"])
def test_a_station_told_to_wait_is_refused_until_accepted(
    cast: Cast, gateway: GatewayProcess, registration: str
) -> None:
    Station.objects.filter(pk=cast.ac_station.pk).update(registration=registration)

    async def script() -> list[Any]:
        async with Charger(gateway.url, "NORD-AC-1") as charger:
            boot = await charger.call(
                "BootNotification", {"chargePointVendor": "a", "chargePointModel": "b"}
            )
            refused = await charger.say('[2,"m1","Authorize",{"idTag":"A"}]')
            heard = await charger.call("StopTransaction", {"transactionId": 1, "meterStop": 1})
            await asyncio.sleep(0)
            return [boot["status"], refused[2], heard]

    assert async_to_sync(script)() == [registration.capitalize(), "SecurityError", {}]


def test_guessing_tokens_is_slowed_down_and_told(
    cast: Cast, gateway: GatewayProcess, until: Until
) -> None:
    async def script() -> None:
        async with Charger(gateway.url, "NORD-AC-1") as charger:
            for number in range(32):
                answer = await charger.call("Authorize", {"idTag": f"GUESS{number}"})
                assert answer["idTagInfo"]["status"] == "Invalid"
            answer = await charger.call("Authorize", {"idTag": "ASTRID01"})
            assert answer["idTagInfo"]["status"] == "Accepted"

    async_to_sync(script)()

    until(lambda: Observation.objects.filter(kind="token_guessing").count() == 1)
