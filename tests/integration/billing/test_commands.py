import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from billing import rating
from billing.management.commands import price_session, run_invoices
from billing.models import Customer, Invoice, InvoiceSeries
from chargenet.command import NotDone
from chargenet.core import operators
from tests import cast
from tests.integration.billing import scene as trade
from tests.unit.billing.papers import NINE, component, element, period, session, tariff

RATED = datetime(2026, 12, 1, tzinfo=UTC)


def _write(folder: Path, name: str, told: object) -> str:
    path = folder / name
    path.write_text(json.dumps(told, default=lambda number: float(number)), encoding="utf-8")
    return str(path)


@pytest.fixture
def papers(tmp_path: Path) -> list[str]:
    price_list = tariff(element(component("ENERGY", "0.1", 25)))
    return [
        "manage.py",
        "price_session",
        "--tariff",
        _write(tmp_path, "tariff.json", price_list),
        "--session",
        _write(tmp_path, "session.json", session(period(NINE, ENERGY=3))),
    ]


def test_price_session_prints_one_object_and_needs_no_database(papers: list[str], capsys) -> None:
    price_session.Command().run_from_argv(papers)

    told = json.loads(capsys.readouterr().out)
    assert told["total_cost"] == {"excl_vat": "0.3", "incl_vat": "0.375"}
    assert told["total_energy"] == "3"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda argv: [*argv, "--fast"], "error: arguments: unrecognized arguments: --fast."),
        (lambda argv: argv[:4], "error: arguments: the following arguments are required"),
        (lambda argv: [*argv[:2], "--tar", *argv[3:]], "error: arguments: "),
        (lambda argv: [*argv[:3], "nowhere.json", *argv[4:]], "error: nowhere.json: No such file"),
        (lambda argv: [*argv[:3], argv[5], *argv[4:]], "$.time_zone: unknown key 'time_zone'."),
    ],
)
def test_what_price_session_cannot_do_it_says_in_one_line(
    papers: list[str], capsys, change, said: str
) -> None:
    with pytest.raises(SystemExit) as stop:
        price_session.Command().run_from_argv(change(papers))

    told = capsys.readouterr()
    assert stop.value.code == 2
    assert said in told.err
    assert told.err.startswith("error: ")
    assert told.err.count("\n") == 1
    assert told.out == ""


def test_a_file_that_is_no_text_is_named(papers: list[str], capsys) -> None:
    Path(papers[3]).write_bytes(b"\xff\xfe{")

    with pytest.raises(SystemExit):
        price_session.Command().run_from_argv(papers)

    assert "not UTF-8" in capsys.readouterr().err


@pytest.fixture
def scene(db: None) -> cast.Cast:
    scene = cast.make_cast()
    trade.make_customer(scene, "site", location=scene.location)
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("3.2")), scene.ac_station)
    sessions = [
        trade.make_session(scene),
        trade.make_session(scene, connector=scene.tethered),
        trade.make_session(scene, needs_review=True),
    ]
    rating.rate_sessions(session_ids=[each.pk for each in sessions], as_of=RATED)
    return scene


def _run(capsys, *options: str) -> dict[str, Any]:
    call_command("run_invoices", "--operator", "nord", *options)
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def test_run_invoices_says_what_it_issued_and_what_waits(scene: cast.Cast, capsys) -> None:
    first = _run(capsys, "--period", "2026-11", "--as-of", "2026-12-03")
    again = _run(capsys, "--period", "2026-11", "--as-of", "2026-12-04")

    assert first == {
        "period": "2026-11",
        "created": 1,
        "already_there": 0,
        "lines": 1,
        "sessions": 1,
        "held": 1,
        "without_tariff": 1,
        "totals": {"SEK": "40.00"},
        "first_number": "1",
        "last_number": "1",
    }
    assert (again["created"], again["already_there"], again["totals"]) == (0, 1, {})
    assert Invoice.objects.values_list("total_incl_vat", flat=True).get() == Decimal(40)


def test_a_dry_run_tells_the_same_and_changes_nothing(scene: cast.Cast, capsys) -> None:
    told = _run(capsys, "--period", "2026-11", "--as-of", "2026-12-03", "--dry-run")

    assert (told["created"], told["totals"]) == (1, {"SEK": "40.00"})
    assert Invoice.objects.count() == 0
    assert not InvoiceSeries.objects.filter(last_number__gt=0).exists()


def test_only_the_customer_named_is_invoiced(scene: cast.Cast, capsys) -> None:
    other = Customer.objects.create(operator=scene.operator, reference="x", name="X")
    month = ("--period", "2026-11", "--as-of", "2026-12-03")
    told = _run(capsys, *month, "--customer", str(other.pk))

    assert told["created"] == 0
    assert _run(capsys, *month)["created"] > 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"period": "november"}, "--period: 'november' is no month"),
        ({"period": "2026-11", "as_of": "yesterday"}, "--as-of: 'yesterday' is no date"),
        ({"period": "2026-11", "as_of": "2026-11-30"}, "--period: 2026-11 ends at"),
        ({"period": "2026-11", "operator": "west"}, "--operator: 'west' is no operator"),
    ],
)
def test_what_run_invoices_cannot_do_it_names(scene: cast.Cast, options, said: str) -> None:
    given = {"operator": "nord", "customer": None, "as_of": None, "dry_run": False} | options

    with pytest.raises(NotDone, match=said):
        run_invoices.Command().handle(**given)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--period", "9999-12"], "--period: '9999-12' is no month"),
        (["--period", "2026-11", "--customer", "99999999999999999999"], "--customer: no customer"),
        (["--period", "2026-11", "--customer", "{foreign}"], "--customer: no customer"),
        (["--period", "2026-11", "--as-of", "9999-12-31"], "--as-of: '9999-12-31' is no date"),
    ],
)
def test_a_run_of_nothing_that_exists_is_refused_in_one_line(
    more: list[str], said: str, capsys
) -> None:
    made = cast.make_cast()
    foreign = Customer.objects.create(operator=made.other_operator, reference="x", name="X")
    argv = [part.format(foreign=foreign.pk) for part in more]

    with pytest.raises(SystemExit) as stop:
        run_invoices.Command().run_from_argv(
            ["manage.py", "run_invoices", "--operator", "nord", *argv]
        )

    told = capsys.readouterr()
    assert stop.value.code == 2
    assert said in told.err
    assert told.err.count("\n") == 1


@pytest.mark.django_db
def test_a_database_without_our_tables_is_named_as_such(capsys, monkeypatch) -> None:
    def fail(_slug: str | None) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM core_operator_of_another_day")

    monkeypatch.setattr(operators, "choose_operator", fail)

    with pytest.raises(SystemExit) as stop:
        run_invoices.Command().run_from_argv(["manage.py", "run_invoices", "--period", "2026-11"])

    told = capsys.readouterr().err
    assert stop.value.code == 2
    assert told.startswith("error: database: relation")
    assert told.endswith("Bring the tables up to date: manage.py migrate.\n")
