import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from billing.models import (
    Cdr,
    Customer,
    Invoice,
    InvoiceLine,
    RatingHold,
    Tariff,
    TariffAssignment,
)
from chargenet import command
from chargenet.core.models import Operator
from revenue.models import Posting
from stations import registry
from stations.models import Connector, Location, Session, Station, Token

pytestmark = pytest.mark.django_db

TARIFF = {
    "country_code": "SE",
    "party_id": "TST",
    "id": "TEST-ENERGY",
    "currency": "SEK",
    "elements": [
        {"price_components": [{"type": "ENERGY", "price": 4, "vat": 25, "step_size": 1}]}
    ],
    "last_updated": "2019-01-01T00:00:00Z",
}
MAPPING: dict[str, Any] = {
    "time_zone": "Europe/Stockholm",
    "currency": "SEK",
    "columns": {
        "session": "id",
        "station": "station",
        "connector": "plug",
        "start": "from",
        "end": "to",
        "energy_kwh": "kwh",
        "site": "site",
        "model": "model",
    },
    "tariff": TARIFF,
}
HEADER = "id,station,plug,from,to,kwh,site,model"
GOOD = (
    "1,A,1,2020-01-10 10:00,2020-01-10 11:00,10,Hamnen,Post",
    "2,A,2,2020-01-31 23:30,2020-02-01 00:30,5.5,Hamnen,Post",
    "3,B,1,2020-02-10 10:00,2020-02-10 11:00,0,Torget,Rapid",
)
ODD = (
    "4,A,1,2020-01-11 10:00,,,Hamnen,Post",
    "5,A,1,2020-01-12 10:00,1970-01-01 01:00,7,Hamnen,Post",
    "6,A,1,2020-01-13 10:00,2020-01-13 11:00,-0.001,Hamnen,Post",
    "7,A,1,2020-01-10 10:00,2020-01-10 10:30,3,Hamnen,Post",
    "8,A,1,2020-01-10 10:59,2020-01-10 12:00,3,Hamnen,Post",
)


@pytest.fixture
def operator() -> Operator:
    return Operator.objects.create(slug="nord", name="Nordladd", legal_name="Nordladd AB")


class Importer:
    """Writes a list and its mapping into a folder and imports it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(
        self,
        *lines: str,
        mapping: dict[str, Any] | None = None,
        header: str = HEADER,
        **options: Any,
    ) -> dict[str, Any]:
        (self.folder / "list.csv").write_text("\n".join((header, *lines)), encoding="utf-8")
        (self.folder / "map.json").write_text(json.dumps(mapping or MAPPING), encoding="utf-8")
        out = io.StringIO()
        call_command(
            "import_sessions",
            str(self.folder / "list.csv"),
            mapping=str(self.folder / "map.json"),
            stdout=out,
            **options,
        )
        told: dict[str, Any] = json.loads(out.getvalue())
        return told


@pytest.fixture
def importing(tmp_path: Path) -> Importer:
    return Importer(tmp_path)


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, so that nothing can change unseen."""
    rows = {}
    for model in apps.get_models():
        if model._meta.app_label not in {"contenttypes", "auth", "admin", "sessions"}:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT t::text FROM {model._meta.db_table} t ORDER BY 1")
                rows[model._meta.db_table] = cursor.fetchall()
    return rows


def test_a_list_becomes_places_sessions_prices_invoices_and_entries(
    operator: Operator, importing: Importer
) -> None:
    told = importing(*GOOD)

    assert told == {
        "rows": 3,
        "sessions": 3,
        "already_there": 0,
        "flagged": {},
        "errors": [],
        "cdrs": 3,
        "cdr_total": "77.50",
        "invoices": 2,
        "invoice_line_total": "77.50",
        "open_total": "0.00",
        "ledger_sum": "0.00",
    }
    assert set(Location.objects.values_list("name", "timezone")) == {
        ("Hamnen", "Europe/Stockholm"),
        ("Torget", "Europe/Stockholm"),
    }
    assert set(Station.objects.values_list("identity", "name", "model", "is_active")) == {
        ("nord.A", "A", "Post", False),
        ("nord.B", "B", "Rapid", False),
    }
    assert Connector.objects.count() == 3
    first = Session.objects.get(ocpp_transaction_id="import:1")
    assert first.started_at == datetime(2020, 1, 10, 9, 0, tzinfo=UTC)
    assert (first.energy_wh, first.state, first.source) == (10_000, "completed", "import")
    assert set(Customer.objects.values_list("name", flat=True)) == {
        "Drop-in sales, Hamnen",
        "Drop-in sales, Torget",
    }
    # the session over the turn of the month belongs to the month it ended in; nobody gets an
    # invoice of nothing
    months = Invoice.objects.values_list("customer__location__name", "period_start__month")
    assert sorted(months) == [("Hamnen", 1), ("Hamnen", 2)]
    assert Posting.objects.filter(session=first, connector=first.connector).exists()


