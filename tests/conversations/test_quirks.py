"""What real chargers do wrong, played over a real socket: every field report is a case here.

The cases are data (`shared/vectors/ocpp/quirks.jsonl`), each with all its checks.
"""

import contextlib
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from websockets.exceptions import ConnectionClosed

from chargenet.core import clock
from faults import detection
from stations.models import Station, Token
from tests.cast import Cast
from tests.conversations import cases, checks
from tests.conversations.player import Player
from tests.integration.stations.charger import Charger
from tests.integration.stations.conftest import GatewayProcess

CASES = cases.load()
# Long enough for what must stand for a while before it is a ticket.
LATER = timedelta(minutes=3)
PLAYED = [case for case in CASES if "connect" not in cases.events_of(case)]
needs_vectors = pytest.mark.skipif(not CASES, reason=f"no quirks at {cases.FILE}")


@needs_vectors
def test_every_case_is_played_here_or_at_the_door() -> None:
    door = {case["id"] for case in CASES} - {case["id"] for case in PLAYED}

    assert len(CASES) == cases.HOW_MANY
    assert door == {"Q021", "Q024", "Q025", "Q026"}, "played in test_quirks_at_the_door"
    answered = {case["id"] for case in PLAYED if "csms_call" in cases.events_of(case)}
    assert answered == set(cases.ENDS)


@needs_vectors
@pytest.mark.parametrize("case", PLAYED, ids=[f"{c['id']}-{c['name']}" for c in PLAYED])
def test_a_quirk_of_a_real_charger(
    cast: Cast, gateway: GatewayProcess, hasty: GatewayProcess, case: dict[str, Any]
) -> None:
    Token.objects.create(operator=cast.operator, uid="TAG1")
    station = cast.ac_station
    station.ocpp_version = case["ocpp"]
    station.save(update_fields=["ocpp_version"])
    is_unanswered = any("timeout" in str(one) for one in case["messages"])

    player, is_open = async_to_sync(_played)(hasty if is_unanswered else gateway, case, station)

    for name, wanted in case["checks"].items():
        found = checks.found(name, wanted, station, player, is_open=is_open)
        assert found == wanted, (name, case["expect"])
    assert is_open, "the last word of every case is heard"
    assert [row.state for row in player.commands] == cases.ENDS.get(case["id"], [])


async def _played(
    gateway: GatewayProcess, case: dict[str, Any], station: Station
) -> tuple[Player, bool]:
    spoken = f"ocpp{case['ocpp']}"
    async with Charger(gateway.url, station.identity, spoken) as charger:
        player = Player(charger, station)
        if case["setup"] == "boot":
            await charger.call("BootNotification", cases.boot_of(case))
        with contextlib.suppress(ConnectionClosed):
            for message in case["messages"]:
                await player.play(message)
            if "drop" in cases.events_of(case):
                await player.do_reconnect({})
            await charger.call("Heartbeat", {})
            if any(name.startswith("fault_") for name in case["checks"]):
                await _examine(station)
            return player, True
        return player, False


async def _examine(station: Station) -> None:
    """Look while the station is connected: now, and when what must last has lasted."""
    now = clock.now()
    for as_of in (now, now + LATER):
        await sync_to_async(detection.examine_station)(station_id=station.pk, as_of=as_of)
