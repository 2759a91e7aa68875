"""News leaves with its transaction: together, each piece once, none of what was rolled back."""

from collections.abc import Iterator

import pytest
from django.db import transaction

from chargenet.core import events
from chargenet.core.events import Event, News

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture
def sent() -> Iterator[list[list[News]]]:
    """Every sending of news, as it came."""
    heard: list[list[News]] = []
    before = events.bind_transport(heard.append)
    yield heard
    events.bind_transport(before)


def test_the_news_of_one_transaction_leaves_together_and_each_piece_once(sent) -> None:
    with transaction.atomic():
        for station_id in (1, 2, 1):
            events.publish(Event.STATUS_CHANGED, station_id=station_id)
        events.publish(Event.FAULT_OPENED, fault_id=1)
        assert sent == []

    assert sent == [
        [
            (Event.STATUS_CHANGED, {"station_id": 1}),
            (Event.STATUS_CHANGED, {"station_id": 2}),
            (Event.FAULT_OPENED, {"fault_id": 1}),
        ]
    ]


def test_what_a_savepoint_took_back_is_not_told(sent) -> None:
    with transaction.atomic():
        events.publish(Event.STATUS_CHANGED, station_id=1)
        with transaction.atomic():
            events.publish(Event.STATUS_CHANGED, station_id=2)
            transaction.set_rollback(True)
        events.publish(Event.STATUS_CHANGED, station_id=3)

    assert [ids["station_id"] for news in sent for _, ids in news] == [1, 3]


def test_what_a_later_savepoint_kept_is_told_though_an_earlier_one_was_taken_back(sent) -> None:
    with transaction.atomic():
        with transaction.atomic():
            events.publish(Event.STATUS_CHANGED, station_id=1)
            transaction.set_rollback(True)
        with transaction.atomic():
            events.publish(Event.STATUS_CHANGED, station_id=2)
        events.publish(Event.STATUS_CHANGED, station_id=3)

    assert [ids["station_id"] for news in sent for _, ids in news] == [2, 3]


def test_without_a_transaction_news_leaves_at_once(sent) -> None:
    events.publish(Event.STATUS_CHANGED, station_id=1)
    assert sent == [[(Event.STATUS_CHANGED, {"station_id": 1})]]
