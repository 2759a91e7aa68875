"""What real chargers do wrong before the first frame: the handshakes of `quirks.jsonl`."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync

from stations import registry
from stations.models import Observation, Station, StationAccess
from tests.cast import Cast, make_station
from tests.conversations import cases
from tests.conversations.player import Player
from tests.integration.stations.charger import PASSWORD, Charger
from tests.integration.stations.conftest import GatewayProcess, fresh

CASES = {case["id"]: case for case in cases.load()}
KEY = bytes.fromhex("7fc0ffee00112233445566778899aabbccddeeff")
pytestmark = pytest.mark.skipif(not CASES, reason=f"no quirks at {cases.FILE}")


def knocked(gateway: GatewayProcess, station: Station, case_id: str, **more: Any) -> Player:
    """Play the handshakes of a case and return what became of them."""

    async def script() -> Player:
        player = Player(Charger(gateway.url, station.identity), station)
        for message in CASES[case_id]["messages"]:
            await player.play(message | more)
        return player

    return async_to_sync(script)()


@pytest.mark.parametrize(("before", "chosen"), [("1.6", "ocpp1.6"), ("2.0.1", "ocpp2.0.1")])
def test_q021_a_station_that_offers_two_versions_keeps_the_one_it_speaks(
    cast: Cast, hasty: GatewayProcess, before: str, chosen: str
) -> None:
    station = cast.ac_station
    station.ocpp_version = before
    station.save(update_fields=["ocpp_version"])

    first = knocked(hasty, station, "Q021")
    second = knocked(hasty, station, "Q021")

    assert (first.connects, second.connects) == ([chosen], [chosen])
    assert fresh(station).ocpp_version == before


def test_q024_a_handshake_without_its_connection_header_is_refused(
    cast: Cast, hasty: GatewayProcess
) -> None:
    player = knocked(hasty, cast.ac_station, "Q024")

    assert player.connects == ["400"]
    assert Observation.objects.filter(station=cast.ac_station, kind="handshake_broken").exists()


@pytest.mark.parametrize(("profile", "is_let_in"), [(0, True), (1, False), (2, False)])
def test_q025_an_empty_password_opens_only_where_none_is_asked_for(
    cast: Cast, hasty: GatewayProcess, profile: int, is_let_in: bool
) -> None:
    station, _ = make_station(cast.location, "GRS-1700003fb5d")
    station.security_profile = profile
    station.save(update_fields=["security_profile"])
    StationAccess.objects.create(operator=cast.operator, station=station, is_open_allowed=True)
    registry.set_password(station, PASSWORD)

    player = knocked(hasty, station, "Q025")

    assert player.connects == (["ocpp1.6"] if is_let_in else [])
    assert player.refusals == ([] if is_let_in else [401])


@pytest.mark.parametrize("password", [KEY.hex().encode(), KEY.hex().upper().encode(), KEY])
def test_q026_a_key_opens_as_its_bytes_and_as_their_digits(
    cast: Cast, hasty: GatewayProcess, password: bytes
) -> None:
    station = cast.ac_station
    registry.set_password(station, KEY.hex())

    player = knocked(hasty, station, "Q026", bytes=password)

    assert player.connects == ["ocpp1.6", "ocpp1.6"]
