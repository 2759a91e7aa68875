import asyncio
from typing import Any

import pytest

from stations.simulator import outbox, settings


@pytest.mark.asyncio
async def test_the_front_goes_first_and_the_head_stays_until_removed() -> None:
    box = outbox.Outbox()
    late, urgent = outbox.Item("Late", {}), outbox.Item("Urgent", {})
    box.put(late)
    box.put_front(urgent)

    assert await box.head() is urgent
    assert await box.head() is urgent
    box.remove(urgent)
    assert await box.head() is late


@pytest.mark.asyncio
async def test_a_lost_connection_forgets_notes_and_keeps_transactions() -> None:
    box = outbox.Outbox()
    waiter: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    question = outbox.Item("Authorize", {}, waiter=waiter)
    stop = outbox.Item("StopTransaction", {}, durable=True)
    box.put(question)
    box.put(stop)

    box.drop_notes()

    assert await waiter is None
    assert box.durable() == [stop]


def test_a_full_queue_drops_samples_and_keeps_stops() -> None:
    box = outbox.Outbox()
    for _ in range(outbox.ROOM_FOR_SAMPLES + 50):
        box.put(outbox.Item("MeterValues", {}, durable=True, role="sample"))
    box.put(outbox.Item("StopTransaction", {}, durable=True, role="stop"))

    assert box.dropped == 49
    assert box.durable()[-1].action == "StopTransaction"


def test_what_was_held_back_comes_in_its_order() -> None:
    box = outbox.Outbox()
    items = [outbox.Item(name, {}, durable=True) for name in "abc"]
    for item in items:
        box.hold(item)
    assert box.durable() == items
    assert not box.queue

    box.release()

    assert list(box.queue) == items


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("HeartbeatInterval", "120", "Accepted"),
        ("HeartbeatInterval", "often", "Rejected"),
        ("LocalPreAuthorize", "TRUE", "Accepted"),
        ("LocalPreAuthorize", "maybe", "Rejected"),
        ("NumberOfConnectors", "9", "Rejected"),
        ("WebSocketPingInterval", "30", "RebootRequired"),
        ("AuthorizationKey", "new-password-123", "Accepted"),
        ("AuthorizationKey", "", "Rejected"),
        ("Unheard", "1", "NotSupported"),
    ],
)
def test_a_setting_is_taken_or_declined_with_the_word_of_the_protocol(
    key: Any, value: Any, said: Any
) -> None:
    assert settings.defaults(2, 60).set(key, value) == said
