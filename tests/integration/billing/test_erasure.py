"""Erasure: a person is forgotten, and the books stay as they were to the byte."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command

from billing import archive, claims, crediting, delivery, dunning, erasure, payments
from billing.models import ArchivedDocument, Contract, Customer, Invoice
from billing.providers import demo
from chargenet.command import NotDone
from chargenet.core.models import AuditEntry, Outbox, User
from revenue import ledger
from revenue.models import JournalEntry, Posting
from stations.models import Session, Token
from tests import cast
from tests.integration.billing import scene as trade
from tests.integration.billing.test_dunning import LATE
from tests.integration.billing.test_papers import DECEMBER_2, issue

PRIVATE = ("Astrid", "astrid@", "Hamngatan", "Hemlig")


@pytest.fixture
def scene(db: None) -> cast.Cast:
    return cast.make_cast()


def settled(scene: cast.Cast) -> Customer:
    """Return a customer with a paid invoice, reminded of, archived, mailed and booked."""
    issued = issue(
        scene, email="astrid@home.example", street="Hamngatan 3", invoice_email="hemlig@x.example"
    )
    Customer.objects.update(name="Astrid Hemlig")
    trade.make_contract(scene, issued.customer)
    dunning.remind_late(operator_id=scene.operator.pk, as_of=LATE)
    delivery.relay_due(as_of=LATE)
    payments.start_payment(invoice_id=issued.pk, method=demo.OK, as_of=LATE)
    ledger.post_unposted(newest=None, as_of=LATE)
    archive.archive_invoices(invoice_ids=[issued.pk], as_of=DECEMBER_2)
    return Customer.objects.get(pk=issued.customer_id)


def books() -> list[Any]:
    tables = (Invoice, ArchivedDocument, JournalEntry, Posting)
    return [list(table._default_manager.order_by("pk").values()) for table in tables]


def erase(customer: Customer) -> erasure.Erased:
    return erasure.erase_customer(
        customer_id=customer.pk, reason="asked on 3 February", erased_by=None, as_of=LATE
    )


def everything_but_the_books() -> str:
    rows: list[Any] = []
    for table in (Customer, Token, Contract, Session, Outbox):
        rows += table._default_manager.values()
    return json.dumps(rows, default=str)


def test_a_person_is_forgotten_and_the_books_are_as_they_were(scene: cast.Cast) -> None:
    customer = settled(scene)
    before = books()
    assert any(word in everything_but_the_books() for word in PRIVATE)

    erased = erase(customer)
    assert erasure.forget_login(user_id=scene.astrid.pk)

    assert books() == before
    assert (erased.is_new, erased.documents, erased.kept_until) == (True, 1, 2034)
    told = everything_but_the_books()
    assert [word for word in PRIVATE if word.lower() in told.lower()] == []
    person = User.objects.get(pk=scene.astrid.pk)
    assert (person.is_active, person.name, person.phone) == (False, "", "")
    assert not person.has_usable_password()
    assert not Session.objects.filter(driver=person).exists()
    assert Token.objects.get(pk=scene.astrids_token.pk).is_blocked
    entry = AuditEntry.objects.get(action="customer_erased")
    assert entry.details["reason"] == "asked on 3 February"


def test_erasing_twice_changes_nothing_twice(scene: cast.Cast) -> None:
    customer = settled(scene)
    erase(customer)
    before = everything_but_the_books()

    again = erase(customer)

    assert not again.is_new
    assert everything_but_the_books() == before
    assert AuditEntry.objects.filter(action="customer_erased").count() == 1


def test_who_owes_is_not_forgotten(scene: cast.Cast) -> None:
    issued = issue(scene)

    with pytest.raises(erasure.StillNeeded) as refused:
        erase(issued.customer)

    assert refused.value.why == ["owes"]
    assert Customer.objects.get(pk=issued.customer_id).erased_at is None


def test_who_charges_now_and_has_sessions_without_an_invoice_is_needed(scene: cast.Cast) -> None:
    customer = trade.make_customer(scene)
    trade.make_contract(scene, customer)
    trade.make_session(scene, token=scene.astrids_token)
    trade.make_session(
        scene, token=scene.astrids_token, connector=scene.tethered, state=Session.State.OPEN
    )

    with pytest.raises(erasure.StillNeeded) as refused:
        erase(customer)

    assert set(refused.value.why) == {"unpriced", "charges"}


def test_a_login_somebody_else_needs_stays(scene: cast.Cast) -> None:
    customer = settled(scene)
    Customer.objects.create(
        operator=scene.other_operator, reference="a", name="A", user=scene.astrid
    )
    erase(customer)

    assert erasure.sweep_logins(as_of=LATE) == 0
    assert User.objects.get(pk=scene.astrid.pk).is_active
    Customer.objects.filter(operator=scene.other_operator).update(user=None)
    assert erasure.sweep_logins(as_of=LATE) == 1


def test_the_command_says_what_stays(scene: cast.Cast) -> None:
    customer = settled(scene)
    out = io.StringIO()
    options = ["--operator", "nord", "--customer", str(customer.pk), "--reason", "asked"]

    call_command("erase_customer", *options, stdout=out)

    told = json.loads(out.getvalue())
    assert (told["erased"], told["documents_kept"], told["kept_until"]) == (True, 1, 2034)
    with pytest.raises(NotDone, match="no customer 0"):
        call_command(
            "erase_customer", "--operator", "nord", "--customer", "0", "--reason", "asked"
        )


def test_the_web_can_erase_settle_and_claim_and_another_operator_cannot(
    scene: cast.Cast, as_web: Any
) -> None:
    customer = settled(scene)
    login = scene.astrid.pk
    with as_web(scene.cilla):
        made = claims.claim_interest(
            customer_id=customer.pk, issued_by=scene.cilla, as_of=LATE + timedelta(days=1)
        )
        crediting.credit_invoice(
            invoice_id=made.pk, reason="kindness", credited_by=scene.cilla, as_of=LATE
        )
    with as_web(scene.erik), pytest.raises(Customer.DoesNotExist):
        erase(customer)
    with as_web(scene.cilla):
        assert erase(customer).is_new

    told = everything_but_the_books()
    assert [word for word in PRIVATE if word.lower() in told.lower()] == []
    assert User.objects.get(pk=login).is_active
    assert erasure.sweep_logins(as_of=LATE) == 1
