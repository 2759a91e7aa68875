"""X08 to X10: messages come twice, six times, out of order, or for a number nobody learnt."""

import asyncio
import json
import random
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from stations.models import Inbox, MeterValue, OrphanStop, Session
from tests.cast import Cast
from tests.chaos.checker import check_fleet
from tests.chaos.conftest import IS_LONG, MakeFleet, MakeGateway, Report
from tests.chaos.fleet import Retrying, Retrying201
from tests.integration.stations.charger import Charger

pytestmark = pytest.mark.chaos
CHARGERS = 50 if IS_LONG else 10
SESSIONS = 20 if IS_LONG else 3
START, END = 1000, 9000


def stamp(minute: int) -> str:
    return f"2026-02-01T10:{minute:02}:00Z"


async def flood(charger: Charger, frames: list[tuple[str, str, dict[str, Any]]]) -> list[Any]:
    """Send frames without waiting for answers; return every answer, by message id."""
    for message_id, action, payload in frames:
        await charger.send(json.dumps([2, message_id, action, payload]))
    answers: list[Any] = []
    while len(answers) < len(frames):
        frame = await charger.frame()
        if frame[0] != 2:
            answers.append(frame)
    return answers


class Storming(Retrying):
    """Sends each message three times with one id and three times with new ids."""

    async def deliver(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        await self.connected()
        same = self.new_id()
        frames = [(same, action, payload)] * 3
        frames += [(self.new_id(), action, payload) for _ in range(3)]
        answers = [frame[2] for frame in await flood(self.charger, frames)]
        assert all(answer == answers[0] for answer in answers), answers
        self.acknowledged += 1
        return dict(answers[0])


def test_x08_every_message_comes_six_times(
    make_gateway: MakeGateway, make_fleet: MakeFleet, report: Report
) -> None:
    gateway = make_gateway()
    chargers: list[Retrying] = []
    for seed, known in enumerate(make_fleet(CHARGERS, lambda: gateway.url)):
        if isinstance(known, Retrying201):
            continue
        chargers.append(Storming(lambda: gateway.url, known.identity, seed))

    async def script() -> None:
        await asyncio.gather(*(charger.run(SESSIONS) for charger in chargers))

    async_to_sync(script)()

    figures = check_fleet(chargers)
    sent = figures["acknowledged"]
    assert Inbox.objects.filter(action="StartTransaction").count() == figures["sessions"]
    report("X08", **figures, frames=6 * sent, repeats_harmless=5 * sent)


def _events(transaction: str, chance: random.Random) -> tuple[list[dict[str, Any]], int]:
    """Return the events of a session out of order, some missing, and its energy."""
    wh, events = START, []
    for number in range(12):
        kind = "Started" if number == 0 else "Ended" if number == 11 else "Updated"
        context = {"Started": "Transaction.Begin", "Ended": "Transaction.End"}.get(
            kind, "Sample.Periodic"
        )
        wh += chance.randint(10, 90) if number else 0
        value = {"value": wh, "context": context, "measurand": "Energy.Active.Import.Register"}
        event = {
            "eventType": kind,
            "triggerReason": "MeterValuePeriodic",
            "seqNo": number,
            "timestamp": stamp(number),
            "transactionInfo": {"transactionId": transaction},
            "evse": {"id": 1, "connectorId": 1},
            "meterValue": [{"timestamp": stamp(number), "sampledValue": [value]}],
        }
        if kind != "Updated" or chance.random() > 0.1:
            events.append(event)
    last = events.pop()
    chance.shuffle(events)
    return [last, *events], wh - START


def test_x09_events_out_of_order_and_every_tenth_lost(
    make_gateway: MakeGateway, make_fleet: MakeFleet, report: Report
) -> None:
    gateway = make_gateway()
    count = 2 * (CHARGERS // 2)
    identities = [c.identity for c in make_fleet(count, lambda: gateway.url)][1::2]
    model: dict[str, tuple[int, int]] = {}

    async def charge(identity: str, seed: int) -> None:
        chance = random.Random(seed)
        async with Charger(gateway.url, identity, "ocpp2.0.1") as charger:
            for n in range(SESSIONS):
                transaction = f"{identity}-{n}"
                events, energy = _events(transaction, chance)
                model[transaction] = (energy, len(events))
                for event in events:
                    await charger.call("TransactionEvent", event)

    async def script() -> None:
        await asyncio.gather(*(charge(name, seed) for seed, name in enumerate(identities)))

    async_to_sync(script)()

    found = {s.ocpp_transaction_id: s for s in Session.objects.all()}
    assert found.keys() == model.keys()
    for transaction, (energy, events) in model.items():
        row = found[transaction]
        assert (row.state, row.energy_wh) == ("completed", energy), transaction
        assert MeterValue.objects.filter(session_id=row.pk).count() == events
    gaps = sum(1 for row in found.values() if "seq_gap" in row.flags)
    report("X09", sessions=len(model), with_gaps=gaps, energy_equals_model=len(model))


def test_x10_the_answer_to_a_start_is_lost_for_ever(
    people: Cast, make_gateway: MakeGateway, report: Report
) -> None:
    gateway = make_gateway()
    tries = 50 if IS_LONG else 5

    async def script() -> int:
        answered = 0
        async with Charger(gateway.url, "NORD-AC-1") as charger:
            for n in range(tries):
                # the start itself never arrived; the stop carries what the charger was not told
                payload = {"transactionId": -1, "idTag": "NOBODY", "meterStop": END + n}
                answer = await charger.call("StopTransaction", payload | {"timestamp": stamp(n)})
                answered += not answer or answer["idTagInfo"]["status"] == "Invalid"
        return answered

    answered = async_to_sync(script)()

    assert answered == tries
    assert OrphanStop.objects.count() == tries
    assert Session.objects.count() == 0
    report("X10", stops=tries, answered=answered, kept_as_orphans=tries)
