"""What a line must agree with, and what an account keeps: accounts, tenants, reversals."""

import pytest
from django.db import DatabaseError, connection, transaction

from chargenet.core import tenancy
from chargenet.core.models import Operator, User
from revenue import accounts, ledger
from revenue.models import JournalEntry, LedgerAccount, Posting
from tests.integration.revenue.made import NOW, Shop, shops
from tests.integration.revenue.sealed_scene import as_application, header, lines, write

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture
def shop() -> Shop:
    made, shop = shops()
    cdr = shop.cdr(made.socket, ("25", "80.00", "20.00"))
    ledger.post_cdr(cdr_id=cdr.pk, as_of=NOW)
    return shop


@pytest.fixture
def entry(shop: Shop) -> JournalEntry:
    return JournalEntry.objects.get()


@pytest.fixture
def account(shop: Shop) -> dict[str, int]:
    return accounts.open_accounts(operator_id=shop.operator.pk, currency="SEK")


def test_a_source_is_booked_once(shop: Shop, account: dict[str, int]) -> None:
    pair = lines(shop, (account["receivables"], "10"), (account["sales_25"], "-10"))
    write(shop, pair, source="cdr:1")

    with pytest.raises(DatabaseError, match="revenue_entry_once"):
        write(shop, pair, source="cdr:1")


def test_a_line_agrees_with_its_header_in_date_and_operator(
    shop: Shop, account: dict[str, int]
) -> None:
    pair = [(account["receivables"], "10"), (account["sales_25"], "-10")]
    other = Operator.objects.get(slug="syd")

    for wrong in ({"on": "2026-10-06"}, {"operator": other.pk}):
        with pytest.raises(DatabaseError, match="differs from its header"):
            write(shop, lines(shop, *pair, **wrong))


def test_the_account_of_another_operator_or_currency_takes_no_line(shop: Shop) -> None:
    other = Operator.objects.get(slug="syd")
    mine = accounts.open_accounts(operator_id=shop.operator.pk, currency="SEK")
    theirs = accounts.open_accounts(operator_id=other.pk, currency="SEK")
    euros = accounts.open_accounts(operator_id=shop.operator.pk, currency="EUR")
    for foreign in (theirs, euros):
        rows = [(mine["receivables"], "10"), (foreign["sales_25"], "-10")]
        with pytest.raises(DatabaseError, match="differs from its header"):
            write(shop, lines(shop, *rows))


def test_the_web_writes_no_line_into_books_it_cannot_see(
    shop: Shop, entry: JournalEntry, as_web
) -> None:
    other = Operator.objects.get(slug="syd")
    theirs = accounts.open_accounts(operator_id=other.pk, currency="SEK")
    rows = [(theirs["receivables"], "10"), (theirs["sales_25"], "-10")]
    with as_web(User.objects.get(email="erik@example.org")):
        assert JournalEntry.objects.count() == 0
        with pytest.raises(DatabaseError, match="is sealed"), transaction.atomic():
            as_application(lines(shop, *rows, operator=other.pk)(entry.pk))


def test_a_reversal_that_is_no_mirror_is_refused(
    shop: Shop, entry: JournalEntry, account: dict[str, int]
) -> None:
    sales, accrued = account["sales_25"], account["accrued_income"]

    # Right in sum and account; without the tags, the station would keep the revenue.
    with pytest.raises(DatabaseError, match="no mirror"):
        write(shop, lines(shop, (sales, "80"), (accrued, "-80")), reverses=entry.pk)


def test_an_account_keeps_its_meaning_and_may_change_its_number(shop: Shop) -> None:
    mine = LedgerAccount.objects.filter(purpose="sales_25")
    for change in ({"purpose": "x"}, {"currency": "EUR"}, {"kind": "asset"}):
        with pytest.raises(DatabaseError, match="keeps its"):
            mine.update(**change)

    assert mine.update(code="3051", name="Elförsäljning") == 1
    with pytest.raises(DatabaseError, match="foreign key"), transaction.atomic():
        as_application("DELETE FROM revenue_ledgeraccount WHERE purpose = 'sales_25'")


def test_an_owner_login_is_what_these_attacks_used() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (tenancy.SYSTEM,)
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute(
            "SELECT current_user = tableowner FROM pg_tables WHERE tablename = 'revenue_posting'"
        )
        assert cursor.fetchone() == (True,)


@pytest.mark.parametrize("level", ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"])
def test_nobody_adds_lines_to_an_entry_another_transaction_is_writing(
    shop: Shop, account: dict[str, int], level: str
) -> None:
    pair = lines(shop, (account["receivables"], "10"), (account["sales_25"], "-10"))
    beside = connection.copy()
    try:
        with beside.cursor() as cursor:
            # The snapshot is older than the entry.
            cursor.execute(f"BEGIN ISOLATION LEVEL {level}")
            cursor.execute("SELECT count(*) FROM revenue_posting")
            with transaction.atomic():
                pk = header(shop)
                as_application(pair(pk))
                cursor.execute("SAVEPOINT before")
                with pytest.raises(DatabaseError, match="is sealed"):
                    cursor.execute(pair(pk))
                cursor.execute("ROLLBACK TO SAVEPOINT before")
            with pytest.raises(DatabaseError, match="is sealed"):
                cursor.execute(pair(pk))
            cursor.execute("ROLLBACK")
    finally:
        beside.close()

    assert Posting.objects.filter(entry_id=pk).count() == 2
