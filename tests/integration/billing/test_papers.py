"""Documents on paper and in the archive."""

import hashlib
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pypdf
import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from billing import archive, invoices, rating
from billing.models import ArchivedDocument, Customer, Invoice, InvoicePolicy
from billing.queries import papers
from billing.vat.months import Month
from tests import cast
from tests.integration.billing import scene as trade
from tests.integration.billing.scene import NOON, RATED

DECEMBER_2 = datetime(2026, 12, 2, 8, tzinfo=UTC)


@pytest.fixture
def scene(db: None) -> cast.Cast:
    return cast.make_cast()


def issue(scene: cast.Cast, count: int = 1, energy_wh: int = 10_000, **fields: Any) -> Invoice:
    customer = trade.make_customer(scene, user=scene.astrid, **fields)
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")))
    made = [
        trade.make_session(
            scene,
            driver=scene.astrid,
            energy_wh=energy_wh,
            started_at=NOON + timedelta(hours=n),
        )
        for n in range(count)
    ]
    rating.rate_sessions(session_ids=[each.pk for each in made], as_of=RATED)
    (issued,) = invoices.issue_invoice(
        customer_id=customer.pk, period=Month(2026, 11), as_of=DECEMBER_2
    )
    return issued


def text_of(content: bytes) -> str:
    return " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


def paper_of(invoice: Invoice) -> bytes:
    rows = papers.with_paper_rows(Invoice.objects.select_related("operator"))
    return archive.kept_pdf(rows.get(pk=invoice.pk))


def test_an_invoice_is_a_tagged_pdf_in_the_customers_language(scene: cast.Cast) -> None:
    content = paper_of(issue(scene, language="en"))

    root: Any = pypdf.PdfReader(io.BytesIO(content)).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]).startswith("en")
    assert b"pdfuaid:part" in content or "/Metadata" in root
    text = text_of(content)
    assert "Invoice" in text
    assert "Faktura" not in text


def test_a_swedish_invoice_says_what_the_law_asks_for(scene: cast.Cast) -> None:
    issued = issue(scene, street="Hamngatan 3", postal_code="211 22", city="Malmö")

    text = text_of(paper_of(issued)).replace("\u202f", " ").replace("\xa0", " ")

    for words in (
        issued.ocr_reference,
        "Godkänd för F-skatt",
        "Hamngatan 3",
        "25 %",
        "2026-12-02",
    ):
        assert words in text
    assert "Laddning hos Hamnen" in text
    assert "40,00 kr" in text


def test_an_invoice_has_a_swish_code_where_the_operator_has_a_number(scene: cast.Cast) -> None:
    InvoicePolicy.objects.create(operator=scene.operator, swish_number="1237856901")
    issued = issue(scene)
    # What it says stays as it was issued.
    InvoicePolicy.objects.update(swish_number="", has_f_skatt=False)

    sheet = papers.sheet_of(Invoice.objects.get(pk=issued.pk))

    assert sheet.slip is not None
    assert sheet.slip.qr == f"C1237856901;40,00;{issued.ocr_reference};0"
    assert "Swish" in text_of(paper_of(issued))


def test_words_of_a_customer_are_never_markup(scene: cast.Cast) -> None:
    hostile = '#panic("x") *b* $x$ \\ "'

    assert "#panic" in text_of(paper_of(issue(scene, street=hostile)))


def test_the_archive_keeps_the_bytes_and_their_digest(scene: cast.Cast) -> None:
    issued = issue(scene)

    stored = archive.archive_invoices(invoice_ids=[issued.pk], as_of=DECEMBER_2)
    archive.archive_invoices(invoice_ids=[issued.pk], as_of=DECEMBER_2)

    kept = ArchivedDocument.objects.get()
    assert stored == 1
    assert hashlib.sha256(bytes(kept.content)).hexdigest() == kept.sha256
    assert kept.kept_until.isoformat() == "2033-12-31"
    assert paper_of(issued) == bytes(kept.content)


def test_a_company_without_gaps_has_its_e_invoice_archived(scene: cast.Cast) -> None:
    issued = issue(scene, kind=Customer.Kind.BUSINESS, org_number="556036-0793")

    archive.archive_invoices(invoice_ids=[issued.pk], as_of=DECEMBER_2)

    assert set(ArchivedDocument.objects.values_list("form", flat=True)) == {"pdf", "ubl"}


def test_an_archived_file_cannot_be_changed(scene: cast.Cast) -> None:
    archive.archive_invoices(invoice_ids=[issue(scene).pk], as_of=DECEMBER_2)

    with pytest.raises(DatabaseError), transaction.atomic():
        ArchivedDocument.objects.update(content=b"x")


def test_a_changed_and_a_missing_file_are_found(scene: cast.Cast) -> None:
    issued = issue(scene)
    todays: dict[str, Any] = {"operator_ids": [scene.operator.pk], "today": DECEMBER_2.date()}
    assert [each.problem for each in archive.check_archive(**todays)] == ["missing"]

    archive.archive_invoices(invoice_ids=[issued.pk], as_of=DECEMBER_2)
    assert list(archive.check_archive(**todays)) == []

    ArchivedDocument.objects.create(
        operator=scene.operator,
        invoice=issued,
        form="ubl",
        content=b"changed",
        sha256=hashlib.sha256(b"as it was").hexdigest(),
        size_bytes=7,
        stored_at=DECEMBER_2,
        kept_until=DECEMBER_2.date(),
    )
    assert [each.problem for each in archive.check_archive(**todays)] == ["changed"]


def test_the_customer_opens_the_pdf_and_a_stranger_does_not(
    scene: cast.Cast, client: Client
) -> None:
    address = f"/invoices/{issue(scene).public_id}.pdf"

    client.force_login(scene.astrid)
    mine = client.get(address)
    client.force_login(scene.bo)
    theirs = client.get(address)

    assert (mine.status_code, mine["Content-Type"]) == (200, "application/pdf")
    assert theirs.status_code == 404
