"""The closed loop of one charger under load: a generator of frames that is sent each answer."""

import itertools
import json
import random
import uuid
from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from stations.simulator.dialect import stamp
from stations.simulator.fleet import StationSpec

STEP_WH = 7
MILLISECOND = timedelta(milliseconds=1)


@dataclass(slots=True)
class Step:
    """One CALL: its action, the business key a checker finds it by, and its payload as JSON."""

    action: str
    key: dict[str, Any]
    payload: str


Script = Generator[Step, dict[str, Any], None]


class Ticks:
    """Instants that never repeat, so that every message has a key of its own."""

    def __init__(self) -> None:
        self._last = datetime.now(UTC)

    def next(self) -> str:
        """Return now, at least a millisecond after the last."""
        self._last = max(datetime.now(UTC), self._last + MILLISECOND)
        return stamp(self._last)


def opening(spec: StationSpec) -> list[Step]:
    """Return what a charger says first."""
    if spec.ocpp == "1.6":
        boot = {"chargePointVendor": spec.vendor, "chargePointModel": spec.model}
        status = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
    else:
        station = {"vendorName": spec.vendor, "model": spec.model}
        boot = {"reason": "PowerUp", "chargingStation": station}  # type: ignore[dict-item]
        first = spec.connectors[0]
        status = {
            "timestamp": stamp(datetime.now(UTC)),
            "connectorStatus": "Available",
            "evseId": first.evse,
            "connectorId": first.evse_connector,
        }
    return [
        Step("BootNotification", {}, json.dumps(boot)),
        Step("StatusNotification", {}, json.dumps(status)),
    ]


def of(spec: StationSpec, *, seed: int, samples: int, loops: int | None) -> Script:
    """Return the loop of a station: authorise, start, samples, stop, again."""
    rng = random.Random(f"{seed}/{spec.identity}/load")
    turns = itertools.count() if loops is None else iter(range(loops))
    register_wh = rng.randrange(1_000_000, 30_000_000)
    ticks = Ticks()
    for _turn in turns:
        connector, token = rng.choice(spec.connectors), rng.choice(spec.tokens)
        if spec.ocpp == "1.6":
            register_wh = yield from _v16(connector.number, token.id, register_wh, samples, ticks)
        else:
            evse = {"id": connector.evse, "connectorId": connector.evse_connector}
            id_token = {"idToken": token.id, "type": token.type}
            register_wh = yield from _v201(evse, id_token, register_wh, samples, ticks)


def _v16(
    number: int, token: str, register_wh: int, samples: int, ticks: Ticks
) -> Generator[Step, dict[str, Any], int]:
    yield Step("Authorize", {"token": token}, f'{{"idTag":"{token}"}}')
    at = ticks.next()
    answer = yield Step(
        "StartTransaction",
        {"connector": number, "token": token, "meter_start": register_wh, "timestamp": at},
        f'{{"connectorId":{number},"idTag":"{token}","meterStart":{register_wh},'
        f'"timestamp":"{at}"}}',
    )
    tx = answer.get("transactionId", -1)
    for _sample in range(samples):
        at = ticks.next()
        register_wh += STEP_WH
        yield Step(
            "MeterValues",
            {"connector": number, "transaction": tx, "timestamp": at, "register_wh": register_wh},
            f'{{"connectorId":{number},"transactionId":{tx},"meterValue":[{{"timestamp":"{at}",'
            f'"sampledValue":[{{"value":"{register_wh}","context":"Sample.Periodic",'
            '"measurand":"Energy.Active.Import.Register","unit":"Wh"},'
            '{"value":"11020","measurand":"Power.Active.Import","unit":"W"},'
            '{"value":"15.97","measurand":"Current.Import","phase":"L1","unit":"A"},'
            '{"value":"230.1","measurand":"Voltage","phase":"L1-N","unit":"V"}]}]}',
        )
    at = ticks.next()
    yield Step(
        "StopTransaction",
        {"transaction": tx, "meter_stop": register_wh, "timestamp": at},
        f'{{"transactionId":{tx},"idTag":"{token}","meterStop":{register_wh},'
        f'"timestamp":"{at}","reason":"Local"}}',
    )
    return register_wh


def _v201(
    evse: dict[str, int], token: dict[str, str], register_wh: int, samples: int, ticks: Ticks
) -> Generator[Step, dict[str, Any], int]:
    id_token = json.dumps(token)
    yield Step("Authorize", {"token": token["idToken"]}, f'{{"idToken":{id_token}}}')
    tx, where = str(uuid.uuid4()), json.dumps(evse)

    def event(kind: str, trigger: str, seq: int, more: str = "") -> Step:
        at = ticks.next()
        return Step(
            "TransactionEvent",
            {"transaction": tx, "seq": seq, "event": kind, "register_wh": register_wh},
            f'{{"eventType":"{kind}","timestamp":"{at}","triggerReason":"{trigger}","seqNo":{seq},'
            f'"transactionInfo":{{"transactionId":"{tx}","chargingState":"Charging"{more}}},'
            f'"evse":{where},'
            + (f'"idToken":{id_token},' if kind != "Updated" else "")
            + f'"meterValue":[{{"timestamp":"{at}","sampledValue":[{{"value":{register_wh},'
            '"measurand":"Energy.Active.Import.Register","unitOfMeasure":{"unit":"Wh"}},'
            '{"value":11020,"measurand":"Power.Active.Import","unitOfMeasure":{"unit":"W"}},'
            '{"value":15.97,"measurand":"Current.Import","phase":"L1"},'
            '{"value":230.1,"measurand":"Voltage","phase":"L1-N"}]}]}',
        )

    yield event("Started", "Authorized", 0)
    for seq in range(1, samples + 1):
        register_wh += STEP_WH
        yield event("Updated", "MeterValuePeriodic", seq)
    yield event("Ended", "StopAuthorized", samples + 1, ',"stoppedReason":"Local"')
    return register_wh
