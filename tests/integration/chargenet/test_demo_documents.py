"""Show 3: every invoice and credit note of the demo passes every stage of the validators."""

from pathlib import Path

import pytest

from billing.models import Invoice, InvoiceLine, Reminder
from billing.queries import einvoices
from chargenet.demo import days
from tests.integration.chargenet.test_load_demo import load

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded(settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings.DEBUG = True
    settings.VAR_DIR = tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.setattr(days, "DAYS", 70)
    load()


def test_every_document_of_the_demo_is_a_valid_e_invoice(loaded: None) -> None:
    rows = einvoices.with_einvoice_rows(Invoice.objects.order_by("pk"))

    wrong = {
        invoice.label: (made.gaps, made.verdict.problems)
        for invoice in rows
        if not (made := einvoices.checked_einvoice(invoice)).verdict.is_valid or made.gaps
    }

    assert wrong == {}
    kinds = set(Invoice.objects.values_list("kind", "buyer__kind"))
    assert kinds >= {
        *(("invoice", "consumer"), ("invoice", "business"), ("invoice", "fleet")),
        ("credit_note", "consumer"),
    }
    assert Reminder.objects.exists()
    assert InvoiceLine.objects.filter(corrects__isnull=False).exists()
    assert Invoice.objects.exclude(rounding=0).exists()
