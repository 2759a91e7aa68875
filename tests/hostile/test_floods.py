"""X21: stations that never wait for an answer: however many frames, one is under way."""

import asyncio
import os
from typing import Any

import pytest

from tests.cast import Cast
from tests.hostile.conftest import Target
from tests.hostile.test_hostile_clients import attacked
from tests.integration.stations.charger import Charger

FRAMES = 1_000 if os.environ.get("CHARGENET_LONG") else 400


@pytest.mark.parametrize(
    "text",
    ['[2,"n%d","Heartbeat",{}]', '[2,"n%d","NoSuchAction",{}]', "not a frame %d"],
    ids=["calls", "unknown_calls", "noise"],
)
def test_a_flood_of_frames_is_taken_one_at_a_time(cast: Cast, target: Target, text: str) -> None:
    async def attack(url: str, identity: str) -> Any:
        async with Charger(url, identity) as charger:
            flood = asyncio.create_task(_pour(charger, text))
            while (await charger.frame())[1] != "alive":
                pass
            await flood
            return True

    assert all(attacked(cast, target, attack))


async def _pour(charger: Charger, text: str) -> None:
    for number in range(FRAMES):
        await charger.send(text % number)
    await charger.send('[2,"alive","Heartbeat",{}]')
