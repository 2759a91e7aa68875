"""Many rows at once: written as one document, which the database takes apart.

Rows handed over as columns of texts are quoted sign by sign; where a row holds documents of its
own, that costs more than all the rest of writing it.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import connection
from django.db.models import Model
from djmoney.money import Money
from psycopg import sql

INSERT: Final = """
INSERT INTO {table} ({columns})
SELECT {columns} FROM json_populate_recordset(NULL::{table}, {told}::json)
ON CONFLICT DO NOTHING
"""


def insert_new(rows: Sequence[Model]) -> None:
    """Insert rows of one model; one that is there already is left as it is.

    Keys the database makes are not told. Values are taken as they stand: no defaults of saving.
    """
    if not rows:
        return
    options = type(rows[0])._meta
    fields = [field for field in options.concrete_fields if not field.primary_key]
    names = [(field.column or field.attname, field.attname) for field in fields]
    document = json.dumps(
        [{column: _plain(getattr(row, name)) for column, name in names} for row in rows],
        default=_text,
        ensure_ascii=False,
    )
    table = sql.Identifier(options.db_table)
    columns = sql.SQL(", ").join(sql.Identifier(column) for column, _name in names)
    statement = sql.SQL(INSERT).format(table=table, columns=columns, told=sql.Literal(document))
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _plain(value: Any) -> Any:
    return value.amount if isinstance(value, Money) else value


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in a row")
