"""News waits beside the sockets: once each, in order, and never without end."""

from chargenet.core.events import Event
from stations.ocpp import news
from stations.ocpp.news import NewsPump


def test_the_same_news_waits_once_and_leaves_in_order():
    pump = NewsPump()

    pump.tell([(Event.STATUS_CHANGED, {"station_id": 2})])
    pump.tell(
        [(Event.STATUS_CHANGED, {"station_id": 1}), (Event.STATUS_CHANGED, {"station_id": 2})]
    )

    assert [ids["station_id"] for _, ids in pump.take()] == [2, 1]


def test_a_flood_leaves_in_parts_and_ends_somewhere():
    pump = NewsPump()

    pump.tell([])
    pump.tell([(Event.STATUS_CHANGED, {"station_id": n}) for n in range(news.MAX_WAITING + 5)])

    assert len(pump.take()) == news.AT_ONCE
    assert len(pump._waiting) == news.MAX_WAITING - news.AT_ONCE
