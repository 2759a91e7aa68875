"""X27 and X28: clocks and meters that lie; nothing is billed blindly, nothing is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from billing import rating
from stations.models import MeterValue, Session
from tests.cast import Cast
from tests.chaos.conftest import MakeGateway, Report
from tests.integration.billing import scene as trade
from tests.integration.stations.charger import Charger

pytestmark = pytest.mark.chaos
TODAY = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=2)


def wire(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


# What a charger says: start and stop instants, and whether a person must look.
CLOCKS: dict[str, tuple[str, str, bool]] = {
    "1970": ("1970-01-01T00:00:10Z", "1970-01-01T01:00:10Z", True),
    "0001": ("0001-01-01T00:00:00Z", "0001-01-01T01:00:00Z", True),
    "a year ahead": (
        wire(TODAY + timedelta(days=365)),
        wire(TODAY + timedelta(days=365, hours=1)),
        True,
    ),
    "two hours behind": (wire(TODAY), wire(TODAY + timedelta(hours=1)), False),
    "set back in between": (wire(TODAY), wire(TODAY - timedelta(hours=2)), True),
    "set forward in between": ("1970-01-01T00:00:10Z", wire(TODAY), True),
    "the hour that comes twice": ("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", False),
    "a leap second": ("2016-12-31T23:59:60Z", wire(TODAY), True),
    "no zone": (wire(TODAY)[:-1], wire(TODAY + timedelta(hours=1))[:-1], False),
    "nonsense": ("yesterday", "today", True),
}
# Registers in Wh: start, samples, stop; what must be flagged.
METERS: dict[str, tuple[int | None, list[str], int | None, str]] = {
    "32-bit rollover": (4_294_960_000, [], 3_000, "register_rollover"),
    "reset to 0": (500_000, ["500500"], 200, "register_backwards"),
    "negative": (1_000, [], -5_000, "stop_register_missing"),
    "stop below start": (9_000, [], 8_999, "register_backwards"),
    "stop -1": (1_000, [], -1, "stop_register_missing"),
    "10 MWh in an hour": (0, [], 10_000_000, "above_max_power"),
    "no stop register": (1_000, ["2000"], None, "stop_register_missing"),
}


def is_billed(session: Session) -> bool:
    try:
        cdr = rating.rate_session(session_id=session.pk, as_of=datetime.now(UTC))
    except rating.SessionNotRateable:
        return False
    return cdr is not None


def start(stamp: str, meter: int | None, connector: int = 1) -> dict[str, Any]:
    payload = {"connectorId": connector, "idTag": "ASTRID01", "timestamp": stamp}
    return payload | ({} if meter is None else {"meterStart": meter})


async def charge(
    charger: Charger, begin: str, end: str, meters: tuple[int | None, list[str], int | None]
) -> str:
    first, samples, last = meters
    answer = await charger.call("StartTransaction", start(begin, first))
    number = answer["transactionId"]
    for value in samples:
        sample = {
            "timestamp": wire(TODAY + timedelta(minutes=30)),
            "sampledValue": [{"value": value}],
        }
        await charger.call(
            "MeterValues", {"connectorId": 1, "transactionId": number, "meterValue": [sample]}
        )
    stop = {"transactionId": number, "timestamp": end, "reason": "Local"}
    await charger.call("StopTransaction", stop | ({} if last is None else {"meterStop": last}))
    return str(number)


def test_x27_clocks_that_lie(people: Cast, make_gateway: MakeGateway, report: Report) -> None:
    gateway = make_gateway()
    trade.assign(trade.make_tariff(people, "flat", trade.price_list("3.00")))

    async def script() -> dict[str, str]:
        numbers = {}
        async with Charger(gateway.url, "NORD-AC-1") as charger:
            for n, (name, (begin, end, _)) in enumerate(CLOCKS.items()):
                meters: tuple[int | None, list[str], int | None] = (
                    n * 10_000,
                    [],
                    n * 10_000 + 5_000,
                )
                numbers[name] = await charge(charger, begin, end, meters)
        return numbers

    numbers = async_to_sync(script)()

    for name, (_, _, looks) in CLOCKS.items():
        row = Session.objects.get(ocpp_transaction_id=numbers[name])
        assert row.energy_wh == 5_000, name
        assert row.ended_at is not None
        assert row.needs_review is looks, (name, row.flags)
        assert looks or row.started_at <= row.ended_at, name
        assert is_billed(row) is not looks, name
    report("X27", clocks=len(CLOCKS), energy_right=len(CLOCKS), negative_durations=0)


def test_x28_meters_that_lie(people: Cast, make_gateway: MakeGateway, report: Report) -> None:
    gateway = make_gateway()
    trade.assign(trade.make_tariff(people, "flat", trade.price_list("3.00")))

    async def script() -> dict[str, str]:
        numbers = {}
        async with Charger(gateway.url, "NORD-AC-1") as charger:
            for n, (name, (first, samples, last, _)) in enumerate(METERS.items()):
                begin = TODAY + timedelta(minutes=n)
                numbers[name] = await charge(
                    charger, wire(begin), wire(begin + timedelta(hours=1)), (first, samples, last)
                )
        return numbers

    numbers = async_to_sync(script)()

    for name, (_, _, _, flag) in METERS.items():
        row = Session.objects.get(ocpp_transaction_id=numbers[name])
        assert any(f.startswith(flag) for f in row.flags), (name, row.flags)
        assert row.needs_review, name
        assert not is_billed(row), name
    report("X28", meters=len(METERS), flagged=len(METERS), billed_blindly=0)


def test_x28_a_spike_is_kept_with_its_flag_and_moves_no_bill(
    people: Cast, make_gateway: MakeGateway, report: Report
) -> None:
    gateway = make_gateway()

    async def script() -> None:
        async with Charger(gateway.url, "NORD-AC-1") as charger:
            meters = (1_000, ["1500", "9000000", "2000"], 3_000)
            await charge(charger, wire(TODAY), wire(TODAY + timedelta(hours=1)), meters)

    async_to_sync(script)()

    row = Session.objects.get()
    assert row.energy_wh == 2_000
    spike = MeterValue.objects.get(energy_wh=9_000_000)
    assert (spike.extra or {}).get("flags"), "nobody would see it"
    report("X28", spikes=1, flagged=1, energy_right=1)