def test_impossible_rows_are_kept_flagged_and_never_billed(
    operator: Operator, importing: Importer
) -> None:
    told = importing(*GOOD, *ODD)

    assert (told["rows"], told["sessions"], told["cdrs"]) == (8, 3, 3)
    assert told["flagged"] == {
        "no_end_or_energy": 1,
        "ends_before_start": 1,
        "negative_energy": 1,
        "duplicate_start": 1,
        "overlap": 1,
    }
    kept = Session.objects.filter(state="flagged").order_by("ocpp_transaction_id")
    assert [(each.flags, each.energy_wh, each.ended_at is None) for each in kept] == [
        (["no_end_or_energy"], None, True),
        (["ends_before_start"], 7000, True),
        (["negative_energy"], None, False),
        (["duplicate_start"], 3000, False),
        (["overlap"], 3000, False),
    ]
    assert not Cdr.objects.filter(session__in=kept).exists()
    assert not RatingHold.objects.filter(session__in=kept).exists()


def test_a_wrong_row_is_told_and_leaves_with_1_while_the_others_are_kept(
    operator: Operator, importing: Importer, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        importing(GOOD[0], "2,A,1,yesterday,2020-01-31 01:00,5,Hamnen,Post", GOOD[2])

    assert left.value.code == 1
    assert Session.objects.count() == 2


def test_the_second_time_changes_nothing(operator: Operator, importing: Importer) -> None:
    first = importing(*GOOD, *ODD)
    before = everything()

    second = importing(*GOOD, *ODD)

    assert everything() == before
    assert second == first | {"already_there": 8}


def test_a_longer_list_adds_only_what_is_new(operator: Operator, importing: Importer) -> None:
    importing(*GOOD[:2])

    told = importing("0,A,1,2019-12-10 10:00,2019-12-10 11:00,1,Hamnen,Post", *GOOD)

    assert (told["already_there"], told["sessions"], told["cdrs"]) == (2, 4, 4)
    assert told["cdr_total"] == told["invoice_line_total"] == "82.50"
    assert TariffAssignment.objects.count() == 2


def test_a_dry_run_tells_and_writes_nothing(operator: Operator, importing: Importer) -> None:
    before = everything()

    told = importing(*GOOD, *ODD, dry_run=True)

    assert everything() == before
    assert (told["rows"], told["sessions"], told["flagged"]["overlap"]) == (8, 3, 1)
    assert (told["cdrs"], told["cdr_total"]) == (0, "0.00")
    importing(*GOOD)
    assert importing(*GOOD, *ODD, dry_run=True)["already_there"] == 3


def test_without_invoices_everything_stays_open_until_they_are_wanted(
    operator: Operator, importing: Importer
) -> None:
    open_first = importing(*GOOD, no_invoices=True)
    then_issued = importing(*GOOD)

    assert (open_first["invoices"], open_first["open_total"]) == (0, "77.50")
    assert (then_issued["invoices"], then_issued["open_total"]) == (2, "0.00")


def test_two_operators_can_have_the_same_station_in_their_lists(
    operator: Operator, importing: Importer
) -> None:
    Operator.objects.create(slug="nord-a", name="Other", legal_name="Other AB")
    importing("1,a-b,1,2020-01-10 10:00,2020-01-10 11:00,1,Hamnen,P", operator="nord")
    importing("1,b,1,2020-01-10 10:00,2020-01-10 11:00,1,Hamnen,P", operator="nord-a")
    told = importing("1,a-b,1,2020-01-10 10:00,2020-01-10 11:00,1,Hamnen,P", operator="nord-a")

    assert told["already_there"] == 0
    assert Station.objects.count() == Session.objects.count() == 3


def test_the_history_of_a_registered_station_stands_at_that_station(
    operator: Operator, importing: Importer
) -> None:
    plan = registry.StationPlan(identity="A", site="Kajen")
    known = registry.add_station(operator=operator, plan=plan).station

    importing(*GOOD[:2])

    assert Station.objects.get().pk == known.pk
    known.refresh_from_db()
    assert (known.location.name, known.is_active, known.connectors.count()) == ("Kajen", True, 2)
    # the list's price list ends with the list
    [assignment] = TariffAssignment.objects.all()
    assert assignment.valid_until == datetime(2020, 2, 1, tzinfo=UTC)


def test_rows_that_name_who_charged_are_invoiced_to_them(
    operator: Operator, importing: Importer
) -> None:
    mapping = MAPPING | {"columns": MAPPING["columns"] | {"customer": "who"}}
    lines = [f"{line},{who}" for line, who in zip(GOOD, ("anna", "anna", "olle"), strict=True)]

    told = importing(*lines, mapping=mapping, header=f"{HEADER},who")

    assert set(Token.objects.values_list("uid", flat=True)) == {"anna", "olle"}
    assert told["invoice_line_total"] == "77.50"
    invoiced = Invoice.objects.values_list("customer__reference", "total_incl_vat")
    assert sorted(invoiced) == [
        ("token-anna", Decimal("27.50")),
        ("token-anna", Decimal("50.00")),
    ]


def test_sessions_without_a_price_list_wait_with_a_reason(
    operator: Operator, importing: Importer
) -> None:
    told = importing(*GOOD, mapping=MAPPING | {"tariff": None})

    assert (told["sessions"], told["cdrs"]) == (3, 0)
    assert set(RatingHold.objects.values_list("reason", flat=True)) == {"no_tariff"}


def test_a_corrected_price_list_is_a_new_version_and_old_prices_stay(
    operator: Operator, importing: Importer
) -> None:
    importing(*GOOD[:1])
    dearer = json.loads(json.dumps(TARIFF).replace('"price": 4', '"price": 8'))

    told = importing(*GOOD, mapping=MAPPING | {"tariff": dearer})

    assert sorted(Tariff.objects.values_list("code", "version")) == [
        ("TEST-ENERGY", 1),
        ("TEST-ENERGY", 2),
    ]
    assert told["cdr_total"] == "105.00"
    by_id = importing(*GOOD, mapping=MAPPING | {"tariff": "TEST-ENERGY"})
    assert by_id["cdr_total"] == "105.00"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"colour": 1}, "colour"),
        ({"currency": "kronor"}, "currency"),
        ({"currency": "EUR"}, "is in SEK"),
        ({"tariff": "NOWHERE"}, "no tariff 'NOWHERE'"),
        ({"tariff": TARIFF | {"colour": 1}}, "colour"),
        ({"tariff": 4}, "tariff"),
    ],
)
def test_a_mapping_that_cannot_hold_is_refused_and_nothing_is_written(
    operator: Operator, importing: Importer, change: dict[str, Any], words: str
) -> None:
    before = everything()

    with pytest.raises(command.NotDone, match=words):
        importing(*GOOD, mapping=MAPPING | change)
    assert everything() == before


