"""Writing entries: the one place that inserts into the journal, many at a time or one."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection, transaction

from revenue import accounts
from revenue.models import EntryKind
from revenue.posting.lines import Line

# Raw SQL twice: ON CONFLICT … RETURNING tells which entries are new, which the ORM cannot, and
# all lines of an entry must reach the sealing trigger in one statement.
INSERT_HEADERS = """
INSERT INTO revenue_journalentry
    (operator_id, kind, source, date, posted_at, line_count, text, reverses_id)
SELECT operator_id, kind, source, date, posted_at, line_count, text, reverses_id
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::date[], %s::timestamptz[], %s::int[],
            %s::text[], %s::bigint[])
    WITH ORDINALITY AS t(operator_id, kind, source, date, posted_at, line_count, text,
                         reverses_id, position)
ORDER BY position
ON CONFLICT (operator_id, kind, source) DO NOTHING
RETURNING id, operator_id, kind, source
"""
INSERT_POSTINGS = """
INSERT INTO revenue_posting
    (entry_id, operator_id, date, currency, account_id, amount, customer_id, session_id,
     location_id, station_id, connector_id, cable_id)
SELECT t.entry_id, e.operator_id, e.date, a.currency, t.account_id, t.amount, t.customer_id,
    t.session_id, t.location_id, t.station_id, t.connector_id, t.cable_id
FROM unnest(%s::bigint[], %s::bigint[], %s::numeric[], %s::bigint[], %s::bigint[],
            %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
    WITH ORDINALITY AS t(entry_id, account_id, amount, customer_id, session_id,
                         location_id, station_id, connector_id, cable_id, position)
JOIN revenue_journalentry e ON e.id = t.entry_id
JOIN revenue_ledgeraccount a ON a.id = t.account_id
ORDER BY t.position
"""
Key = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry to be written, in one currency; operator, kind and source make it unique."""

    operator_id: int
    kind: EntryKind
    source: str
    date: date
    currency: str
    lines: tuple[Line, ...]
    text: str = ""
    reverses_id: int | None = None

    @property
    def key(self) -> Key:
        """Return what makes this entry itself."""
        return self.operator_id, self.kind.value, self.source


def write_entries(drafts: Sequence[Draft], *, as_of: datetime) -> int:
    """Write the entries that are not in the journal yet, all or none; return how many.

    Two writers of the same entries meet at the unique key in the same order: one waits for the
    other and then writes nothing. A draft without lines is nothing to write.
    """
    # In key order, so that two writers cannot wait for each other.
    by_key = {draft.key: draft for draft in drafts if draft.lines}
    ordered = [by_key[key] for key in sorted(by_key)]
    if not ordered:
        return 0
    with transaction.atomic():
        account_ids = _account_ids(ordered)
        written = _insert_headers(ordered, as_of)
        _insert_postings([(entry_id, by_key[key]) for entry_id, key in written], account_ids)
    return len(written)


def _account_ids(drafts: Sequence[Draft]) -> dict[tuple[int, str], dict[str, int]]:
    purposes: dict[tuple[int, str], set[str]] = defaultdict(set)
    for draft in drafts:
        purposes[draft.operator_id, draft.currency].update(line.purpose for line in draft.lines)
    return {
        (operator_id, currency): accounts.open_accounts(
            operator_id=operator_id, currency=currency, purposes=needed
        )
        for (operator_id, currency), needed in sorted(purposes.items())
    }


def _insert_headers(drafts: Sequence[Draft], as_of: datetime) -> list[tuple[int, Key]]:
    rows = [
        (*draft.key, draft.date, as_of, len(draft.lines), draft.text, draft.reverses_id)
        for draft in drafts
    ]
    with connection.cursor() as cursor:
        cursor.execute(INSERT_HEADERS, [list(column) for column in zip(*rows, strict=True)])
        return [(entry_id, (owner, kind, src)) for entry_id, owner, kind, src in cursor.fetchall()]


def _insert_postings(
    written: Sequence[tuple[int, Draft]], account_ids: dict[tuple[int, str], dict[str, int]]
) -> None:
    rows = []
    for entry_id, draft in written:
        by_purpose = account_ids[draft.operator_id, draft.currency]
        for line in draft.lines:
            tags = line.tags
            rows.append(
                (
                    *(entry_id, by_purpose[line.purpose], line.amount, tags.customer_id),
                    *(tags.session_id, tags.location_id, tags.station_id, tags.connector_id),
                    tags.cable_id,
                )
            )
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(INSERT_POSTINGS, [_array(column) for column in zip(*rows, strict=True)])


def _array(numbers: Iterable[int | Decimal | None]) -> str:
    """Return numbers as PostgreSQL writes an array: a third of the driver's own time."""
    return "{" + ",".join("NULL" if n is None else str(n) for n in numbers) + "}"
