"""Reminders: when they are due, what they add, and when they stay away."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from billing import crediting, dunning, payments
from billing.models import Invoice, InvoicePolicy, Reminder
from billing.queries import reminder_papers
from tests import cast
from tests.integration.billing.test_papers import issue, text_of

# The invoice is due on 2027-01-01; five days later it is late, the day after it is reminded of.
DUE = date(2027, 1, 1)
LATE = datetime(2027, 1, 7, 9, tzinfo=UTC)


@pytest.fixture
def scene(db: None) -> cast.Cast:
    return cast.make_cast()


def remind(scene: cast.Cast, as_of: datetime = LATE) -> int:
    return dunning.remind_late(operator_id=scene.operator.pk, as_of=as_of)


def test_a_late_invoice_is_reminded_of_once(scene: cast.Cast) -> None:
    issued = issue(scene)
    assert issued.due_date == DUE
    assert remind(scene, LATE - timedelta(days=1)) == 0

    assert [remind(scene), remind(scene), remind(scene, LATE + timedelta(days=90))] == [1, 0, 0]

    reminder = Reminder.objects.get()
    assert (reminder.label, reminder.level, reminder.due_date) == ("P1", 1, date(2027, 1, 17))
    assert (reminder.open_amount.amount, reminder.fee.amount) == (40, 60)
    # 40 kr, 10 %, six days of 2027
    assert reminder.interest.amount == Decimal("0.07")
    assert reminder_papers.total_of(reminder) == Decimal("100.07")


def test_a_debt_has_one_fee_however_often_it_is_reminded_of(scene: cast.Cast) -> None:
    InvoicePolicy.objects.create(operator=scene.operator, reminders=2)
    issue(scene)

    written = [remind(scene, LATE + timedelta(days=16 * n)) for n in range(4)]

    assert written == [1, 1, 0, 0]
    fees = Reminder.objects.order_by("level").values_list("fee", flat=True)
    assert list(fees) == [60, 0]


def test_without_an_agreement_nothing_is_added(scene: cast.Cast) -> None:
    InvoicePolicy.objects.create(
        operator=scene.operator, takes_reminder_fee=False, takes_interest=False
    )
    issue(scene)

    remind(scene)

    reminder = Reminder.objects.get()
    assert reminder_papers.total_of(reminder) == reminder.open_amount.amount


def test_nobody_is_reminded_of_what_is_paid_credited_or_disputed(scene: cast.Cast) -> None:
    issued = issue(scene)
    dunning.open_dispute(invoice_id=issued.pk, reason="not me", opened_by=scene.cilla, as_of=LATE)
    assert remind(scene) == 0
    with pytest.raises(dunning.AlreadyDisputed):
        dunning.open_dispute(
            invoice_id=issued.pk, reason="again", opened_by=scene.cilla, as_of=LATE
        )

    assert dunning.close_dispute(invoice_id=issued.pk, closed_by=scene.cilla, as_of=LATE)
    crediting.credit_invoice(
        invoice_id=issued.pk, reason="not theirs", credited_by=scene.cilla, as_of=LATE
    )
    assert remind(scene) == 0


def test_a_paid_invoice_is_not_reminded_of(scene: cast.Cast) -> None:
    payments.start_payment(invoice_id=issue(scene).pk, method="card_ok", as_of=LATE)

    assert remind(scene) == 0


def test_a_reminder_is_a_paper_its_customer_opens(scene: cast.Cast, client: Client) -> None:
    issue(scene)
    remind(scene)
    reminder = Reminder.objects.get()

    client.force_login(scene.astrid)
    answer = client.get(f"/reminders/{reminder.public_id}.pdf")
    client.force_login(scene.bo)
    other = client.get(f"/reminders/{reminder.public_id}.pdf")

    text = text_of(answer.content).replace("\u202f", " ").replace("\xa0", " ")
    assert "Påminnelse" in text
    assert "100,07 kr" in text
    assert Invoice.objects.get().ocr_reference in text
    assert other.status_code == 404
