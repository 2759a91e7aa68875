"""Every tenant's table is walled, whatever anybody forgets."""

from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from stations.models import Location, Session, Station
from tests import cast

pytestmark = pytest.mark.django_db


def test_every_table_with_an_operator_forces_row_level_security() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity FROM pg_class c"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'operator_id'"
            " WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace"
        )
        walled = dict(cursor.fetchall())
    assert len(walled) > 30
    assert [table for table, is_walled in walled.items() if not is_walled] == []


def test_the_web_role_without_a_scope_sees_no_row(as_web) -> None:
    cast.make_cast()
    with as_web(None):
        assert Station.objects.count() == 0


def test_an_operator_sees_own_rows_only_even_by_raw_sql(as_web) -> None:
    made = cast.make_cast()
    with as_web(made.cilla), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM stations_station")
        assert cursor.fetchone() == (2,)
    with as_web(made.erik):
        assert Station.objects.count() == 0
        assert Location.objects.count() == 0


def test_a_driver_sees_own_sessions_and_where_they_were(as_web) -> None:
    made = cast.make_cast()
    now = datetime(2026, 11, 1, tzinfo=UTC)
    Session.objects.create(
        operator=made.operator,
        station=made.ac_station,
        connector=made.socket,
        driver=made.astrid,
        token=made.astrids_token,
        ocpp_transaction_id="1",
        started_at=now,
        received_at=now,
    )
    with as_web(made.astrid):
        assert Session.objects.count() == 1
        assert [s.identity for s in Station.objects.all()] == ["NORD-AC-1"]
        assert Location.objects.count() == 1
    with as_web(made.bo):
        assert Session.objects.count() == 0
        assert Station.objects.count() == 0


def test_a_row_of_another_operator_cannot_be_written(as_web) -> None:
    made = cast.make_cast()
    refused = pytest.raises(DatabaseError, match="row-level security")
    with as_web(made.erik), refused, transaction.atomic():
        Location.objects.create(operator=made.operator, name="Smygställe")


@pytest.mark.parametrize(
    "table",
    [
        "billing_cdr",
        "billing_invoice",
        "billing_invoiceline",
        "revenue_journalentry",
        "revenue_posting",
        "core_auditentry",
    ],
)
def test_money_and_audit_rows_cannot_be_changed_by_the_application(table: str) -> None:
    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(statement)


def test_every_scoped_model_says_who_sees_it() -> None:
    silent = [
        model.__name__
        for model in apps.get_models()
        if any(f.name in {"operator", "operator_id"} for f in model._meta.fields)
        and model._meta.app_label in {"stations", "billing", "faults", "revenue"}
        and not getattr(model, "SEEN_BY", None)
    ]
    assert silent == []
