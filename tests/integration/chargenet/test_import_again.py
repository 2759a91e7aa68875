"""Lists imported again: longer, corrected, after a kill, or with a mapping that cannot hold."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from billing.models import (
    InvoiceLine,
    Tariff,
)
from chargenet import command
from chargenet.core.models import Operator
from revenue.models import Posting
from tests.integration.chargenet.importing_scene import GOOD, MAPPING, TARIFF, Importer, everything

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> Operator:
    return Operator.objects.create(slug="nord", name="Nordladd", legal_name="Nordladd AB")


@pytest.fixture
def importing(tmp_path: Path) -> Importer:
    return Importer(tmp_path)


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
