"""How fast sessions with meter values are rated, and one that goes on is priced.

BENCH_SESSIONS and BENCH_WORKERS say how many, and in how many processes.
"""

import multiprocessing
import os
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import connection, connections

from billing import queries, rating
from billing.models import SpotPrice, Tariff, TariffAssignment
from billing.tariffs import formula
from stations import queries as station_queries
from stations.models import Connector, Location, Session
from tests import cast
from tests.integration.billing import scene as trade

SESSIONS = int(os.environ.get("BENCH_SESSIONS", "100000"))
WORKERS = int(os.environ.get("BENCH_WORKERS", "2"))
SAMPLES = 20
SITES = 50
BEGIN = datetime(2026, 6, 1, tzinfo=UTC)
AFTER = datetime(2026, 11, 20, tzinfo=UTC)
STEP = timedelta(seconds=120)
LENGTH = timedelta(minutes=100)
OURS: dict[str, Any] = {
    "spot": {"markup": 0.25, "grid_fee": 0.3, "vat": 25},
    "idle_fee": {"price_per_minute": 1, "vat": 25, "grace_s": 300, "cap": {"excl_vat": 100}},
    "max_per_day": {"excl_vat": 500, "incl_vat": 625},
}

# One sample each five minutes, between the start and the end of the session.
SAMPLED = """
INSERT INTO stations_metervalue (id, operator_id, station_id, connector_id, session_id,
    occurred_at, received_at, context, energy_wh, power_w)
SELECT s.id * %(n)s + g, s.operator_id, s.station_id, s.connector_id, s.id,
    s.started_at + g * interval '280 seconds', %(seen)s, '',
    s.meter_start_wh + s.energy_wh * g / (%(n)s + 1), 11000
FROM stations_session s CROSS JOIN generate_series(1, %(n)s) g
"""


def _day_and_night() -> dict[str, object]:
    """Return a price list of two prices by the hour, a fee for time and one for standing."""
    prices = []
    for start, end, price in (("06:00", "22:00", 4), ("22:00", "06:00", 2)):
        prices.append(
            {
                "price_components": [
                    {"type": "ENERGY", "price": price, "vat": 25, "step_size": 1},
                    {"type": "PARKING_TIME", "price": 30, "vat": 25, "step_size": 60},
                ],
                "restrictions": {"start_time": start, "end_time": end},
            }
        )
    return {"currency": "SEK", "elements": prices}


def _connectors(scene: cast.Cast) -> list[Connector]:
    found: list[Connector] = []
    for number in range(SITES):
        location = Location.objects.create(operator=scene.operator, name=f"Site {number}")
        found += cast.make_station(location, f"BENCH-{number}", count=4)[1]
    return found


def _make_sessions(scene: cast.Cast) -> list[int]:
    connectors = _connectors(scene)
    rows = []
    for number in range(SESSIONS):
        connector = connectors[number % len(connectors)]
        started_at = BEGIN + number * STEP
        rows.append(
            Session(
                operator=scene.operator,
                station_id=connector.station_id,
                connector=connector,
                ocpp_transaction_id=str(number),
                state=Session.State.COMPLETED,
                started_at=started_at,
                ended_at=started_at + LENGTH,
                received_at=started_at,
                completed_at=started_at + LENGTH,
                energy_wh=20_000,
                meter_start_wh=number * 20_000,
                meter_stop_wh=(number + 1) * 20_000,
                parking_s=600 if number % 5 == 0 else 0,
                driver=scene.astrid if number % 2 else None,
            )
        )
    ids = [row.pk for row in Session.objects.bulk_create(rows, batch_size=5000)]
    with connection.cursor() as cursor:
        cursor.execute(SAMPLED, {"n": SAMPLES, "seen": AFTER})
        cursor.execute("ANALYZE stations_metervalue")
        cursor.execute("ANALYZE stations_session")
    return ids


def _rate(ids: list[int]) -> int:
    counts = rating.rate_sessions(session_ids=ids, as_of=AFTER, announce=False)
    return counts["rated"]


def _rate_shared(ids: list[int]) -> int:
    """Rate in processes of their own, each every so many'th stretch of one commit."""
    stretches = [ids[at : at + rating.CHUNK] for at in range(0, len(ids), rating.CHUNK)]
    connections.close_all()
    with multiprocessing.get_context("fork").Pool(WORKERS) as pool:
        return sum(pool.imap_unordered(_rate, stretches))


def _load() -> str:
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def test_sessions_of_twenty_samples_are_rated(committed_db: None, capsys) -> None:
    scene = cast.make_cast()
    trade.assign(trade.make_tariff(scene, "base", _day_and_night()), since=BEGIN)
    ids = _make_sessions(scene)
    before = _load()

    started = time.perf_counter()
    rated = _rate_shared(ids) if WORKERS > 1 else _rate(ids)
    spent_s = time.perf_counter() - started

    with capsys.disabled():
        print(
            f"\nrated {rated} of {SESSIONS} sessions of {SAMPLES} samples, gate on, {WORKERS}"
            f" processes: {spent_s:.1f} s ({rated / spent_s:.0f}/s); {before}, after it {_load()}"
        )
    assert rated == SESSIONS


def _median_ms(work: Callable[[], object], times: int = 200) -> float:
    spent = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        spent.append(1000 * (time.perf_counter() - started))
    return statistics.median(spent)


def test_one_session_that_goes_on_is_priced(committed_db: None, capsys) -> None:
    scene = cast.make_cast()
    tariff = trade.make_tariff(scene, "base", _day_and_night())
    ours = trade.make_tariff(scene, "ours", _day_and_night() | {"elements": []})
    Tariff.objects.filter(pk=ours.pk).update(native=OURS, spot_area="SE3")
    session = trade.make_session(scene, meter_start_wh=0, meter_stop_wh=10_000, parking_s=900)
    SpotPrice.objects.bulk_create(
        SpotPrice(
            operator=scene.operator,
            area="SE3",
            currency="SEK",
            starts_at=trade.NOON + number * timedelta(minutes=15),
            price=Decimal(number + 1) / 7,
            read_at=AFTER,
        )
        for number in range(8)
    )
    with connection.cursor() as cursor:
        cursor.execute(SAMPLED, {"n": 60, "seen": AFTER})
    told = []
    for each, words in ((tariff, "OCPI"), (ours, "ours with spot prices and an idle fee")):
        TariffAssignment.objects.all().delete()
        trade.assign(each)
        choice = queries.price_book([session]).choice_of(session)
        assert choice is not None
        lists = queries.price_book([session]).lists
        (facts,) = station_queries.facts_of_many([session], sampled=[session.pk])
        given = queries.hand_out({session: choice}, lists, AFTER).given(session, choice)
        engine = partial(formula.price_session, facts, lists.readable[each.pk], given)
        whole = partial(queries.running_costs, [session.pk], AFTER)
        assert whole()[session.pk]
        told.append(
            f"{words}: {_median_ms(engine):.2f} ms, with all it is read from"
            f" {_median_ms(whole):.2f} ms"
        )

    with capsys.disabled():
        print(f"\none session of 60 samples; {'; '.join(told)}; {_load()}")
