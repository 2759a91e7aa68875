"""Entries written past the verbs, as the owner and as the application."""

from collections.abc import Callable

from django.db import connection, transaction

from tests.integration.revenue.made import Shop

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
