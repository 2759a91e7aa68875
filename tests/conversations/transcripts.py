"""The recorded conversations, and what sessions they hold, counted from their frames alone."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conversations.cases import SHARED

FOLDER = SHARED / "vectors" / "ocpp" / "transcripts"
FILES = sorted(FOLDER.glob("*.jsonl"))
HOW_MANY = 9
REGISTER = "Energy.Active.Import.Register"
START, STOP, EVENT = "StartTransaction", "StopTransaction", "TransactionEvent"


@dataclass
class Recorded:
    """One session of a recording; a register nobody said is None."""

    start_wh: int | None = None
    stop_wh: int | None = None
    is_ended: bool = False
    token: str = ""
    # A stop without a number may be this one's.
    is_unsure: bool = False

    @property
    def energy_wh(self) -> int | None:
        """Return what the frames say it used; None where their registers contradict that."""
        if self.start_wh is None or not self.stop_wh or self.stop_wh < self.start_wh:
            return None
        return self.stop_wh - self.start_wh


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def sessions_of(path: Path) -> list[Recorded]:
    """Return the sessions of a recording, in the order they began."""
    rows = rows_of(path)
    calls = [row["msg"] for row in rows if row["dir"] == "cp->cs" and _is_call(row["msg"])]
    if any(call[2] == EVENT for call in calls):
        return _sessions_2x(calls)
    return _sessions_16(rows)


def _is_call(frame: Any) -> bool:
    return isinstance(frame, list) and frame[0] == 2


def _sessions_16(rows: list[dict[str, Any]]) -> list[Recorded]:
    """A start resent word for word is one session; a stop belongs to the number it was given."""
    begun: dict[str, Recorded] = {}
    asked: dict[str, str] = {}
    numbered: dict[int, str] = {}
    for row in rows:
        frame: Any = row.get("msg")
        if row["dir"] == "cs->cp" and frame[0] == 3 and frame[1] in asked:
            numbered[frame[2]["transactionId"]] = asked[frame[1]]
        if row["dir"] != "cp->cs" or not _is_call(frame):
            continue
        if frame[2] == START:
            name = json.dumps(frame[3], sort_keys=True)
            asked[frame[1]] = name
            begun.setdefault(name, Recorded(frame[3]["meterStart"], token=frame[3]["idTag"]))
        elif frame[2] == STOP and frame[3]["transactionId"] in numbered:
            session = begun[numbered[frame[3]["transactionId"]]]
            if session.stop_wh is None:
                session.stop_wh, session.is_ended = frame[3]["meterStop"], True
        elif frame[2] == STOP:
            for session in begun.values():
                session.is_unsure |= not session.is_ended and session.token == frame[3]["idTag"]
    return list(begun.values())


def _sessions_2x(calls: list[Any]) -> list[Recorded]:
    begun: dict[str, Recorded] = {}
    for call in calls:
        if call[2] != EVENT:
            continue
        name = call[3]["transactionInfo"]["transactionId"]
        session = begun.setdefault(name, Recorded())
        registers = list(_registers(call[3]))
        if call[3]["eventType"] == "Started" and registers:
            session.start_wh = registers[0]
        if call[3]["eventType"] == "Ended":
            session.is_ended = True
            session.stop_wh = registers[-1] if registers else None
    return list(begun.values())


def _registers(event: dict[str, Any]) -> Iterator[int]:
    for value in event.get("meterValue", ()):
        for sample in value["sampledValue"]:
            if sample.get("measurand", REGISTER) == REGISTER and "phase" not in sample:
                unit = sample.get("unitOfMeasure", {}).get("unit", "Wh")
                yield round(float(sample["value"]) * (1000 if unit == "kWh" else 1))
