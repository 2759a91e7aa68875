"""Every frame five independent charger implementations sent is understood and validly answered."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stations.metering.facts import Outcome, StationView, TokenVerdict
from stations.ocpp import framing, routing, schemas
from stations.ocpp.v201 import ROUTES as ROUTES_201

SHARED = Path(os.environ.get("CHARGENET_SHARED", Path(__file__).resolve().parents[5] / "shared"))
TRANSCRIPTS = SHARED / "vectors" / "ocpp" / "transcripts"
FILES = sorted(TRANSCRIPTS.glob("*.jsonl"))
VERSIONS = {"ocpp1.6": "1.6", "ocpp2.0.1": "2.0.1", "ocpp2.1": "2.0.1"}


@pytest.mark.skipif(not FILES, reason=f"no recorded conversations under {TRANSCRIPTS}")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_recorded_call_is_answered_by_the_schema(path):
    answered = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["dir"] != "cp->cs" or not isinstance(row["msg"], list) or row["msg"][0] != 2:
            continue
        answered += _is_answered(row)

    assert answered


def _is_answered(row) -> bool:
    version = VERSIONS[row["proto"]]
    received_at = datetime.fromisoformat(row["ts"]).astimezone(UTC)
    call = framing.read_frame(json.dumps(row["msg"]), version)
    assert isinstance(call, framing.Call)
    station = StationView(1, 1, row["cp"], version)

    understood = routing.understand(call, station, received_at)

    if isinstance(understood, framing.Refusal):
        assert call.action == "CustomOperation"
        return False
    outcome = Outcome(received_at, "1748291", token=TokenVerdict("accepted"))
    answer = json.loads(understood.render(outcome))
    assert schemas.checker(version, call.action, is_answer=True)(answer)
    return True


def test_every_up_going_action_of_2_0_1_has_a_handler():
    # 25 of the 64 actions go from the station to us (OCPP 2.0.1 part 2).
    assert len(ROUTES_201) == 25
