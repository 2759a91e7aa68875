from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from billing import invoices, rating
from billing.einvoice.checking import check
from billing.einvoice.document import (
    EXEMPT,
    REVERSE_CHARGE,
    Document,
    Endpoint,
    Supply,
    Tax,
    Unit,
)
from billing.models import Customer, Invoice
from billing.queries import einvoices
from billing.vat.months import Month
from chargenet.core.models import Operator
from tests import cast
from tests.integration.billing import scene as trade
from tests.integration.billing.scene import NOON, RATED

NOVEMBER = Month(2026, 11)
DECEMBER_2 = datetime(2026, 12, 2, 8, tzinfo=UTC)


@pytest.fixture
def scene(db: None) -> cast.Cast:
    return cast.make_cast()


def issue(
    scene: cast.Cast, prices: dict[str, Any] | None = None, *energies_wh: int, **fields: Any
) -> Invoice:
    """Issue November's invoice about some sessions."""
    customer = trade.make_customer(scene, **fields)
    tariff = trade.make_tariff(scene, "t", prices or trade.price_list("3.2"))
    contract = trade.make_contract(scene, customer, tariff=tariff)
    sessions = [
        trade.make_session(
            scene, energy_wh=energy_wh, token=contract.token, started_at=NOON + timedelta(hours=n)
        )
        for n, energy_wh in enumerate(energies_wh or (10_003, 5_721))
    ]
    rating.rate_sessions(session_ids=[session.pk for session in sessions], as_of=RATED)
    invoices.issue_invoice(customer_id=customer.pk, period=NOVEMBER, as_of=DECEMBER_2)
    return einvoices.with_einvoice_rows(Invoice.objects.all()).get(customer=customer)


def passes(document: Document, invoice: Invoice) -> bool:
    made = einvoices.checked_einvoice(invoice)
    assert made.verdict.problems == ()
    assert document.payable == invoice.total_incl_vat.amount
    return made.verdict.is_valid


def test_a_consumers_invoice_tells_agreed_prices_and_is_addressed_to_the_seller(
    scene: cast.Cast,
) -> None:
    invoice = issue(scene)

    document = einvoices.einvoice_of(invoice)

    assert passes(document, invoice)
    assert document.buyer.endpoint == document.seller.endpoint == Endpoint("0007", "5560360793")
    assert sum(line.agreed_incl or 0 for line in document.lines) == document.total_incl
    first = document.lines[0]
    assert (first.unit, first.supply, first.quantity) == (
        Unit.KWH,
        Supply.ELECTRICITY,
        Decimal("10.003"),
    )


def test_a_companys_invoice_goes_to_its_own_address(scene: cast.Cast) -> None:
    invoice = issue(scene, kind=Customer.Kind.BUSINESS, org_number="212000-0142")

    document = einvoices.einvoice_of(invoice)

    assert passes(document, invoice)
    assert document.buyer.endpoint == Endpoint("0007", "2120000142")
    assert document.lines[0].agreed_incl is None


@pytest.mark.parametrize(("is_dealer", "tax"), [(True, REVERSE_CHARGE), (False, EXEMPT)])
def test_what_was_free_of_tax_is_reverse_charge_only_where_that_was_decided(
    scene: cast.Cast,
    is_dealer: bool,
    tax: Tax,
) -> None:
    invoice = issue(
        scene,
        trade.price_list("3.2", vat=0),
        kind=Customer.Kind.PARTNER,
        country="DE",
        vat_number="DE136695976",
        is_taxable_dealer=is_dealer,
    )

    document = einvoices.einvoice_of(invoice)

    assert passes(document, invoice)
    assert {line.tax for line in document.lines} == {tax}


def test_a_session_without_energy_that_costs_a_fee_is_one_piece(scene: cast.Cast) -> None:
    invoice = issue(scene, None, 1000)
    invoice.lines.all()[0].quantity = Decimal(0)

    document = einvoices.einvoice_of(invoice)

    assert passes(document, invoice)
    (line,) = document.lines
    assert (line.quantity, line.unit, line.price) == (Decimal(1), Unit.PIECE, Decimal("3.20"))


def test_what_came_late_widens_the_period(scene: cast.Cast) -> None:
    invoice = issue(scene)
    session = invoice.lines.all()[0].session
    assert session is not None
    session.started_at -= timedelta(days=40)

    document = einvoices.einvoice_of(invoice)

    assert document.period is not None
    assert str(document.period.starts_on) == "2026-09-23"
    assert str(document.period.ends_on) == "2026-11-30"
    assert passes(document, invoice)


def test_any_number_of_invoices_is_read_in_two_queries(
    scene: cast.Cast, django_assert_num_queries: Any
) -> None:
    issue(scene)

    with django_assert_num_queries(2):
        for invoice in einvoices.with_einvoice_rows(Invoice.objects.all()):
            einvoices.einvoice_of(invoice)


def test_operator_and_customer_get_the_file_and_nobody_else(scene: cast.Cast) -> None:
    invoice = issue(scene, user=scene.astrid)
    address = f"/invoices/{invoice.public_id}.xml"

    for person in (scene.cilla, scene.astrid):
        client = Client()
        client.force_login(person)
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/xml"
        assert answer["Content-Disposition"] == 'attachment; filename="nord-1.xml"'
        assert check(answer.content).is_valid
    client.force_login(scene.erik)
    assert client.get(address).status_code == 404


def test_what_is_not_valid_is_refused_with_what_to_mend(scene: cast.Cast) -> None:
    Operator.objects.filter(pk=scene.operator.pk).update(org_number="556036-0794", vat_number="")
    invoice = issue(scene, user=scene.astrid)
    client = Client(headers={"accept-language": "sv"})
    client.force_login(scene.cilla)

    answer = client.get(f"/invoices/{invoice.public_id}.xml")

    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Operatörens organisationsnummer saknas eller är felskrivet." in text
    assert "Operatörens momsregistreringsnummer saknas." in text
    assert "org-number" in text
    client.force_login(scene.astrid)
    text = client.get(f"/invoices/{invoice.public_id}.xml").content.decode()
    assert "Fråga operatören om du behöver filen." in text
    assert "org-number" not in text
