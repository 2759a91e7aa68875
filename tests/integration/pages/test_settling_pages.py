"""Pages that settle: disputes, credit, receipts, statements, erasure; each deed once."""

import pytest
from django.test import Client

from billing import queries
from billing.models import CreditUse, Customer, Dispute, Invoice, Reminder
from chargenet.core.models import AuditEntry
from tests import cast
from tests.integration.billing import scene as trade
from tests.integration.billing.test_credits import paid_and_credited, two_months

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> cast.Cast:
    return cast.make_cast()


@pytest.fixture
def cilla(scene: cast.Cast) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(scene.cilla)
    return client


def post(client: Client, address: str, **form: object) -> str:
    answer = client.post(address, form, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_dispute_is_noted_once_and_ended(scene: cast.Cast, cilla: Client) -> None:
    november, _ = two_months(scene)
    address = f"/invoices/{november.public_id}/dispute/"

    assert "say what is disputed" in post(cilla, address)
    assert "nobody is reminded" in post(cilla, address, reason="charged twice")
    assert "disputed already" in post(cilla, address, reason="charged twice")
    page = cilla.get(f"/invoices/{november.public_id}/").content.decode()
    assert "charged twice" in page
    assert "Disputed" in page
    assert "1" in cilla.get("/invoices/?state=disputed").content.decode()
    assert "reminders go on" in post(cilla, address, deed="close")

    assert Dispute.objects.get().closed_at is not None
    assert not Reminder.objects.exists()


def test_credit_is_used_on_the_page_and_a_double_click_uses_it_once(
    scene: cast.Cast, cilla: Client
) -> None:
    november, december = paid_and_credited(scene)
    address = f"/invoices/{november.public_id}/use/"
    assert "To pay back" in cilla.get(f"/invoices/{november.public_id}/").content.decode()

    assert "no such credit" in post(cilla, address, deed="pay_back", amount="NaN", reference="x")
    assert "no such credit" in post(cilla, address, deed="pay_back", amount="1e9", reference="x")
    assert "no such credit" in post(cilla, address, deed="pay_back", amount="0.001", reference="x")
    assert "say how" in post(cilla, address, deed="pay_back", amount="10", reference="")
    assert "Saved" in post(cilla, address, deed="pay_back", amount="10,00", reference="bank 1")
    assert "nothing to pay" in post(cilla, address, deed="set_off", invoice="x")
    for said in ("Saved", "no such credit"):
        assert said in post(cilla, address, deed="set_off", invoice=december.pk)

    assert [str(use.amount.amount) for use in CreditUse.objects.order_by("pk")] == [
        "10.00",
        "30.00",
    ]
    page = cilla.get(f"/invoices/{december.public_id}/").content.decode()
    assert "Credit of invoice 1" in page


def test_credit_of_another_tenant_is_no_credit(scene: cast.Cast, cilla: Client) -> None:
    november, _december = paid_and_credited(scene)
    foreign = Customer.objects.create(operator=scene.other_operator, reference="x", name="X")
    row = Invoice.objects.get(pk=november.pk)
    row.pk, row.operator, row.customer, row.number = None, scene.other_operator, foreign, 77
    row.public_id = "00000000-0000-4000-8000-000000000002"
    row.save()

    told = post(cilla, f"/invoices/{november.public_id}/use/", deed="set_off", invoice=str(row.pk))

    assert "nothing to pay" in told
    assert not CreditUse.objects.exists()


def test_a_session_gets_its_receipt_once(scene: cast.Cast, cilla: Client) -> None:
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    session = trade.make_session(scene, driver=scene.astrid)
    trade.rate(session)
    assert "Issue receipt" in cilla.get(f"/sessions/{session.pk}/").content.decode()

    assert "Issued: R1" in post(cilla, f"/sessions/{session.pk}/receipt/")
    assert "on a document" in post(cilla, f"/sessions/{session.pk}/receipt/")

    assert "Issue receipt" not in cilla.get(f"/sessions/{session.pk}/").content.decode()
    assert AuditEntry.objects.filter(action="receipt_issued").count() == 1


def test_the_statement_is_a_page_a_file_and_paper(scene: cast.Cast, cilla: Client) -> None:
    _, december = paid_and_credited(scene)
    address = f"/customers/{december.customer_id}/statement/"

    page = cilla.get(address).content.decode()
    csv = cilla.get(f"{address}?format=csv").content.decode()
    pdf = cilla.get(f"{address}?format=pdf&currency=SEK")

    assert "Invoice 2" in page
    assert "Credit of invoice 1" in page
    assert "Invoice,2,2027-02-08,2027-03-10" in csv
    assert "Credit,1," in csv
    assert (pdf["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert "Nothing to claim" in post(cilla, f"/customers/{december.customer_id}/interest/")


def test_an_erasure_asks_why_and_says_what_stands_in_its_way(
    scene: cast.Cast, cilla: Client
) -> None:
    november, _ = two_months(scene)
    address = f"/customers/{november.customer_id}/erase/"

    assert "say who asked" in post(cilla, address)
    assert "they have invoices to pay" in post(cilla, address, reason="mail of today")
    assert Customer.objects.get().erased_at is None
    nobody = trade.make_customer(scene, "nobody")
    told = post(cilla, f"/customers/{nobody.pk}/erase/", reason="mail of today")

    assert "is kept" in told
    assert Customer.objects.get(pk=nobody.pk).name == f"erased-{nobody.pk}"
    assert "Erased" in cilla.get(f"/customers/{nobody.pk}/").content.decode()


def test_the_driver_pays_what_credit_left(scene: cast.Cast, cilla: Client) -> None:
    november, december = paid_and_credited(scene)
    post(cilla, f"/invoices/{november.public_id}/use/", deed="set_off", invoice=december.pk)
    client = Client(headers={"accept-language": "en"})
    client.force_login(scene.astrid)

    page = client.get(f"/my/invoices/{december.public_id}/").content.decode()

    assert queries.to_pay(december) == 40
    assert "Pay SEK\xa040.00" in page
