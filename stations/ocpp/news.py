"""News leaves the gateway beside the sockets: a broker that is slow or gone delays no station."""

import logging
import threading
import time
from itertools import islice

from chargenet.core import events
from chargenet.core.events import News

logger = logging.getLogger(__name__)

# A message to the broker costs the sender more than ten frames do, and the sockets wait meanwhile:
# one thread runs at a time. So in a flood nudges leave rarely, many in one message, and sending
# them has a small share of the time; a nudge that waits is still only a nudge.
AT_ONCE, EVERY_S, MOST_S = 2_000, 0.1, 0.5
SHARE = 0.04
MAX_WAITING = 10_000

Key = tuple[str, tuple[tuple[str, int], ...]]


class NewsPump(threading.Thread):
    """Carries news away from the sockets, each piece once while it waits."""

    def __init__(self) -> None:
        super().__init__(name="news", daemon=True)
        self._waiting: dict[Key, News] = {}
        self._some = threading.Condition()

    def tell(self, news: list[News]) -> None:
        """Hand over news; what does not fit is found by the sweeps."""
        if not news:
            return
        with self._some:
            for event, ids in news:
                if len(self._waiting) >= MAX_WAITING:
                    logger.warning("news dropped, sweeps will find it event=%s", event)
                    break
                self._waiting[event, tuple(ids.items())] = (event, ids)
            self._some.notify()

    def run(self) -> None:
        """Send what waits, for ever."""
        while True:
            news = self.take()
            before = time.thread_time()
            try:
                events.send_now(news)
            except Exception:
                logger.exception("news lost n=%d", len(news))
            time.sleep(rest_after(time.thread_time() - before))

    def take(self) -> list[News]:
        """Return the oldest news, waiting for some."""
        with self._some:
            while not self._waiting:
                self._some.wait()
            keys = list(islice(self._waiting, AT_ONCE))
            return [self._waiting.pop(key) for key in keys]


def rest_after(spent_s: float) -> float:
    """Return how long to gather after so much CPU was spent on sending."""
    return min(max(EVERY_S, spent_s / SHARE), MOST_S)