def test_a_column_the_list_lacks_is_named(operator: Operator, importing: Importer) -> None:
    with pytest.raises(command.NotDone, match="no column 'kwh'"):
        importing("1", header="id,station,plug,from,to,site,model")


def _hundred() -> list[str]:
    out = io.StringIO()
    writer = csv.writer(out)
    for day in range(1, 29):
        for plug in range(1, 5):
            start = f"2020-01-{day:02} 10:00"
            writer.writerow(
                [f"{day}-{plug}", "A", plug, start, f"2020-01-{day:02} 11:00", "1", "Hamnen", "P"]
            )
    return out.getvalue().splitlines()


@pytest.mark.parametrize("step", ["record_sessions", "rate_sessions", "post_cdrs"])
def test_what_a_kill_left_half_done_is_finished_by_the_next_run(
    operator: Operator, importing: Importer, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """An import that dies after its second batch of any step ends like one that never died."""
    from billing import rating
    from chargenet.imports import books, lists
    from revenue import ledger
    from stations import history

    monkeypatch.setattr(lists, "ROWS_AT_ONCE", 30)
    monkeypatch.setattr(books, "AT_ONCE", 30)
    module: Any = {
        "record_sessions": history,
        "rate_sessions": rating,
        "post_cdrs": ledger,
    }[step]
    real, calls = getattr(module, step), []

    def dies(**arguments: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(**arguments)

    monkeypatch.setattr(module, step, dies)
    with pytest.raises(KeyboardInterrupt):
        importing(*_hundred())
    monkeypatch.setattr(module, step, real)
    told = importing(*_hundred())

    assert (told["sessions"], told["cdrs"], told["invoices"]) == (112, 112, 1)
    assert told["cdr_total"] == told["invoice_line_total"] == "560.00"
    assert told["ledger_sum"] == "0.00"
    assert InvoiceLine.objects.count() == 112
    assert Posting.objects.filter(account__purpose="receivables").count() == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"tariff": null, "tariff": "x"}', "key 'tariff' is given twice"),
        ("[" * 100_000, "nested too deeply"),
        ('{"time_zone": NaN}', "NaN is no JSON number"),
        ("", "no JSON"),
    ],
)
def test_a_mapping_that_is_no_strict_json_is_refused_in_one_line(
    tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "map.json").write_text(text, encoding="utf-8")

    with pytest.raises(command.NotDone, match=said):
        call_command("import_sessions", "list.csv", mapping=str(tmp_path / "map.json"))
