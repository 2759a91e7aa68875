"""The attacks of a careless or hostile writer, on committed entries: each must be refused."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from chargenet.core import tenancy
from chargenet.core.models import Operator, User
from revenue import accounts, ledger
from revenue.models import JournalEntry, LedgerAccount, Posting
from tests.integration.revenue.made import NOW, Shop, shops

pytestmark = pytest.mark.usefixtures("committed_db")
Run = Callable[..., None]
Insert = Callable[[int], str]
HEADER = (
    "INSERT INTO revenue_journalentry"
    " (operator_id, kind, source, date, posted_at, line_count, text, reverses_id)"
    " VALUES (%s, 'attack', %s, '2026-10-05', now(), 2, '', %s) RETURNING id"
)
LINES = (
    "INSERT INTO revenue_posting (operator_id, entry_id, account_id, date, amount, currency)"
    " SELECT {operator}, {entry}, t.account, '{date}', t.amount, t.currency"
    " FROM (VALUES {values}) AS t(account, amount, currency)"
)


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


def as_application(*statements: str) -> None:
    """Run statements as the workers do."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def header(shop: Shop, source: str = "x", reverses: int | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(HEADER, [shop.operator.pk, source, reverses])
        (pk,) = cursor.fetchone()
    return int(pk)


def write(shop: Shop, *inserts: Insert, source: str = "x", reverses: int | None = None) -> None:
    """Commit one header and what the inserts make of its id."""
    with transaction.atomic():
        pk = header(shop, source, reverses)
        as_application(*(insert(pk) for insert in inserts))


def lines(
    shop: Shop,
    *rows: tuple[int, str] | tuple[int, str, str],
    on: str = "2026-10-05",
    operator: int | None = None,
) -> Insert:
    """Return what inserts rows of (account, amount, currency) into an entry, in one statement."""
    values = ", ".join(f"({r[0]}, {r[1]}, '{r[2] if len(r) > 2 else 'SEK'}')" for r in rows)
    owner = operator or shop.operator.pk
    return lambda entry: LINES.format(operator=owner, entry=entry, date=on, values=values)


def test_the_posted_session_is_whole_and_tagged(entry: JournalEntry, shop: Shop) -> None:
    rows = Posting.objects.order_by("-amount")

    assert [(row.account.purpose, row.amount) for row in rows] == [
        ("accrued_income", Decimal("80.00")),
        ("sales_25", Decimal("-80.00")),
    ]
    assert all(row.station_id and row.connector_id for row in rows)


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


BROKEN = (
    ([("receivables", "10"), ("sales_25", "-9.99")], "does not balance"),
    ([("receivables", "10"), ("sales_25", "-9"), ("rounding", "-1")], "is sealed"),
    ([("receivables", "10")], "is sealed"),
    ([("receivables", "0"), ("sales_25", "0")], "revenue_posting_not_zero"),
    ([("receivables", "10", "SEK"), ("sales_25", "-10", "EUR")], "does not balance"),
    ([("receivables", "10", "EUR"), ("sales_25", "-10", "EUR")], "differs from its header"),
)


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
