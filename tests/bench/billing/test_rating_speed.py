"""How fast sessions with meter values are rated, and one that goes on is priced."""

import os
import statistics
import time
from datetime import UTC, datetime, timedelta

from django.db import connection

from billing import queries, rating
from billing.tariffs import formula
from stations import queries as station_queries
from stations.models import Connector, Location, Session
from tests import cast
from tests.integration.billing import scene as trade

SESSIONS = int(os.environ.get("BENCH_SESSIONS", "100000"))
SAMPLES = 20
SITES = 50
BEGIN = datetime(2026, 6, 1, tzinfo=UTC)
AFTER = datetime(2026, 11, 20, tzinfo=UTC)
STEP = timedelta(seconds=120)
LENGTH = timedelta(minutes=100)

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


def test_sessions_of_twenty_samples_are_rated(committed_db: None, capsys) -> None:
    scene = cast.make_cast()
    trade.assign(trade.make_tariff(scene, "base", _day_and_night()), since=BEGIN)
    ids = _make_sessions(scene)

    started = time.perf_counter()
    counts = rating.rate_sessions(session_ids=ids, as_of=AFTER, announce=False)
    spent_s = time.perf_counter() - started

    with capsys.disabled():
        print(
            f"\nrated {counts['rated']} of {SESSIONS} sessions of {SAMPLES} samples"
            f" in {spent_s:.1f} s ({counts['rated'] / spent_s:.0f}/s)"
        )
    assert counts["rated"] == SESSIONS


def test_one_session_that_goes_on_is_priced(committed_db: None, capsys) -> None:
    scene = cast.make_cast()
    tariff = trade.make_tariff(scene, "base", _day_and_night())
    trade.assign(tariff, since=BEGIN)
    session = trade.make_session(scene, meter_start_wh=0, meter_stop_wh=10_000)
    with connection.cursor() as cursor:
        cursor.execute(SAMPLED, {"n": SAMPLES, "seen": AFTER})
    lists = queries.price_book([session]).lists
    (facts,) = station_queries.facts_of_many([session], sampled=[session.pk])

    def spent_ms(times: int = 200) -> float:
        spent = []
        for _ in range(times):
            started = time.perf_counter()
            formula.price_session(facts, lists.readable[tariff.pk])
            spent.append(1000 * (time.perf_counter() - started))
        return statistics.median(spent)

    with capsys.disabled():
        print(f"\none session of {SAMPLES} samples priced in {spent_ms():.2f} ms")
