"""How long the import of the published list takes, step by step.

Run from the repository root with an empty database:

    .venv/bin/python -m tests.bench.import_sessions [--sample 500]

The ratio compares storing one row at a time through the ORM, on a sample, with the import's own
storing, in the same run. It writes into the database it is given: use one of your own.
"""

import argparse
import functools
import json
import os
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("CHARGENET_SHARED", ROOT.parent / "shared"))
LIST = SHARED / "data" / "pkc_sessions_2016-2019.csv.gz"
MAPPING = ROOT / "docs" / "mappings" / "pkc.json"
seconds: defaultdict[str, float] = defaultdict(float)


def timed(label: str, module: Any, name: str) -> None:
    """Add up the time one function of a module takes."""
    real: Callable[..., Any] = getattr(module, name)

    @functools.wraps(real)
    def measured(*args: Any, **kwargs: Any) -> Any:
        began = time.perf_counter()
        try:
            return real(*args, **kwargs)
        finally:
            seconds[label] += time.perf_counter() - began

    setattr(module, name, measured)


def one_row_at_a_time(order: Any, size: int) -> float:
    """Return seconds a row of the plain way: look for it, make it, a commit each."""
    from chargenet.core import clock
    from stations.models import Connector, Session

    connector = Connector.objects.filter(operator=order.operator).first()
    assert connector is not None, "the import has made connectors"
    began = time.perf_counter()
    for number in range(size):
        Session.objects.get_or_create(
            station_id=connector.station_id,
            ocpp_transaction_id=f"bench:{number}",
            defaults={
                "operator": order.operator,
                "connector": connector,
                "state": Session.State.FLAGGED,
                "started_at": clock.now(),
                "received_at": clock.now(),
            },
        )
    spent = time.perf_counter() - began
    Session.objects.filter(ocpp_transaction_id__startswith="bench:").delete()
    return spent / size


def main() -> int:
    """Import the list, print the split as JSON; 1 where a number is not as published."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--sample", type=int, default=500)
    sample = arguments.parse_args().sample
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chargenet.settings")
    os.environ.setdefault("CHARGENET_DB_ROLE", "system")
    django.setup()
    from billing import invoices, rating
    from chargenet.core import clock, operators
    from chargenet.imports import lists, prices
    from chargenet.imports.watching import unwatched
    from revenue import ledger
    from stations import history, recordings

    timed("read and flag", lists, "_survey")
    timed("store", history, "record_sessions")
    timed("rate", rating, "rate_sessions")
    timed("post", ledger, "post_cdrs")
    timed("invoice", invoices, "issue_due_invoices")
    timed("post", ledger, "post_invoices")
    written = json.loads(MAPPING.read_text(encoding="utf-8"))
    order = lists.ListImport(
        operator=operators.choose_operator(None),
        path=LIST,
        mapping=recordings.parse_mapping(written),
        prices=prices.parse_prices(written),
    )
    began = time.perf_counter()
    told = lists.import_sessions(order, as_of=clock.now(), watch=unwatched)
    total = time.perf_counter() - began
    plain = one_row_at_a_time(order, sample)
    result = {
        "rows": told.rows,
        "sessions": told.sessions,
        "flagged": sum(told.flagged.values()),
        "already_there": told.already_there,
        "seconds": round(total, 1),
        "split_s": {label: round(spent, 1) for label, spent in seconds.items()},
        "rows_per_second": round(told.rows / total),
        "store_times_faster_than_one_by_one": round(plain * told.rows / seconds["store"], 1),
        "peak_memory_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    sys.stdout.write(json.dumps(result) + "\n")
    as_published = (told.rows, told.sessions) == (66_664, 66_394)
    books_agree = (
        told.amounts.cdr_total == told.amounts.invoice_line_total + told.amounts.open_total
        and told.amounts.ledger_sum == 0
    )
    return 0 if as_published and books_agree else 1


if __name__ == "__main__":
    from chargenet import embedded

    with embedded.running_engines():
        sys.exit(main())
