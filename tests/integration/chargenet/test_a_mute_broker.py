"""A broker that takes connections and says nothing: whoever publishes is let go soon."""

import socket
import threading
from collections.abc import Iterator

import pytest
from celery import Celery

from chargenet import celery, wiring
from chargenet.core.events import Event

# Several times what one attempt may take, far less than a person or a provider waits.
LET_GO_WITHIN_S = 25


@pytest.fixture
def mute_broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A broker whose kernel accepts, and whose process never answers."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        app = Celery("mute", broker=f"redis://127.0.0.1:{mute.getsockname()[1]}/0")
        app.conf.broker_transport_options = celery.app.conf.broker_transport_options
        monkeypatch.setattr(wiring, "app", app)
        yield


def test_news_for_a_mute_broker_are_given_up(mute_broker: None) -> None:
    news = [(Event.STATUS_CHANGED, {"station_id": 1})]
    sender = threading.Thread(target=wiring.send_to_workers, args=(news,), daemon=True)

    sender.start()
    sender.join(LET_GO_WITHIN_S)

    assert not sender.is_alive()
