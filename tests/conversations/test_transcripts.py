"""Recorded conversations of five foreign implementations: no session is lost, none is invented."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.management import call_command

from stations import registry
from stations.models import Session, Station
from tests.cast import Cast
from tests.conversations import transcripts
from tests.integration.stations.charger import PASSWORD, Charger
from tests.integration.stations.conftest import GatewayProcess

Until = Callable[[Callable[[], object]], object]
needs_vectors = pytest.mark.skipif(
    not transcripts.FILES, reason=f"no recorded conversations under {transcripts.FOLDER}"
)
EACH = pytest.mark.parametrize("path", transcripts.FILES, ids=lambda path: path.stem)


def check_sessions(path: Path) -> None:
    """Hold the sessions in the store against what the recording's frames say."""
    recorded = transcripts.sessions_of(path)
    found = list(Session.objects.order_by("started_at", "pk"))
    assert len(found) == len(recorded)
    for session, said in zip(found, recorded, strict=True):
        if said.is_unsure:
            continue
        if said.energy_wh is None:
            is_told = session.needs_review or session.energy_wh == 0 or session.state == "open"
            assert is_told, session.flags
        else:
            assert session.energy_wh == said.energy_wh, session.flags
        assert not (said.is_ended and session.state == "open")


def replayed(path: Path, *options: str) -> list[dict[str, Any]]:
    out = io.StringIO()
    call_command("replay_frames", str(path), "--operator", "nord", *options, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


@needs_vectors
def test_every_conversation_is_there_and_most_hold_sessions() -> None:
    counted = {path.stem: len(transcripts.sessions_of(path)) for path in transcripts.FILES}

    assert len(counted) == transcripts.HOW_MANY
    assert sum(counted.values()) == 64
    assert [name for name, count in counted.items() if not count] == [
        "sap_schneider_16_overlong_serial"
    ]


@needs_vectors
@EACH
def test_a_conversation_is_replayed_whole_and_once(cast: Cast, path: Path) -> None:
    *told, summary = replayed(path, "--create-stations")

    check_sessions(path)
    calls = [row for row in transcripts.rows_of(path) if row["dir"] == "cp->cs"]
    assert len([one for one in told if one["action"] != "step"]) >= len(calls)
    refused = {one["action"] for one in told if one["outcome"] == "refused"}
    assert refused <= {"CustomOperation"}, "only an action nobody knows is refused"
    *again, _ = replayed(path)
    assert {one["outcome"] for one in again} <= {"duplicate", "refused", "skipped"}
    assert all(
        two["session"] in (None, one["session"]) for one, two in zip(told, again, strict=True)
    )
    check_sessions(path)
    assert "stored" in summary["summary"]


@needs_vectors
@EACH
def test_a_conversation_over_a_real_socket_leaves_the_same_sessions(
    cast: Cast, gateway: GatewayProcess, until: Until, path: Path
) -> None:
    rows = transcripts.rows_of(path)
    identity, spoken = rows[0]["cp"], rows[0]["proto"]
    plan = registry.StationPlan(
        identity=identity, ocpp_version=spoken.removeprefix("ocpp"), password=PASSWORD
    )
    station = registry.add_station(operator=cast.operator, plan=plan).station

    async_to_sync(_spoken)(Charger(gateway.url, identity, spoken), rows)

    check_sessions(path)
    until(lambda: not Station.objects.get(pk=station.pk).is_online)


async def _spoken(charger: Charger, rows: list[dict[str, Any]]) -> None:
    """Say what the recorded charger said; our number of a session stands for the recorded one."""
    asked: dict[str, int] = {}
    ours: dict[int, int] = {}
    async with charger:
        for row in rows:
            frame: Any = row.get("msg")
            if row["dir"] == "event" and row["event"] == "connect" and asked:
                await charger.socket.close()
                await charger.connect()
            elif row["dir"] == "cs->cp" and frame[0] == 3 and frame[1] in asked:
                ours[frame[2]["transactionId"]] = asked[frame[1]]
            elif row["dir"] == "cp->cs" and frame[0] == 2:
                payload = dict(frame[3])
                if payload.get("transactionId") in ours:
                    payload["transactionId"] = ours[payload["transactionId"]]
                await charger.send(json.dumps([*frame[:3], payload]))
                answer = await _answer(charger)
                assert answer[1] == frame[1]
                assert answer[0] == 3 or frame[2] == "CustomOperation", answer
                if frame[2] == transcripts.START:
                    asked[frame[1]] = answer[2]["transactionId"]
            elif row["dir"] == "cp->cs":
                await charger.send(json.dumps(frame))


async def _answer(charger: Charger) -> list[Any]:
    while (frame := await charger.frame())[0] == 2:
        await charger.send(json.dumps([3, frame[1], {"status": "Rejected"}]))
    return frame
