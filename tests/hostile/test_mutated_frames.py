"""S18: ten thousand mutated frames a version; the gateway lives, and so does the neighbour.

The short form is in the suite; CHARGENET_LONG=1 sends all of them.
"""

import asyncio
import json
import os
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from stations import registry
from stations.models import Session, Station
from tests.cast import Cast, make_station
from tests.hostile import mutations
from tests.hostile.conftest import Target
from tests.hostile.neighbour import Neighbour
from tests.integration.stations.charger import PASSWORD, Charger

COUNT = 10_000 if os.environ.get("CHARGENET_LONG") else 400
SEED = 20261122
SENDERS, AT_ONCE = 4, 25
BOOTS = {
    "1.6": {"chargePointVendor": "Fuzz", "chargePointModel": "F1"},
    "2.x": {"reason": "PowerUp", "chargingStation": {"vendorName": "Fuzz", "model": "F1"}},
}


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_mutated_frames_hurt_nobody(cast: Cast, target: Target, version: str) -> None:
    stations = [_station(cast, f"FUZZ-{number}", version) for number in range(SENDERS)]
    texts = list(mutations.frames(version, SEED, COUNT))

    neighbour, closed = async_to_sync(_sent)(target, stations, texts, version)

    assert closed == [], "a frame of ours to read never ends the connection"
    assert target.process.poll() is None
    assert target.holes() == []
    session = Session.objects.get(ocpp_transaction_id="honest")
    assert (session.state, session.energy_wh) == ("completed", neighbour.energy_wh)
    assert session.needs_review is False
    assert Session.objects.filter(station=cast.dc_station).count() == 1


def _station(cast: Cast, identity: str, version: str) -> Station:
    station, _ = make_station(cast.location, identity, version=version)
    registry.set_password(station, PASSWORD)
    return station


async def _sent(
    target: Target, stations: list[Station], texts: list[str], version: str
) -> tuple[Neighbour, list[Any]]:
    neighbour = Neighbour(target.url)
    honest = asyncio.create_task(neighbour.charge())
    senders = [
        _send(target.url, station.identity, version, texts[number::SENDERS])
        for number, station in enumerate(stations)
    ]
    closed = await asyncio.gather(*senders)
    neighbour.end()
    await honest
    return neighbour, [one for one in closed if one]


async def _send(url: str, identity: str, version: str, texts: list[str]) -> list[Any]:
    """Send frames, and now and then a heartbeat; return what the connection died of."""
    async with Charger(url, identity, f"ocpp{version}") as charger:
        await charger.call("BootNotification", BOOTS["1.6" if version == "1.6" else "2.x"])
        for start in range(0, len(texts), AT_ONCE):
            some = texts[start : start + AT_ONCE]
            try:
                for text in some:
                    await charger.send(text)
                await _alive(charger, f"alive{start}")
            except (OSError, TimeoutError, EOFError) as error:
                return [identity, repr(error), charger.socket.close_code, some]
    return []


async def _alive(charger: Charger, message_id: str) -> None:
    await charger.send(json.dumps([2, message_id, "Heartbeat", {}]))
    while True:
        frame = await charger.frame()
        if frame[0] == 2:
            await charger.send(json.dumps([3, frame[1], {"status": "Accepted"}]))
        elif frame[1] == message_id:
            assert frame[0] == 3, frame
            return
