"""A restart meant to heal is not sent once somebody charges; what waits behind it is."""

import json
from datetime import UTC, datetime, timedelta

from asgiref.sync import async_to_sync

from stations import commands
from stations.models import Command, OcppFrame, Session
from tests.cast import Cast
from tests.integration.stations.charger import Charger
from tests.integration.stations.conftest import GatewayProcess


def queued(cast: Cast, action: str, *, origin: str = "") -> Command:
    return commands.send_command(
        station=cast.ac_station,
        action=action,
        payload={"type": "soft"} if action == "reset" else {},
        as_of=datetime.now(UTC),
        lifetime=timedelta(seconds=30),
        origin=origin,
    )


def somebody_charges(cast: Cast) -> None:
    now = datetime.now(UTC)
    Session.objects.create(
        operator=cast.operator,
        station=cast.ac_station,
        connector=cast.socket,
        ocpp_transaction_id="77",
        state=Session.State.OPEN,
        started_at=now,
        received_at=now,
    )


def heard(gateway: GatewayProcess) -> list[str]:
    """Return what a station that connects is asked, up to what is queued last."""

    async def run() -> list[str]:
        names: list[str] = []
        async with Charger(gateway.url, "NORD-AC-1") as charger:
            while "ClearCache" not in names:
                call = await charger.called()
                names.append(call[2])
                await charger.send(json.dumps([3, call[1], {"status": "Accepted"}]))
            await charger.call("Heartbeat", {})
        return names

    return async_to_sync(run)()


def test_no_restart_leaves_when_a_session_opened_after_it_was_queued(
    cast: Cast, gateway: GatewayProcess
) -> None:
    restart = queued(cast, "reset", origin=f"{commands.SPARING}:1")
    somebody_charges(cast)
    queued(cast, "clear_cache")

    assert "Reset" not in heard(gateway)

    assert not OcppFrame.objects.filter(is_inbound=False, action="Reset").exists()
    restart.refresh_from_db()
    assert restart.sent_at is None


def test_a_person_who_restarts_it_in_a_session_is_obeyed(
    cast: Cast, gateway: GatewayProcess
) -> None:
    queued(cast, "reset")
    somebody_charges(cast)
    queued(cast, "clear_cache")

    assert "Reset" in heard(gateway)
