"""What real chargers do wrong, played over a real socket: every field report is a case here.

The cases are data (`shared/vectors/ocpp/quirks.jsonl`); what faults and tickets make of them is
proved where the rules live.
"""

import contextlib
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from websockets.exceptions import ConnectionClosed

from stations.models import Connector, Inbox, MeterValue, OrphanStop, Session, Token
from tests.cast import Cast
from tests.integration.stations.charger import Charger
from tests.integration.stations.conftest import GatewayProcess, fresh

SHARED = Path(os.environ.get("CHARGENET_SHARED", Path(__file__).resolve().parents[3] / "shared"))
FILE = SHARED / "vectors" / "ocpp" / "quirks.jsonl"
BOOTS = {
    "1.6": {"chargePointVendor": "Quirk", "chargePointModel": "Q1"},
    "2.0.1": {
        "reason": "PowerUp",
        "chargingStation": {"vendorName": "Quirk", "model": "Q1"},
    },
}
# Commands, thresholds and handshakes have tests of their own beside these.
NOT_PLAYED = {"csms_call", "connect"}


def load() -> list[dict[str, Any]]:
    if not FILE.exists():
        return []
    cases = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
    return [case for case in cases if not _events(case) & NOT_PLAYED]


def _events(case: dict[str, Any]) -> set[str]:
    return {m.get("event", "") for m in case["messages"] if isinstance(m, dict)}


CASES = load()


class Player:
    """Plays one case: macros filled, answers kept."""

    def __init__(self, charger: Charger) -> None:
        self.charger = charger
        self.now = datetime.now(UTC)
        self.transaction: Any = 0
        self.answers: list[list[Any]] = []
        self.count = 0

    def fill(self, text: str) -> str:
        self.count += 1
        text = text.replace("$ID", f"q{self.count}").replace("$LASTCSID", "none")
        text = text.replace('"$TX"', json.dumps(self.transaction))
        for name, seconds in (("$T0", 50), ("$T1", 40), ("$T2", 30), ("$NOW", 0)):
            text = text.replace(name, self.stamp(seconds))
        while "$T-" in text:
            head, _, tail = text.partition("$T-")
            digits = tail[: len(tail) - len(tail.lstrip("0123456789"))]
            text = head + self.stamp(int(digits)) + tail[len(digits) :]
        return text

    def stamp(self, seconds_ago: int) -> str:
        instant = self.now - timedelta(seconds=seconds_ago)
        return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    async def play(self, message: Any) -> None:
        if isinstance(message, dict) and "repeat" in message:
            inner = message["msg"]
            for _ in range(message["repeat"]):
                for one in inner if isinstance(inner[0], list) else [inner]:
                    await self.play(one)
        elif isinstance(message, dict) and "raw" in message:
            await self.say(self.fill(message["raw"]), is_raw=True)
        elif isinstance(message, dict):
            if message["event"] == "reconnect":
                await self.charger.socket.close()
                await self.charger.connect()
        else:
            await self.say(self.fill(json.dumps(message)), is_raw=False)

    async def say(self, text: str, *, is_raw: bool) -> None:
        await self.charger.send(text)
        if is_raw and not text.startswith("[2,"):
            # a broken answer gets none; a heartbeat proves that the connection lives
            await self.charger.send('[2,"alive","Heartbeat",{}]')
            while (await self.charger.frame())[1] != "alive":
                pass
            return
        answer = await self.charger.frame()
        self.answers.append(answer)
        if answer[0] == 3 and "transactionId" in answer[2]:
            self.transaction = answer[2]["transactionId"]


@pytest.mark.skipif(not CASES, reason=f"no quirks at {FILE}")
@pytest.mark.parametrize("case", CASES, ids=[f"{c['id']}-{c['name']}" for c in CASES])
def test_a_quirk_of_a_real_charger(
    cast: Cast, gateway: GatewayProcess, case: dict[str, Any]
) -> None:
    identity = "NORD-AC-1"
    Token.objects.create(operator=cast.operator, uid="TAG1")
    station = cast.ac_station
    station.ocpp_version = case["ocpp"]
    station.save(update_fields=["ocpp_version"])

    async def script() -> tuple[Player, bool]:
        async with Charger(gateway.url, identity, f"ocpp{case['ocpp']}") as charger:
            player = Player(charger)
            if case["setup"] == "boot":
                await charger.call("BootNotification", BOOTS[case["ocpp"]])
            is_open = True
            with contextlib.suppress(ConnectionClosed):
                for message in case["messages"]:
                    await player.play(message)
                await charger.call("Heartbeat", {})
                return player, is_open
            return player, False

    player, is_open = async_to_sync(script)()

    for name, wanted in case["checks"].items():
        found = _found(name, cast, player, is_open=is_open)
        if found is not None:
            assert found == wanted, (name, case["expect"])


def _found(name: str, cast: Cast, player: Player, *, is_open: bool) -> Any:
    station = cast.ac_station
    sessions = Session.objects.filter(station=station).order_by("id")
    connector = Connector.objects.filter(station=station, evse__number=1).get()
    looks: dict[str, Callable[[], Any]] = {
        "answer": lambda: {3: "CALLRESULT", 4: "CALLERROR"}[player.answers[-1][0]],
        "error_code": lambda: player.answers[-1][2],
        "socket_open": lambda: is_open,
        "station_online": lambda: fresh(station).connected_at is not None,
        "tx_count": sessions.count,
        "open_tx": lambda: sessions.filter(state="open").count(),
        "tx_energy_wh": lambda: sessions[0].energy_wh,
        "last_wh": lambda: connector.last_register_wh,
        "quarantined": lambda: Inbox.objects.filter(
            station_id=station.pk, state="set_aside"
        ).exists(),
        "needs_review": lambda: sessions.filter(needs_review=True).count(),
        "orphan_stop": OrphanStop.objects.count,
        "connector_status": lambda: _status(station, player),
        "tx_idtag": lambda: sessions[0].id_tag,
        "samples_on_tx": lambda: MeterValue.objects.filter(session_id=sessions[0].pk).count(),
    }
    look = looks.get(name)
    return None if look is None else look()


def _status(station: Any, player: Player) -> str:
    newest = Connector.objects.filter(station=station).exclude(status="")
    return newest.order_by("-status_received_at")[0].status
