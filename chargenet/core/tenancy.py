"""The second wall: PostgreSQL row-level security by operator and person."""

from collections.abc import Sequence

from django.db import connection, migrations

WEB, SYSTEM = "chargenet_web", "chargenet_system"


def enter_scope(*, operators: Sequence[int], person: int | None) -> None:
    """Let the current transaction see rows of these operators and of this person only."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('chargenet.operators', %s, true),"
            " set_config('chargenet.person', %s, true)",
            [",".join(map(str, operators)), "" if person is None else str(person)],
        )


def protect(table: str, *, person: str = "", column: str = "operator_id") -> migrations.RunSQL:
    """Put one table behind the wall.

    `person` is an SQL condition for rows a person sees as their own; `chargenet_person()` is
    that person's id. FORCE binds the owner too, who has no policy and therefore sees nothing.
    """
    # The scalar subquery makes the planner read the setting once per statement, not per row.
    mine = f"{column} = ANY ((SELECT chargenet_operators())::bigint[])"
    seen = f"{mine} OR ({person})" if person else mine
    return migrations.RunSQL(
        sql=f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY every_operator ON {table} TO {SYSTEM} USING (true) WITH CHECK (true);
        CREATE POLICY own_rows ON {table} FOR SELECT TO {WEB} USING ({seen});
        CREATE POLICY own_insert ON {table} FOR INSERT TO {WEB} WITH CHECK ({seen});
        CREATE POLICY own_update ON {table} FOR UPDATE TO {WEB} USING ({seen}) WITH CHECK ({seen});
        CREATE POLICY own_delete ON {table} FOR DELETE TO {WEB} USING ({mine});
        """,
        reverse_sql=f"""
        DROP POLICY every_operator ON {table};
        DROP POLICY own_rows ON {table};
        DROP POLICY own_insert ON {table};
        DROP POLICY own_update ON {table};
        DROP POLICY own_delete ON {table};
        ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
        ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
        """,
    )


def append_only(table: str) -> migrations.RunSQL:
    """Let the application write rows of a table, never change or delete them."""
    return migrations.RunSQL(
        sql=f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {WEB}, {SYSTEM};",
        reverse_sql=f"GRANT UPDATE, DELETE ON {table} TO {WEB}, {SYSTEM};",
    )
