"""The published list of one real network, in a short form; tests/bench holds the whole."""

import csv
import gzip
import io
import json
import os
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from chargenet.core.models import Operator
from stations.models import Location, Session, Station

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[3]
SHARED = Path(os.environ.get("CHARGENET_SHARED", ROOT.parent / "shared"))
LISTS = SHARED / "data"
FLAGGED = {
    "no_end_or_energy": 185,
    "ends_before_start": 6,
    "negative_energy": 7,
    "duplicate_start": 72,
}


def _list(name: str) -> Path:
    path = LISTS / name
    if not path.exists():
        pytest.skip(f"the published list {name} is not beside the repository")
    return path


def _short_form(path: Path, target: Path) -> int:
    """Write the first 3,000 rows, all impossible ones and their twins; return how many."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    twins = Counter(tuple(row[1:4]) for row in rows)
    chosen = [
        row
        for number, row in enumerate(rows)
        if number < 3000
        or twins[tuple(row[1:4])] > 1
        or not row[4]
        or row[4] < row[3]
        or row[5].startswith("-")
    ]
    with gzip.open(target, "wt", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *chosen])
    return len(chosen)


def run(path: Path, mapping: str, **options: Any) -> dict[str, Any]:
    out = io.StringIO()
    mapping = str(ROOT / "docs" / "mappings" / f"{mapping}.json")
    call_command("import_sessions", str(path), mapping=mapping, stdout=out, **options)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


def test_a_real_list_is_imported_to_the_last_row_and_penny(tmp_path: Path) -> None:
    Operator.objects.create(slug="council", name="Council", legal_name="Council", currency="GBP")
    short = tmp_path / "short.csv.gz"
    rows = _short_form(_list("pkc_sessions_2016-2019.csv.gz"), short)

    told = run(short, "pkc")
    again = run(short, "pkc")

    assert told["rows"] == rows
    assert told["flagged"] == FLAGGED
    assert told["sessions"] == rows - 270 == told["cdrs"]
    assert Session.objects.filter(state="flagged").count() == 270
    assert Decimal(told["cdr_total"]) == Decimal(told["invoice_line_total"]) + Decimal(
        told["open_total"]
    )
    assert Decimal(told["cdr_total"]) > 0
    assert (told["open_total"], told["ledger_sum"], told["errors"]) == ("0.00", "0.00", [])
    assert again == told | {"already_there": rows}


def test_the_whole_real_list_is_judged_row_by_row() -> None:
    Operator.objects.create(slug="council", name="Council", legal_name="Council", currency="GBP")

    told = run(_list("pkc_sessions_2016-2019.csv.gz"), "pkc", dry_run=True)

    assert (told["rows"], told["sessions"], told["flagged"]) == (66_664, 66_394, FLAGGED)
    assert not Location.objects.exists()


needs_time = pytest.mark.skipif(
    not os.environ.get("CHARGENET_LONG"), reason="takes minutes: make nightly sets CHARGENET_LONG"
)


@needs_time
def test_the_whole_real_list_is_billed_to_the_penny() -> None:
    Operator.objects.create(slug="council", name="Council", legal_name="Council", currency="GBP")

    told = run(_list("pkc_sessions_2016-2019.csv.gz"), "pkc")

    assert (told["sessions"], told["cdrs"], told["flagged"]) == (66_394, 66_394, FLAGGED)
    assert told["cdr_total"] == told["invoice_line_total"]
    assert told["ledger_sum"] == "0.00"


@needs_time
def test_a_list_whose_rows_have_no_name_gives_each_its_own() -> None:
    Operator.objects.create(slug="sample", name="Sample", legal_name="Sample", currency="EUR")

    told = run(_list("qualicharge_sessions_2024-12_2025-01.csv.gz"), "qualicharge", dry_run=True)

    assert (told["rows"], told["errors"]) == (110_366, [])
    assert told["flagged"] == {"duplicate_start": 7}
    assert not Station.objects.exists()


def test_the_workplace_list_bills_those_who_charged() -> None:
    Operator.objects.create(slug="work", name="Work", legal_name="Work", currency="USD")

    told = run(_list("workplace_sessions_2014-11_2015-10.csv.gz"), "workplace")

    assert (told["rows"], told["sessions"], told["cdrs"]) == (3_395, 3_377, 3_377)
    assert Station.objects.count() == 105
    assert told["open_total"] == told["ledger_sum"] == "0.00"
