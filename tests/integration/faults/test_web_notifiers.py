"""Webhooks and SMS: signed, tried again, never sent into our own network."""

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.utils import translation

from chargenet.core import sealing
from chargenet.core.models import Outbox, User
from faults import notifications, notifiers, tickets
from faults.models import WayOut
from faults.notifications import relay
from faults.notifiers import troubles, web
from tests import cast
from tests.cast import Cast
from tests.integration.faults.scene import NOON, minutes

pytestmark = pytest.mark.django_db
SECRET = "a shared word"


class Listener(HTTPServer):
    """Somebody else's machine on this one."""

    answer = 200
    heard: list[tuple[dict[str, str], bytes]]


class _Ear(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Listener)
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.heard.append(({k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(self.server.answer)
        self.send_header("location", "http://127.0.0.1:1/")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def listener() -> Iterator[Listener]:
    server = Listener(("127.0.0.1", 0), _Ear)
    server.heard = []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def made() -> Cast:
    return cast.make_cast()


def way(made: Cast, listener: Listener, kind: str) -> WayOut:
    return WayOut.objects.create(
        operator=made.operator,
        kind=kind,
        url=f"http://127.0.0.1:{listener.server_port}/in?x=1",
        sealed=sealing.seal(SECRET),
        sender="Nord",
        created_at=NOON,
    )


def opened(made: Cast) -> None:
    about = tickets.About(made.operator.pk, "station:1", made.location.pk, made.ac_station.pk)
    tickets.open_ticket(about=about, family="safety", code="F30", severity=1, as_of=NOON)


def test_a_webhook_hears_of_a_ticket_signed_with_its_own_secret(
    made: Cast, listener: Listener, settings
) -> None:
    settings.PRIVATE_WEBHOOKS = True
    way(made, listener, "webhook")
    opened(made)
    notifications.relay_due(as_of=NOON)

    ((headers, body),) = listener.heard
    said = json.loads(body)
    assert (said["event"], said["ticket"]["number"]) == ("ticket.open", 1)
    signed = web.signature(SECRET, at=headers["x-chargenet-time"], body=body)
    assert headers["x-chargenet-signature"] == f"sha256={signed}"
    assert SECRET not in json.dumps([row.payload for row in Outbox.objects.all()])


def test_a_short_message_goes_to_who_is_told_and_has_a_telephone(
    made: Cast, listener: Listener, settings
) -> None:
    settings.PRIVATE_WEBHOOKS = True
    way(made, listener, "sms")
    User.objects.filter(pk=made.dag.pk).update(phone="+46701234567")
    opened(made)
    notifications.relay_due(as_of=NOON)

    ((_headers, body),) = listener.heard
    said = json.loads(body)
    assert (said["to"], said["from"]) == ("+46701234567", "Nord")
    assert "[#1] S1" in said["text"]


@pytest.mark.parametrize(
    ("status", "is_final"), [(302, True), (404, True), (429, False), (503, False)]
)
def test_what_a_machine_answers_says_whether_to_try_again(
    made: Cast, listener: Listener, settings, status: int, is_final: bool
) -> None:
    settings.PRIVATE_WEBHOOKS = True
    listener.answer = status
    payload = {"way_id": way(made, listener, "webhook").pk, "at": "now", "body": {}}

    with pytest.raises(notifiers.NotifierError) as refused:
        web.send_webhook(payload, "k")

    assert refused.value.permanent is is_final
    assert len(listener.heard) == 1, "a redirect is not followed"


def test_nothing_is_sent_into_our_own_network(made: Cast, listener: Listener) -> None:
    row = way(made, listener, "webhook")
    inside = ["127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "[::ffff:10.0.0.1]", "0.0.0.0"]
    inside += ["[64:ff9b::a00:1]", "[fec0::1]", "[::10.0.0.1]"]
    for url in (row.url, *(f"https://{host}/" for host in inside)):
        WayOut.objects.filter(pk=row.pk).update(url=url)
        with pytest.raises(notifiers.NotifierError) as refused:
            web.send_webhook({"way_id": row.pk, "at": "now", "body": {}}, "k")
        assert refused.value.permanent
    assert listener.heard == []


@pytest.mark.parametrize(
    "url",
    [
        "http://x.example/",
        "ftp://x.example/",
        "https:///",
        "https://a:b@x.example/",
        "https://x:0/",
        "https://x:99999/",
        "https://[bad/",
        "https://x.example/å",
        "https://x.example/a b",
        "https://x.example/?q=\x7f",
    ],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(web.AddressRefused):
        web.checked(url)


def test_an_address_with_foreign_signs_holds_up_no_letter(
    made: Cast, listener: Listener, settings
) -> None:
    """It was a ValueError in the middle of a batch, and nobody behind it heard of anything."""
    settings.PRIVATE_WEBHOOKS = True
    row = way_to(made, f"http://127.0.0.1:{listener.server_port}/å")
    hook(row, 1)
    Outbox.objects.create(operator=made.operator, kind="email", key="l", **letter())

    assert notifications.relay_due(as_of=NOON) == 1
    assert Outbox.objects.get(kind="webhook").failed_at == NOON


def test_a_machine_that_does_not_answer_is_asked_once_in_a_run_and_after_the_letters(
    made: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def silent(_payload: Any, key: str) -> None:
        asked.append(key)
        raise notifiers.NotifierError("timed out", permanent=False)

    row = way_to(made, "https://hooks.example/")
    for turn in (1, 2, 3):
        hook(row, turn)
    Outbox.objects.create(operator=made.operator, kind="email", key="l", **letter())
    monkeypatch.setitem(notifiers.NOTIFIERS, "email", lambda _payload, key: asked.append(key))
    monkeypatch.setitem(notifiers.NOTIFIERS, "webhook", silent)

    assert notifications.relay_due(as_of=NOON) == 1
    assert asked == ["l", "hook:1"]
    untried = Outbox.objects.filter(key__in=["hook:2", "hook:3"])
    assert {(one.attempts, one.due_at) for one in untried} == {(0, NOON + minutes(1))}


def test_what_a_slow_run_has_no_time_for_waits_for_the_next_one(
    made: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "MOST_S", -1)
    Outbox.objects.create(operator=made.operator, kind="email", key="l", **letter())

    assert notifications.relay_due(as_of=NOON) == 0
    assert (one := Outbox.objects.get()).attempts == 0
    assert one.due_at == NOON


def test_a_machine_that_drips_its_answer_is_hung_up_on(
    made: Cast, monkeypatch: pytest.MonkeyPatch, settings
) -> None:
    settings.PRIVATE_WEBHOOKS = True
    monkeypatch.setattr(web, "WHOLE_TALK_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        row = way_to(made, f"http://127.0.0.1:{mute.getsockname()[1]}/")
        with pytest.raises(notifiers.NotifierError, match="hung up") as ended:
            web.send_webhook({"way_id": row.pk, "at": "now", "body": {}}, "k")
    assert not ended.value.permanent


def test_a_name_server_that_does_not_answer_holds_up_nobody(
    made: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_over = threading.Event()

    def ask(*_: object, **__: object) -> list[Any]:
        is_over.wait(20)
        return []

    monkeypatch.setattr(web, "WHOLE_TALK_S", 0.2)
    monkeypatch.setattr(socket, "getaddrinfo", ask)
    row = way_to(made, "https://hooks.example/")

    with pytest.raises(notifiers.NotifierError, match="where the host is") as ended:
        web.send_webhook({"way_id": row.pk, "at": "now", "body": {}}, "k")

    assert not is_over.is_set()
    is_over.set()
    assert not ended.value.permanent


def test_a_host_found_when_the_time_is_up_is_not_called(made: Cast, settings) -> None:
    settings.PRIVATE_WEBHOOKS = True
    with socket.create_server(("127.0.0.1", 0)) as server:
        parts = web.checked(f"http://127.0.0.1:{server.getsockname()[1]}/")
        with pytest.raises(TimeoutError):
            web._ask(parts, "127.0.0.1", b"", {}, until=0)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (TimeoutError("timed out"), "Inget svar i tid"),
        (ConnectionRefusedError(111, "Connection refused"), "Den tar inte emot anslutningar"),
        (http.client.RemoteDisconnected("ended"), "Den lade på innan den svarade"),
        (http.client.BadStatusLine("x"), "Det den svarade är inte HTTP: x"),
        (OSError(113, "No route"), "Den går inte att nå: [Errno 113] No route"),
    ],
)
def test_what_went_wrong_is_read_in_the_readers_language(error: Exception, told: str) -> None:
    with translation.override("sv"):
        assert troubles.worded(troubles.told(error)) == told
        assert troubles.worded(troubles.NO_HOST) == "Det finns ingen sådan värd"
        assert troubles.worded("503 Busy") == "503 Busy", "its own words stay"


def way_to(made: Cast, url: str) -> WayOut:
    return WayOut.objects.create(
        operator=made.operator,
        kind="webhook",
        url=url,
        sealed=sealing.seal(SECRET),
        created_at=NOON,
    )


def hook(row: WayOut, turn: int) -> None:
    Outbox.objects.create(
        operator_id=row.operator_id,
        kind="webhook",
        key=f"hook:{turn}",
        payload={"way_id": row.pk, "at": "now", "body": {}},
        created_at=NOON,
        due_at=NOON,
    )


def letter() -> dict[str, Any]:
    told = {"to": "cilla@example.org", "subject": "S1", "text": "Hot"}
    return {"payload": told, "created_at": NOON, "due_at": NOON}
