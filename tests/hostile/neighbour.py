"""An honest station beside hostile ones: its session stays whole, its calls are answered."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.integration.stations.charger import Charger

TOKEN = {"idToken": "ASTRID01", "type": "ISO14443"}
STEP_WH = 10


class Neighbour:
    """A session of 2.0.1 that goes on until it is told to end."""

    def __init__(self, url: str) -> None:
        self.charger = Charger(url, "NORD-DC-1", "ocpp2.0.1")
        self.sent = 0
        self.took_s: list[float] = []
        self.began = datetime.now(UTC)
        self._is_over = asyncio.Event()

    @property
    def energy_wh(self) -> int:
        return (self.sent - 1) * STEP_WH

    @property
    def p99_ms(self) -> int:
        """How long its messages took, all but the slowest hundredth."""
        return round(sorted(self.took_s)[int(len(self.took_s) * 0.99)] * 1000)

    def end(self) -> None:
        """Let the session end after the event under way."""
        self._is_over.set()

    async def charge(self) -> None:
        """Begin, go on until told to end, and end; every event must be answered."""
        async with self.charger:
            await self._event("Started", "Authorized", idToken=TOKEN, evse={"id": 1})
            while not self._is_over.is_set():
                await self._event("Updated", "MeterValuePeriodic")
                await asyncio.sleep(0.02)
            await self._event("Ended", "StopAuthorized")

    async def _event(self, phase: str, trigger: str, **more: Any) -> None:
        at = (self.began + timedelta(seconds=self.sent)).isoformat()
        sample = {"value": self.sent * STEP_WH, "measurand": "Energy.Active.Import.Register"}
        event = {
            "eventType": phase,
            "timestamp": at,
            "triggerReason": trigger,
            "seqNo": self.sent,
            "transactionInfo": {"transactionId": "honest"},
            "meterValue": [{"timestamp": at, "sampledValue": [sample]}],
            **more,
        }
        self.sent += 1
        began = time.monotonic()
        await self.charger.call("TransactionEvent", event)
        self.took_s.append(time.monotonic() - began)
