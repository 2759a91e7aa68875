"""The proof as a command, over what the verbs of billing made."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from billing import invoices, payments, rating
from billing.models import Invoice
from billing.vat.months import Month
from chargenet import command
from chargenet.core import clock
from revenue import accounts, ledger, proof
from tests.integration.billing import scene
from tests.integration.revenue.made import NOW, shops
from tests.integration.revenue.proving import LATER, D, a_months_trade, find, prove, wrong

pytestmark = pytest.mark.usefixtures("committed_db")


def run(*arguments: str) -> tuple[list[dict[str, object]], int]:
    out, code = io.StringIO(), 0
    try:
        call_command("prove_books", *arguments, stdout=out)
    except SystemExit as ended:
        code = int(ended.code or 0)
    return [json.loads(line) for line in out.getvalue().splitlines()], code


def test_the_command_prints_lines_and_exits_1_on_a_difference(monkeypatch) -> None:
    a_months_trade()
    monkeypatch.setattr(clock, "now", lambda: LATER)
    lines, code = run("--operator", "nord")
    ledger.post_unposted(newest=None, as_of=NOW)
    proved, good = run("--operator", "nord", "--as-of", "2026-11-30")

    assert code == 1
    assert lines[-1] == {"differences": 8}
    assert list(lines[0]) == [
        *("invariant", "currency", "left", "right", "in_transit", "oldest_s", "difference")
    ]
    assert {line["invariant"]: line["difference"] for line in lines[:-1]}[
        "psp_clearing_is_captured_payments"
    ] == "-100.00"
    assert good == 0
    assert proved[-1] == {"differences": 0}


def test_the_command_says_where_it_could_not_begin() -> None:
    shops()

    with pytest.raises(command.NotDone, match="operator: 'nobody' is no operator here"):
        run("--operator", "nobody")
    with pytest.raises(command.NotDone, match="--operator SLUG"):
        run()
    with pytest.raises(CommandError, match="'soon' is no date, write YYYY-MM-DD"):
        run("--as-of", "soon")


def test_what_the_verbs_of_billing_rate_invoice_and_take_is_proved() -> None:
    made = shops()[0]
    scene.assign(scene.make_tariff(made, "STD", scene.price_list("4.99")))
    sessions = [
        scene.make_session(made, driver=made.astrid, energy_wh=3_333 + n * 7, number=f"r{n}")
        for n in range(7)
    ]
    scene.make_session(made, driver=None, number="open")
    ids = [session.pk for session in sessions]
    rating.rate_sessions(session_ids=ids, as_of=scene.RATED, announce=False)
    issued_at = datetime(2026, 12, 1, 8, tzinfo=UTC)
    invoices.issue_due_invoices(
        operator_id=made.operator.pk, period=Month(2026, 11), as_of=issued_at, announce=False
    )
    invoice = Invoice.objects.get()
    paid = payments.start_payment(invoice_id=invoice.pk, method="card_ok", as_of=issued_at)
    ledger.post_unposted(newest=None, as_of=issued_at)

    checks = proof.prove_books(
        operator_ids=[made.operator.pk], until=None, as_of=issued_at + timedelta(days=1)
    )

    assert paid.state == "captured"
    assert wrong(checks) == {"sessions_are_rated_or_wait": D(-1)}
    assert find(checks, "receivables_are_open_invoices").left == 0
    assert find(checks, "psp_clearing_is_captured_payments").left == invoice.total_incl_vat.amount
    assert accounts.open_accounts(operator_id=made.operator.pk, currency="SEK")


def test_a_reader_in_a_transaction_of_its_own_is_told_to_prove_elsewhere() -> None:
    _, shop = a_months_trade()

    with transaction.atomic(), pytest.raises(proof.NotAlone):
        prove(shop)
