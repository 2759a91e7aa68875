"""Ways out: added on a page, tried from there, their secrets never shown again."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from chargenet.core import sealing
from chargenet.core.models import AuditEntry, Outbox, User
from faults import notifications, notifiers
from faults.models import WayOut
from faults.notifiers import web
from tests import cast
from tests.as_web import AsWeb
from tests.cast import Cast
from tests.integration.faults.scene import NOON

pytestmark = pytest.mark.django_db
URL = "https://hooks.example/in/T0P/5ECRET?key=K3Y"
FORM = {"deed": "add", "kind": "webhook", "url": URL, "secret": "", "least": "3"}


@pytest.fixture
def made() -> Cast:
    return cast.make_cast()


class Page:
    """The page as one person uses it."""

    def __init__(self, person: User, as_web: AsWeb) -> None:
        self.client = Client(headers={"accept-language": "en"})
        self.client.force_login(person)
        self.as_web = as_web

    def post(self, **form: str) -> str:
        with self.as_web(None):
            answer = self.client.post(reverse("ticket_ways_change"), form, follow=True)
        return answer.content.decode()

    def show(self) -> str:
        with self.as_web(None):
            return self.client.get(reverse("ticket_ways")).content.decode()


def test_a_secret_is_shown_once_and_neither_it_nor_the_address_again(
    made: Cast, as_web: AsWeb
) -> None:
    page = Page(made.cilla, as_web)

    told = page.post(**FORM)

    way = WayOut.objects.get()
    secret = sealing.unseal(bytes(way.sealed))
    assert secret in told
    shown = page.show()
    assert "https://hooks.example/…" in shown
    assert not [word for word in (secret, "5ECRET", "K3Y") if word in shown]
    audit = AuditEntry.objects.get(action="way.added")
    assert (audit.user, audit.details) == (
        made.cilla,
        {"kind": "webhook", "host": "hooks.example"},
    )


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"url": "http://hooks.example/"}, "public https address"),
        ({"url": "https://me:pw@hooks.example/"}, "public https address"),
        ({"url": "javascript:alert(1)"}, "public https address"),
        ({"secret": "short"}, "16 to 200 characters"),
        ({"kind": "pigeon"}, "something is missing"),
        ({"least": "9"}, "something is missing"),
        ({"deed": "burn"}, "not known"),
    ],
)
def test_what_cannot_be_a_way_out_is_refused_in_words(
    made: Cast, as_web: AsWeb, change: dict[str, str], why: str
) -> None:
    assert why in Page(made.cilla, as_web).post(**{**FORM, **change})
    assert not WayOut.objects.exists()


def test_a_second_sms_gateway_needs_the_first_to_be_off(made: Cast, as_web: AsWeb) -> None:
    page, form = Page(made.cilla, as_web), {**FORM, "kind": "sms", "sender": "Nord"}
    page.post(**form)
    assert "switch off the other" in page.post(**form)
    page.post(deed="off", way=str(WayOut.objects.get().pk))
    page.post(**form)

    assert [one.is_active for one in WayOut.objects.order_by("pk")] == [False, True]


def test_a_test_is_sent_signed_and_its_outcome_shows(
    made: Cast, as_web: AsWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Page(made.cilla, as_web)
    page.post(**{**FORM, "secret": "a word that we share"})
    way = str(WayOut.objects.get().pk)
    answers = [(503, "Busy"), (200, "OK")]
    sent: list[tuple[bytes, dict[str, str]]] = []

    def ask(
        _parts: object, _number: str, raw: bytes, headers: dict[str, str], _until: float
    ) -> tuple[int, str]:
        sent.append((raw, headers))
        return answers.pop(0)

    monkeypatch.setattr(web, "public_address", lambda *_: "192.0.2.1")
    monkeypatch.setattr(web, "_ask", ask)
    page.post(deed="test", way=way)
    page.post(deed="test", way=way)
    row = Outbox.objects.get()
    assert "On its way" in page.show()

    notifications.relay_due(as_of=row.due_at)
    assert "503 Busy" in page.show()
    row.refresh_from_db()
    notifications.relay_due(as_of=row.due_at)

    (raw, headers), again = sent
    signed = web.signature("a word that we share", at=headers["X-ChargeNet-Time"], body=raw)
    assert headers["X-ChargeNet-Signature"] == f"sha256={signed}"
    assert json.loads(raw) == {"event": "test", "sent_by": "Cilla"}
    assert again == (raw, headers), "tried again, it is the same message"
    assert "Arrived" in page.show()


def test_a_text_message_needs_a_telephone_to_be_tried(made: Cast, as_web: AsWeb) -> None:
    page = Page(made.cilla, as_web)
    page.post(**{**FORM, "kind": "sms"})
    way = str(WayOut.objects.get().pk)
    assert "telephone number" in page.post(deed="test", way=way)
    User.objects.filter(pk=made.cilla.pk).update(phone="+46701234567")
    page.post(deed="test", way=way)

    assert Outbox.objects.get().payload["to"] == "+46701234567"


def test_another_operators_way_out_is_nobodys_here(made: Cast, as_web: AsWeb) -> None:
    way = WayOut.objects.create(
        operator=made.operator, kind="webhook", url=URL, sealed=b"x", created_at=NOON
    )
    erik = Page(made.erik, as_web)
    for deed in ("test", "off"):
        with as_web(None):
            form = {"deed": deed, "way": str(way.pk)}
            assert erik.client.post(reverse("ticket_ways_change"), form).status_code == 404
    assert "hooks.example" not in erik.show()
    way.refresh_from_db()
    assert way.is_active


def test_what_waits_for_a_way_that_was_switched_off_is_given_up(made: Cast) -> None:
    way = WayOut.objects.create(
        operator=made.operator,
        kind="webhook",
        url=URL,
        sealed=sealing.seal("s" * 16),
        created_at=NOON,
        is_active=False,
    )
    with pytest.raises(notifiers.NotifierError) as refused:
        web.send_webhook({"way_id": way.pk, "at": "now", "body": {}}, "k")
    assert refused.value.permanent


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "https://hooks.example/å"])
def test_a_way_we_would_not_take_any_more_can_be_switched_off(
    made: Cast, as_web: AsWeb, url: str
) -> None:
    way = WayOut.objects.create(
        operator=made.operator, kind="webhook", url=url, sealed=b"x", created_at=NOON
    )
    assert "Switched off." in Page(made.cilla, as_web).post(deed="off", way=str(way.pk))


def test_the_same_webhook_added_twice_is_told_once(made: Cast, as_web: AsWeb) -> None:
    page = Page(made.cilla, as_web)
    page.post(**FORM)
    assert "told already" in page.post(**FORM)
    assert WayOut.objects.count() == 1
