"""Invoices by e-mail: asked for with the invoice, sent once, tried again, given up."""

from datetime import timedelta
from smtplib import SMTPResponseException

import pytest
from django.core import mail
from django.core.mail import EmailMessage

from billing import archive, delivery, dunning
from billing.models import ArchivedDocument, InvoicePolicy
from billing.queries import run_pages
from chargenet.core.models import Outbox
from tests import cast
from tests.integration.billing.test_dunning import LATE
from tests.integration.billing.test_papers import DECEMBER_2, issue


@pytest.fixture
def scene(db: None) -> cast.Cast:
    return cast.make_cast()


def test_an_invoice_goes_out_once_with_its_archived_paper(scene: cast.Cast) -> None:
    issued = issue(scene, email="astrid@example.org")
    assert run_pages.mail_of(issued).state == "waiting"

    sent = [delivery.relay_due(as_of=DECEMBER_2) for _ in range(2)]

    assert sent == [1, 0]
    (message,) = mail.outbox
    assert message.subject == "Faktura 1, Nordladd AB"
    assert issued.ocr_reference in message.body
    ((name, content, kind),) = message.attachments
    assert (name, kind) == ("1.pdf", "application/pdf")
    assert content == bytes(ArchivedDocument.objects.get().content)
    assert run_pages.mail_of(issued).state == "sent"


def test_nobody_is_written_to_without_an_address_or_where_mail_is_off(scene: cast.Cast) -> None:
    InvoicePolicy.objects.create(operator=scene.operator, sends_email=False)

    issued = issue(scene, email="astrid@example.org")

    assert not Outbox.objects.exists()
    assert run_pages.mail_of(issued).state == "none"


@pytest.mark.parametrize(("code", "state"), [(451, "waiting"), (550, "failed")])
def test_a_refused_mail_waits_or_is_given_up(
    scene: cast.Cast, monkeypatch: pytest.MonkeyPatch, code: int, state: str
) -> None:
    issued = issue(scene, email="astrid@example.org")

    def refuse(message: EmailMessage, *args: object) -> int:
        raise SMTPResponseException(code, b"no")

    monkeypatch.setattr(EmailMessage, "send", refuse)
    assert delivery.relay_due(as_of=DECEMBER_2) == 0

    assert run_pages.mail_of(issued).state == state
    monkeypatch.undo()
    later = DECEMBER_2 + timedelta(minutes=2)
    assert delivery.relay_due(as_of=later) == (1 if state == "waiting" else 0)


def test_a_reminder_goes_out_with_its_archived_paper(scene: cast.Cast) -> None:
    issued = issue(scene, email="astrid@example.org", invoice_email="bills@example.org")
    delivery.relay_due(as_of=DECEMBER_2)
    dunning.remind_late(operator_id=scene.operator.pk, as_of=LATE)

    sent = [delivery.relay_due(as_of=LATE) for _ in range(2)]

    assert sent == [1, 0]
    message = mail.outbox[-1]
    assert message.to == ["bills@example.org"]
    assert message.subject == "Påminnelse P1, Nordladd AB"
    assert issued.ocr_reference in message.body
    ((name, content, _kind),) = message.attachments
    kept = ArchivedDocument.objects.get(reminder__isnull=False)
    assert (name, content) == ("P1.pdf", bytes(kept.content))
    assert (kept.invoice_id, kept.kept_until.year) == (issued.pk, 2034)
    assert archive.archive_reminders(reminder_ids=[kept.reminder_id or 0], as_of=LATE) == 1
    assert ArchivedDocument.objects.filter(reminder__isnull=False).count() == 1


def test_a_relay_killed_while_it_sends_leaves_the_mail_to_the_next(
    scene: cast.Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = issue(scene, email="astrid@example.org")
    ids = []

    def die(message: EmailMessage, *args: object) -> int:
        ids.append(message.extra_headers["Message-ID"])
        raise KeyboardInterrupt

    monkeypatch.setattr(EmailMessage, "send", die)
    with pytest.raises(KeyboardInterrupt):
        delivery.relay_due(as_of=DECEMBER_2)
    monkeypatch.undo()

    assert delivery.relay_due(as_of=DECEMBER_2 + timedelta(minutes=1)) == 0
    assert delivery.relay_due(as_of=DECEMBER_2 + timedelta(minutes=6)) == 1
    # Had the first one left after all, whoever gets both knows them for one.
    assert [mail.outbox[0].extra_headers["Message-ID"]] == ids
    assert run_pages.mail_of(issued).state == "sent"
