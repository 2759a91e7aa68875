"""A price on the wire: known in time, or left out."""

import asyncio
import json
import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from stations.metering.facts import HeartbeatFact, TransactionFact
from stations.ocpp import ports
from stations.ocpp.ports import CostDesk

NOW = datetime(2026, 11, 22, tzinfo=UTC)
EVENT = TransactionFact(phase="ended", transaction="t", seq_no=1, occurred_at=NOW)


def test_free_is_0_and_unknown_is_absent() -> None:
    assert ports.with_cost(b"{}", "") == b"{}"
    assert json.loads(ports.with_cost(b"{}", "0.00")) == {"totalCost": 0}
    info = b'{"idTokenInfo":{"status":"Accepted"}}'
    assert json.loads(ports.with_cost(info, "12.50")) == {
        "totalCost": 12.5,
        "idTokenInfo": {"status": "Accepted"},
    }


def test_only_a_transaction_event_carries_a_price() -> None:
    assert ports.event_of((EVENT,)) is EVENT
    assert ports.event_of((HeartbeatFact(),)) is None
    assert ports.event_of(()) is None


def test_a_billing_that_sleeps_does_not_keep_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    desk, wakes = CostDesk(), threading.Event()

    def asleep(*_: Any) -> str:
        wakes.wait(60)
        return "9.99"

    monkeypatch.setattr(desk, "_ask", asleep)
    desk.bind(object())  # type: ignore[arg-type]  # it is never asked

    async def ask_often() -> list[str]:
        return [await desk.cost_of(1, "t", NOW) for _ in range(ports.MOST_AT_ONCE + 3)]

    found = asyncio.run(ask_often())

    assert found == [""] * (ports.MOST_AT_ONCE + 3)
    assert not wakes.is_set()
    wakes.set()


def test_a_price_known_at_once_is_in_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = CostDesk()
    monkeypatch.setattr(ports, "WITHIN_S", 30)
    monkeypatch.setattr(desk, "_ask", lambda *_: "9.99")
    desk.bind(object())  # type: ignore[arg-type]  # it is never asked

    assert asyncio.run(desk.cost_of(1, "t", NOW)) == "9.99"


def test_nobody_to_ask_is_no_price_and_no_screen() -> None:
    desk = CostDesk()

    assert asyncio.run(desk.cost_of(1, "t", NOW)) == ""
    assert not desk.wants(1)
