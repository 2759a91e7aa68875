"""A list of sessions of another system becomes places, sessions, prices, invoices and entries."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from billing.models import (
    Cdr,
    Customer,
    Invoice,
    RatingHold,
    TariffAssignment,
)
from chargenet.core.models import Operator
from revenue.models import Posting
from stations import registry
from stations.models import Connector, Location, Session, Station, Token
from tests.integration.chargenet.importing_scene import GOOD, HEADER, MAPPING, Importer, everything

pytestmark = pytest.mark.django_db

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


@pytest.fixture
def importing(tmp_path: Path) -> Importer:
    return Importer(tmp_path)


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
