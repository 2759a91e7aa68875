"""The attacks of a careless or hostile writer, on committed entries: each must be refused."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from revenue import accounts, ledger
from revenue.models import JournalEntry, Posting
from tests.integration.revenue.made import NOW, Shop, shops
from tests.integration.revenue.sealed_scene import as_application, lines, write

pytestmark = pytest.mark.usefixtures("committed_db")

Run = Callable[..., None]


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


def as_owner(*statements: str) -> None:
    """Run statements as the owner of the tables."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE NONE")
            for statement in statements:
                cursor.execute(statement)
    finally:
        connection.close()


CHANGES = (
    "UPDATE revenue_posting SET amount = amount + 1 WHERE amount > 0",
    "UPDATE revenue_posting SET amount = amount * 2",
    "UPDATE revenue_posting SET station_id = NULL",
    "UPDATE revenue_posting SET entry_id = entry_id + 1 WHERE amount > 0",
    "UPDATE revenue_journalentry SET line_count = 4",
    "UPDATE revenue_journalentry SET source = 'cdr:999'",
    "DELETE FROM revenue_posting",
    "DELETE FROM revenue_journalentry",
    "TRUNCATE revenue_posting",
    "TRUNCATE revenue_journalentry, revenue_posting",
    "TRUNCATE revenue_ledgeraccount CASCADE",
    "TRUNCATE billing_customer CASCADE",
    "INSERT INTO revenue_posting SELECT * FROM revenue_posting"
    " ON CONFLICT (id) DO UPDATE SET amount = 0.01",
)

BROKEN = (
    ([("receivables", "10"), ("sales_25", "-9.99")], "does not balance"),
    ([("receivables", "10"), ("sales_25", "-9"), ("rounding", "-1")], "is sealed"),
    ([("receivables", "10")], "is sealed"),
    ([("receivables", "0"), ("sales_25", "0")], "revenue_posting_not_zero"),
    ([("receivables", "10", "SEK"), ("sales_25", "-10", "EUR")], "does not balance"),
    ([("receivables", "10", "EUR"), ("sales_25", "-10", "EUR")], "differs from its header"),
)


def test_the_posted_session_is_whole_and_tagged(entry: JournalEntry, shop: Shop) -> None:
    rows = Posting.objects.order_by("-amount")

    assert [(row.account.purpose, row.amount) for row in rows] == [
        ("accrued_income", Decimal("80.00")),
        ("sales_25", Decimal("-80.00")),
    ]
    assert all(row.station_id and row.connector_id for row in rows)


@pytest.mark.parametrize("role", [as_application, as_owner])
def test_a_committed_entry_cannot_be_changed_or_removed(entry: JournalEntry, role: Run) -> None:
    before = sorted(Posting.objects.values_list("pk", "amount", "station_id", "entry_id"))

    for statement in CHANGES:
        with pytest.raises(DatabaseError, match=r"permission denied|append-only|row-level"):
            role(statement)
        kept = sorted(Posting.objects.values_list("pk", "amount", "station_id", "entry_id"))
        assert kept == before, statement
    assert JournalEntry.objects.get().source == entry.source


def test_the_owner_is_stopped_by_the_trigger_too_where_the_wall_is_lowered(
    entry: JournalEntry,
) -> None:
    lowered = [
        f"ALTER TABLE revenue_{table} NO FORCE ROW LEVEL SECURITY"
        for table in ("posting", "journalentry", "ledgeraccount")
    ]
    for attack in (
        "UPDATE revenue_posting SET amount = amount * 2",
        "DELETE FROM revenue_posting",
        "DELETE FROM revenue_ledgeraccount",
        "UPDATE revenue_ledgeraccount SET purpose = 'receivables_2'",
        "SET LOCAL chargenet.ledger_maintenance = 'on'; DELETE FROM revenue_posting",
        "INSERT INTO revenue_posting (operator_id, entry_id, account_id, date, amount, currency)"
        " SELECT operator_id, entry_id, account_id, date, amount, currency FROM revenue_posting",
    ):
        with pytest.raises(DatabaseError, match=r"append-only|foreign key|keeps its|is sealed"):
            as_owner(*lowered, attack)
    assert Posting.objects.count() == 2


def test_an_entry_that_is_not_whole_is_refused(shop: Shop, account: dict[str, int]) -> None:
    for rows, message in BROKEN:
        named = [(account[row[0]], *row[1:]) for row in rows]
        with pytest.raises(DatabaseError, match=message):
            write(shop, lines(shop, *named))

    assert JournalEntry.objects.count() == 1


def test_lines_in_two_statements_are_refused(shop: Shop, account: dict[str, int]) -> None:
    debit, credit = (account["receivables"], "10"), (account["sales_25"], "-10")

    with pytest.raises(DatabaseError, match="is sealed"):
        write(shop, lines(shop, debit), lines(shop, credit))


def test_balanced_lines_added_late_are_refused(
    shop: Shop, entry: JournalEntry, account: dict[str, int]
) -> None:
    pair = lines(shop, (account["receivables"], "10"), (account["sales_25"], "-10"))

    with pytest.raises(DatabaseError, match="is sealed"):
        as_application(pair(entry.pk))
    with pytest.raises(DatabaseError, match="is sealed"):
        write(shop, pair, pair)


def test_a_header_without_lines_cannot_be_committed(shop: Shop) -> None:
    with pytest.raises(DatabaseError, match="has no lines"):
        write(shop)


def test_lines_that_were_rolled_back_leave_no_header(shop: Shop, account: dict[str, int]) -> None:
    pair = lines(shop, (account["receivables"], "10"), (account["sales_25"], "-10"))

    with pytest.raises(DatabaseError, match="has no lines"):
        write(
            shop,
            lambda _: "SAVEPOINT s",
            pair,
            lambda _: "SET CONSTRAINTS ALL IMMEDIATE",
            lambda _: "ROLLBACK TO SAVEPOINT s",
            lambda _: "SET CONSTRAINTS ALL DEFERRED",
        )
