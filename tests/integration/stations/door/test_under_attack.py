"""S05, S09, S10 and S12: strangers at the door, and two devices of one name."""

from collections.abc import Callable
from pathlib import Path

from asgiref.sync import async_to_sync
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.http11 import Response

from stations.models import Observation
from tests.cast import Cast
from tests.integration.stations.charger import PASSWORD, Charger
from tests.integration.stations.conftest import GatewayProcess, database_url, fresh
from tests.integration.stations.door.fronted import AC, DC, Knocking, knock, noted, set_profile

Until = Callable[[Callable[[], object]], object]
KEY = PASSWORD.encode()


def test_s09_failures_under_one_name_never_keep_the_true_station_out(
    cast: Cast, front: GatewayProcess, until: Until
) -> None:
    set_profile(cast, 2)

    found = [knock(front, Knocking(AC, b"guess", is_tls=True)) for _ in range(70)]

    assert found[0] == 401
    assert found[-1] == 429
    assert knock(front, Knocking(AC, KEY, is_tls=True)) == 101
    until(noted("authentication_failed"))


def test_s10_failures_of_one_address_keep_out_no_station_behind_it(
    cast: Cast, front: GatewayProcess
) -> None:
    set_profile(cast, 2)
    crowded = "198.51.100.251"

    found = [knock(front, Knocking(f"GHOST-{n}", address=crowded)) for n in range(40)]

    assert (found[0], found[-1]) == (404, 429)
    assert knock(front, Knocking(AC, KEY, is_tls=True, address=crowded)) == 101


def test_s12_a_take_over_from_another_address_is_noted(
    cast: Cast, front: GatewayProcess, until: Until
) -> None:
    set_profile(cast, 2)

    async def script(first: Knocking, second: Knocking) -> None:
        charger, other = Charger(front.url, AC), Charger(front.url, AC)
        charger.headers, other.headers = first.headers, second.headers
        async with charger:
            await charger.call("Heartbeat", {})
            async with other:
                assert await charger.closed() == 1008
                await other.call("Heartbeat", {})

    first, second = Knocking(AC, KEY, is_tls=True), Knocking(AC, KEY, is_tls=True)
    async_to_sync(script)(first, second)

    until(lambda: Observation.objects.filter(kind="taken_over").exists())
    detail = Observation.objects.get(kind="taken_over").detail
    assert (detail["address"], detail["address_before"]) == (second.address, first.address)
    until(lambda: not fresh(cast.ac_station).is_online)
    Observation.objects.all().delete()
    async_to_sync(script)(second, second)
    assert not Observation.objects.filter(kind="taken_over").exists()


def test_s05_where_the_unknown_is_hidden_it_is_answered_like_a_wrong_password(
    cast: Cast, django_db_setup: None, tmp_path: Path, until: Until
) -> None:
    process = GatewayProcess(tmp_path / "log.txt", database_url())
    process.environment |= {"HIDE_UNKNOWN": "1"}
    process.start()
    try:
        known, unknown = (answer(process, name) for name in (DC, "NOBODY"))
        until(noted("authentication_failed"))
    finally:
        process.stop()

    assert known == unknown
    assert known[0] == 401


def answer(gateway: GatewayProcess, identity: str) -> tuple[int, bytes, set[str]]:
    """Return all of a refusal that a stranger could compare."""

    async def run() -> Response:
        how = Knocking(identity, b"wrong")
        path = f"{gateway.url}/ocpp/{identity}"
        try:
            async with connect(path, additional_headers=how.headers):
                raise AssertionError("nobody may come in")
        except InvalidStatus as refusal:
            return refusal.response

    found = async_to_sync(run)()
    return found.status_code, bytes(found.body or b""), set(found.headers)
