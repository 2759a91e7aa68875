"""From a call to Facts: which handler, which checks, which refusal."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache, partial
from typing import Any

import msgspec

from stations.metering.facts import Facts, Json, Outcome, StationView
from stations.ocpp import clocks, fallbacks, habits, schemas, v16, v21, v201
from stations.ocpp.codes import CODES
from stations.ocpp.framing import Call, Refusal, encode
from stations.ocpp.kept import Handle

logger = logging.getLogger(__name__)

Check = Callable[[object], bool]

ROUTES: Mapping[str, Mapping[str, Handle]] = {
    "1.6": v16.ROUTES,
    "2.0.1": v201.ROUTES,
    "2.1": v21.ROUTES,
}
# What is never refused, also in strict mode: a refused one is billing data thrown away.
OF_SESSIONS = {"StartTransaction", "StopTransaction", "MeterValues", "TransactionEvent"}
# Where the times of a clock that was never set are put right.
CLOCKED = OF_SESSIONS | {"StatusNotification"}
# What a station may say before it is accepted: nothing may be lost that concerns a session.
ALWAYS_HEARD = OF_SESSIONS | {"BootNotification", "StatusNotification"}
# A 2.x station that never booted is not accepted yet; 1.6 only recommends to refuse (errata 3.10).
NOT_ACCEPTED = {"pending", "rejected", "new"}


class AnswerUnfit(ValueError):
    """An answer of ours does not follow the published schema; it must not leave."""


class Understood(msgspec.Struct, frozen=True):
    """A call we know: its Facts, and how its answer is written."""

    call: Call
    facts: Facts
    render: Callable[[Outcome], bytes]


def understand(
    call: Call, station: StationView, received_at: datetime, *, is_strict: bool = False
) -> Understood | Refusal:
    """Return what a call means, or the CALLERROR it gets.

    Only unknown actions, our own actions turned round, and calls of a station that was told to
    wait are refused; in strict mode, asked for per station, also what the schema refuses.
    """
    handle = ROUTES[station.version].get(call.action)
    if handle is None:
        return _refuse_action(call, station.version)
    if _must_wait(station, call.action):
        return Refusal(call.message_id, "SecurityError", "The station is not accepted yet.")
    payload: dict[str, Any] = call.payload
    flags = list(call.flags)
    if habits.are_at_work(station.quirks, call.action):
        payload, told = habits.put_right(station, call.action, payload, received_at)
        flags += told
    is_fit, is_fit_answer = _checks(station.version, call.action)
    if not is_fit(payload):
        if is_strict and call.action not in OF_SESSIONS:
            return _refuse_payload(call, station.version)
        payload, bent = schemas.coerce(station.version, call.action, payload)
        flags += bent or ["schema"]
    facts = _handled(handle, station, received_at, payload, call.action)
    if flags:
        facts = msgspec.structs.replace(facts, flags=tuple(dict.fromkeys((*facts.flags, *flags))))
    return Understood(call, facts, partial(_render, call.action, facts.answer, is_fit_answer))


def _must_wait(station: StationView, action: str) -> bool:
    """Say whether a station that is not accepted may not say this yet (2.0.1 B02.FR.09)."""
    if station.registration not in NOT_ACCEPTED:
        return False
    return action not in ALWAYS_HEARD and action not in station.triggered


def _refuse_action(call: Call, version: str) -> Refusal:
    if schemas.is_known(version, call.action):
        return Refusal(call.message_id, "NotSupported", "This action is ours to call.")
    return Refusal(call.message_id, "NotImplemented", "This action is unknown.")


def _refuse_payload(call: Call, version: str) -> Refusal:
    fault = schemas.first_fault(version, call.action, call.payload, is_answer=False)
    keyword = fault.keyword if fault else ""
    text = f"The payload breaks the schema: {keyword}."
    if fault and keyword != "additionalProperties":
        text = fault.text
    return Refusal(call.message_id, CODES[version].of_fault(keyword), text)


def _handled(
    handle: Handle,
    station: StationView,
    received_at: datetime,
    payload: dict[str, Any],
    action: str,
) -> Facts:
    try:
        facts = handle(station, received_at, payload)
        if clocks.UNSET in facts.flags and action in CLOCKED:
            return clocks.put_right(handle, station, received_at, payload, facts)
        return facts
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        # A hole in a handler must not make the station burn its attempts: kept, answered, shown.
        logger.exception("handler failed station=%s action=%s", station.id, action)
        return Facts((), fallbacks.fallback(station, action), flags=("handler_failed",))


@cache
def _checks(version: str, action: str) -> tuple[Check, Check]:
    """Return the checks of a message and of its answer."""
    return (
        schemas.checker(version, action, is_answer=False),
        schemas.checker(version, action, is_answer=True),
    )


def _render(
    action: str, answer: Callable[[Outcome], Json], is_fit: Check, outcome: Outcome
) -> bytes:
    said = answer(outcome)
    if not is_fit(said):
        raise AnswerUnfit(action)
    return encode(said)
