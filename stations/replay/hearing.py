"""What stations say in a recorded conversation, understood as by the gateway; no store."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from stations.metering.facts import Facts, NoticeFact, Place, StationView, TokenFact
from stations.ocpp import framing, routing
from stations.recordings import RecordedRow

START, UNLOCK = "StartTransaction", "UnlockConnector"
ACCEPTED = "Accepted"
# Calls whose answer says whether a token may charge, and where it says so.
TOKEN_ANSWERS = {
    "Authorize": ("idTagInfo", "idTokenInfo"),
    START: ("idTagInfo",),
    "TransactionEvent": ("idTokenInfo",),
}
MOST_OPEN = 200


@dataclass(frozen=True, slots=True)
class Heard:
    """One row of a recording: facts, or a socket that opened or closed.

    `asks` is the message that wants the number of a session, `names` one that got it: (message,
    number). `interval_s` is the heartbeat we asked for, `is_ours` says that the row is no sign of
    life.
    """

    row: RecordedRow
    facts: Facts = field(default_factory=lambda: Facts(()))
    event: str = ""
    asks: str = ""
    names: tuple[str, str] | None = None
    interval_s: int | None = None
    is_ours: bool = False


@dataclass(slots=True)
class _Ear:
    """One station of a recording: what it asked us, and what we asked it."""

    view: StationView
    asked: dict[str, framing.Call] = field(default_factory=dict)
    ordered: dict[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)


def hear_rows(rows: Iterable[RecordedRow]) -> Iterator[Heard]:
    """Yield what each row of a recording means for whoever judges the stations."""
    ears: dict[str, _Ear] = {}
    for row in rows:
        ear = ears.get(row.station)
        if ear is None:
            view = StationView(len(ears) + 1, 0, row.station, row.version or "1.6")
            ear = ears[row.station] = _Ear(view)
        if row.version:
            ear.view.version = row.version
        if row.direction == "event":
            yield Heard(row, event=row.event, is_ours=True)
        elif row.direction == "cs->cp":
            yield _ours(row, ear)
        else:
            yield _theirs(row, ear)


def _theirs(row: RecordedRow, ear: _Ear) -> Heard:
    text = row.frame if isinstance(row.frame, str) else json.dumps(row.frame)
    read = framing.read_frame(text, ear.view.version)
    if isinstance(read, framing.Reply):
        return Heard(row, _answered(row, ear, read))
    if not isinstance(read, framing.Call):
        return Heard(row, _aside(row, "unreadable"))
    ear.asked[read.message_id] = read
    if len(ear.asked) > MOST_OPEN:
        del ear.asked[next(iter(ear.asked))]
    understood = routing.understand(read, ear.view, row.at)
    if isinstance(understood, framing.Refusal):
        return Heard(row, _aside(row, understood.code))
    if read.action == "BootNotification":
        ear.view.booted_at = row.at
    asks = read.message_id if read.action == START else ""
    return Heard(row, understood.facts, asks=asks)


def _aside(row: RecordedRow, reason: str) -> Facts:
    detail = {"reason": reason}
    return Facts((NoticeFact(kind="frame_set_aside", occurred_at=row.at, detail=detail),))


def _answered(row: RecordedRow, ear: _Ear, read: framing.Reply) -> Facts:
    """Return what the end of a call of ours says of the station."""
    action, payload = ear.ordered.pop(read.message_id, ("", {}))
    if not action:
        return Facts(())
    if read.error:
        detail: dict[str, object] = {"action": action, "error": read.error}
        return Facts((NoticeFact(kind="call_failed", occurred_at=row.at, detail=detail),))
    if action != UNLOCK:
        return Facts(())
    place = Place(_number(payload.get("evseId", payload.get("connectorId"))))
    detail = {"status": str(read.payload.get("status", ""))}
    return Facts((NoticeFact(kind="unlock", occurred_at=row.at, place=place, detail=detail),))


def _ours(row: RecordedRow, ear: _Ear) -> Heard:
    frame = row.frame
    if not isinstance(frame, list) or len(frame) < 3:
        return Heard(row, is_ours=True)
    message_id = str(frame[1])
    if frame[0] == framing.CALL and len(frame) == 4 and isinstance(frame[3], dict):
        ear.ordered[message_id] = (str(frame[2]), frame[3])
        return Heard(row, is_ours=True)
    call = ear.asked.pop(message_id, None)
    if frame[0] != framing.CALL_RESULT or call is None or not isinstance(frame[2], dict):
        return Heard(row, is_ours=True)
    return _our_answer(row, call, frame[2])


def _our_answer(row: RecordedRow, call: framing.Call, said: Mapping[str, Any]) -> Heard:
    number, names = said.get("transactionId"), None
    if call.action == START and isinstance(number, int):
        names = (call.message_id, str(number))
    interval = said.get("interval") if call.action == "BootNotification" else None
    return Heard(
        row,
        _refused(row, call, said),
        names=names,
        interval_s=interval if isinstance(interval, int) and interval > 0 else None,
        is_ours=True,
    )


def _refused(row: RecordedRow, call: framing.Call, said: Mapping[str, Any]) -> Facts:
    """Return the notice that a token was refused, where an answer of ours refuses it."""
    for name in TOKEN_ANSWERS.get(call.action, ()):
        told = said.get(name)
        word = told.get("status") if isinstance(told, dict) else None
        if isinstance(word, str) and word != ACCEPTED:
            detail = {"word": word.lower(), "token": _token(call.payload).uid}
            kind, place = "token_refused", _place(call.payload)
            return Facts((NoticeFact(kind=kind, occurred_at=row.at, place=place, detail=detail),))
    return Facts(())


def _token(payload: Mapping[str, Any]) -> TokenFact:
    told = payload.get("idToken")
    uid = told.get("idToken") if isinstance(told, dict) else payload.get("idTag")
    return TokenFact(str(uid or ""))


def _place(payload: Mapping[str, Any]) -> Place | None:
    evse = payload.get("evse")
    number = evse.get("id") if isinstance(evse, dict) else payload.get("connectorId")
    return Place(_number(number)) if number is not None else None


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
