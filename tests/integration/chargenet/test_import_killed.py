"""An import that is killed outright, again and again, ends like one that never was."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db.models import Count, Sum

from billing.models import Cdr, Invoice, InvoiceLine
from chargenet.core.models import Operator
from revenue.models import JournalEntry, Posting
from stations.models import Connector, Session, Station
from tests.integration.chargenet.importing_scene import HEADER, MAPPING
from tests.integration.stations.conftest import database_url

pytestmark = [pytest.mark.usefixtures("committed_db"), pytest.mark.chaos]
ROOT = Path(__file__).parents[3]
DAYS, PLUGS = 16, 165
ROWS = DAYS * PLUGS
GIVE_UP_AFTER_S = 90


def _write(folder: Path) -> list[str]:
    rows = [
        f"{plug}-{day},S{plug // 5},{plug % 5 + 1},2020-01-{day:02} 10:00,2020-01-{day:02} 11:00"
        f",1.25,Site {plug % 3},P"
        for day in range(1, DAYS + 1)
        for plug in range(PLUGS)
    ]
    (folder / "list.csv").write_text("\n".join((HEADER, *rows)), encoding="utf-8")
    (folder / "map.json").write_text(json.dumps(MAPPING), encoding="utf-8")
    return [
        *(sys.executable, "manage.py", "import_sessions", str(folder / "list.csv")),
        *("--mapping", str(folder / "map.json")),
    ]


def _start(command: list[str]) -> subprocess.Popen[str]:
    own = {"DATABASE_URL": database_url(), "REDIS_URL": settings.REDIS_URL, "DEBUG": "1"}
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | own,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def _kill_once(command: list[str], has_come_so_far: Callable[[], bool]) -> None:
    running = _start(command)
    deadline = time.monotonic() + GIVE_UP_AFTER_S
    try:
        while not has_come_so_far() and running.poll() is None:
            assert time.monotonic() < deadline, "the import did not come so far"
            time.sleep(0.005)
    finally:
        running.kill()
        running.communicate()


def _facts() -> dict[str, Any]:
    return {
        "places": (Station.objects.count(), Connector.objects.count()),
        "sessions": Session.objects.values_list("state").annotate(n=Count("pk")).get(),
        "cdrs": Cdr.objects.aggregate(n=Count("pk"), total=Sum("total_incl_vat")),
        "lines": InvoiceLine.objects.aggregate(n=Count("pk"), total=Sum("amount_incl_vat")),
        "numbers": sorted(Invoice.objects.values_list("number", flat=True)),
        "entries": dict(JournalEntry.objects.values_list("kind").annotate(n=Count("pk"))),
        "ledger": Posting.objects.aggregate(total=Sum("amount"))["total"],
        "accrued": Posting.objects.filter(account__purpose="accrued_income").aggregate(
            total=Sum("amount")
        )["total"],
    }


def test_three_kills_in_the_middle_lose_and_double_nothing(tmp_path: Path) -> None:
    Operator.objects.create(slug="nord", name="Nordladd", legal_name="Nordladd AB")
    command = _write(tmp_path)

    _kill_once(command, lambda: Session.objects.exists())
    assert Session.objects.count() > 0
    _kill_once(command, lambda: Cdr.objects.exists())
    _kill_once(command, lambda: JournalEntry.objects.exists())
    last = _start(command)
    told = json.loads(last.communicate()[0])

    assert last.returncode == 0
    assert (told["sessions"], told["cdrs"], told["ledger_sum"]) == (ROWS, ROWS, "0.00")
    total = Decimal("6.25") * ROWS
    assert _facts() == {
        "places": (33, PLUGS),
        "sessions": ("completed", ROWS),
        "cdrs": {"n": ROWS, "total": total},
        "lines": {"n": ROWS, "total": total},
        "numbers": [1, 2, 3],
        "entries": {"cdr": ROWS, "invoice": 3},
        "ledger": Decimal(0),
        "accrued": Decimal(0),
    }
