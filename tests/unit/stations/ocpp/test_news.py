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


def test_sending_has_a_small_share_of_the_time_and_news_never_waits_long():
    assert news.rest_after(0.0) == news.EVERY_S
    assert news.rest_after(0.01) == 0.01 / news.SHARE
    assert news.rest_after(10.0) == news.MOST_S
