"""Our own service says that it is ill, accuses no station meanwhile, and is missed outside."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from pytest_django import Settings

from chargenet.core.models import PeriodicRun
from faults import deadman, detection, queries
from faults.models import Fault
from faults.queries import own
from stations.models import Station
from tests import cast
from tests.cast import Cast
from tests.integration.faults import scene
from tests.integration.faults.scene import NOON, minutes

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    return cast.make_cast()


@pytest.fixture
def checker(settings: Settings) -> Iterator[list[str]]:
    """A checker outside, with the addresses it was called by."""
    called: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            called.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    settings.DEADMAN_URL = f"http://127.0.0.1:{server.server_port}/ping/us?key=1"
    yield called
    server.shutdown()
    server.server_close()


def beat(at: datetime) -> None:
    PeriodicRun.objects.create(name=own.BEAT, slot=at, started_at=at)


def test_the_checker_is_called_while_we_are_well_and_missed_when_the_beat_stops(
    checker: list[str],
) -> None:
    for second in (-15, 0):
        beat(NOON + timedelta(seconds=second))

    assert deadman.ping_checker(as_of=NOON)
    assert not deadman.ping_checker(as_of=NOON + minutes(5))

    assert checker == ["/ping/us?key=1"]


def test_a_checker_that_is_away_is_no_error(settings: Settings) -> None:
    settings.DEADMAN_URL = "http://127.0.0.1:1/"

    assert not deadman.ping_checker(as_of=NOON)


def test_workers_that_fall_behind_are_our_illness_and_one_lost_nudge_is_not(made: Cast) -> None:
    lag = timedelta(seconds=45)

    assert own.queue_lag([NOON, NOON], NOON + lag) == timedelta(0)
    assert own.queue_lag([NOON, NOON, NOON], NOON + lag) == lag
    assert own.queue_lag([NOON], NOON + minutes(4)) == minutes(4)

    scene.hear(made.ac_station, at=NOON)
    detection.examine_station(station_id=made.ac_station.pk, as_of=NOON)
    scene.say(made.socket, "Faulted", at=NOON + minutes(1))
    assert queries.own_health(NOON + minutes(5)).queue_lag_s == 240
    detection.examine_station(station_id=made.ac_station.pk, as_of=NOON + minutes(5))
    assert queries.own_health(NOON + minutes(5)).queue_lag_s == 0


def test_stations_of_every_line_wait_while_we_are_ill(
    made: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    Station.objects.filter(pk=made.ac_station.pk).update(network_group="apn-7")
    scene.hear(made.ac_station, at=NOON - minutes(90), is_online=False)
    for minute in (-30, 0):
        beat(NOON + minutes(minute))

    detection.sweep_wide(as_of=NOON)
    detection.examine_station(station_id=made.ac_station.pk, as_of=NOON)

    ours = Fault.objects.get(code="F43")
    assert (ours.state, ours.ticket is not None) == ("firing", True)
    silent = Fault.objects.get(code="F01")
    assert silent.inhibited_by == f"F43:network:{made.operator.pk}"
    assert "our own service is ill" in caplog.text
