"""What a payment provider tells us: signed, young, known, or refused."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from billing.models import Invoice, WebhookEvent
from billing.providers import demo, signatures
from billing.providers.base import SignatureInvalid
from chargenet.core import clock, events
from chargenet.core.events import Event
from tests.integration.billing.paying import make_invoice, pay


@pytest.fixture
def invoice(db: None) -> Invoice:
    return make_invoice()


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[events.News]:
    news: list[events.News] = []
    monkeypatch.setattr(events, "_transport", news.extend)
    return news


def _post(body: bytes, signature: str, provider: str = "demo"):
    return Client().post(
        f"/webhooks/{provider}/",
        body,
        content_type="application/json",
        headers={"Demo-Signature": signature},
    )


@pytest.fixture
def message(invoice: Invoice) -> tuple[bytes, str]:
    pay(invoice)
    (body, headers), *_ = demo.DemoProvider().deliver_events(as_of=clock.now())
    return body, headers["Demo-Signature"]


def test_a_signed_message_is_kept_once(
    message: tuple[bytes, str], heard: list[events.News], django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answers = [_post(*message).status_code for _ in range(2)]

    assert answers == [200, 200]
    kept = WebhookEvent.objects.get()
    assert (Event.PAYMENT_REPORTED, {"webhook_id": kept.pk}) in heard


def test_a_forged_or_changed_message_is_refused(message: tuple[bytes, str]) -> None:
    body, signature = message
    forged = signatures.sign(body=body, secret="guessed", as_of=clock.now())

    answers = [
        _post(body.replace(b"succeeded", b"canceled_"), signature).status_code,
        _post(body, forged).status_code,
        _post(body, "").status_code,
        _post(body, signature.replace("v1=", "v0=")).status_code,
        _post(body, "t=x,v1=å").status_code,
    ]

    assert answers == [400] * 5
    assert WebhookEvent.objects.count() == 0


def test_an_old_message_cannot_be_replayed(message: tuple[bytes, str]) -> None:
    body, signature = message
    provider = demo.DemoProvider()

    with pytest.raises(SignatureInvalid, match="old"):
        provider.read_event(
            body=body,
            headers={"Demo-Signature": signature},
            as_of=clock.now() + timedelta(minutes=6),
        )


def test_a_signed_text_that_is_no_message_is_refused(db: None) -> None:
    for body in (b"[]", b"{", b'{"id": 1}', b"\xff"):
        signature = signatures.sign(body=body, secret=demo._secret(), as_of=clock.now())
        assert _post(body, signature).status_code == 400


def test_only_known_providers_and_posts_of_sensible_size_pass(message: tuple[bytes, str]) -> None:
    assert _post(*message, provider="nobody").status_code == 404
    assert Client().get("/webhooks/demo/").status_code == 405
    assert _post(b"x" * 70_000, "t=1,v1=0").status_code == 413


def test_a_message_tells_no_amount(message: tuple[bytes, str]) -> None:
    assert set(json.loads(message[0])["data"]["object"]) == {"id", "reference"}
