"""What the dashboards read: revenue by place and day, and balances."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from chargenet.core.models import Operator
from revenue import ledger, queries
from revenue.queries import Dimension, Revenue
from tests.cast import Cast
from tests.integration.revenue.made import NOW, Shop, other_shop, shops

pytestmark = pytest.mark.django_db
D = Decimal
OCTOBER: dict[str, Any] = {"start": date(2026, 10, 1), "end": date(2026, 11, 1)}


def a_month() -> tuple[Cast, Shop]:
    """Make two sessions at the socket, one at the tethered cable, one free."""
    made, shop = shops()
    at = {day: datetime(2026, 10, day, 12, tzinfo=UTC) for day in (5, 6)}
    shop.cdr(made.socket, ("25", "80.00", "20.00"), ended_at=at[5])
    shop.cdr(made.socket, ("25", "8.00", "2.00"), ("0", "1.00", "0.00"), ended_at=at[6])
    shop.cdr(made.tethered, ("25", "400.00", "100.00"), ended_at=at[6], cable=made.cable)
    shop.cdr(made.tethered, ("25", "0.00", "0.00"), ended_at=at[6], cable=made.cable)
    ledger.post_unposted(newest=None, as_of=NOW)
    return made, shop


def by(dimension: Dimension, operator: Operator, **more: Any) -> list[Revenue]:
    return queries.revenue_by(dimension, operator_ids=[operator.pk], **(OCTOBER | more))


def figures(rows: list[Revenue]) -> list[tuple[str, str, str, str, int, int]]:
    return [
        (row.label, str(row.net), str(row.vat), str(row.gross), row.sessions, row.energy_wh)
        for row in rows
    ]


def test_revenue_per_station_connector_cable_site_and_day_is_one_sum() -> None:
    made, shop = a_month()

    dc = ("400.00", "100.00", "500.00", 2, 20_000)
    ac = ("89.00", "22.00", "111.00", 2, 20_000)
    assert figures(by(Dimension.STATION, shop.operator)) == [
        ("NORD-DC-1", *dc),
        ("NORD-AC-1", *ac),
    ]
    assert figures(by(Dimension.CONNECTOR, shop.operator)) == [
        ("NORD-DC-1 · 1", *dc),
        ("NORD-AC-1 · 1", *ac),
    ]
    assert figures(by(Dimension.CABLE, shop.operator)) == [("K-0001", *dc), ("", *ac)]
    assert figures(by(Dimension.LOCATION, shop.operator)) == [
        ("Hamnen", "489.00", "122.00", "611.00", 4, 40_000)
    ]
    assert figures(by(Dimension.DAY, shop.operator)) == [
        ("2026-10-05", "80.00", "20.00", "100.00", 1, 10_000),
        ("2026-10-06", "409.00", "102.00", "511.00", 3, 30_000),
    ]
    assert by(Dimension.STATION, shop.operator)[0].key == made.dc_station.pk


def test_a_period_is_half_open_and_in_the_sites_own_days() -> None:
    made, shop = shops()
    # 00:30 on the first of November at the site
    late = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
    shop.cdr(made.socket, ("25", "80.00", "20.00"), ended_at=late)
    ledger.post_unposted(newest=None, as_of=NOW)

    november = {"start": date(2026, 11, 1), "end": date(2026, 11, 2)}
    assert by(Dimension.DAY, shop.operator) == []
    [row] = by(Dimension.DAY, shop.operator, **november)
    assert (row.key, row.net, row.sessions) == (date(2026, 11, 1), D(80), 1)


def test_currencies_are_never_added_together() -> None:
    made, shop = a_month()
    shop.currency = "EUR"
    shop.cdr(made.socket, ("25", "4.00", "1.00"))
    ledger.post_unposted(newest=None, as_of=NOW)

    rows = by(Dimension.STATION, shop.operator)
    assert [(row.currency, row.net) for row in rows] == [
        ("SEK", D(400)),
        ("SEK", D(89)),
        ("EUR", D(4)),
    ]


def test_a_site_bound_reader_sees_the_named_sites_only() -> None:
    made, shop = a_month()

    assert by(Dimension.STATION, shop.operator, location_ids=[]) == []
    assert len(by(Dimension.STATION, shop.operator, location_ids=[made.location.pk])) == 2


def test_another_operator_sees_nothing_of_it(as_web) -> None:
    made, _ = a_month()
    other, connector = other_shop(made)
    other.cdr(connector, ("25", "4.00", "1.00"))
    ledger.post_unposted(newest=None, as_of=NOW)

    assert figures(by(Dimension.STATION, other.operator)) == [
        ("SYD-AC-1", "4.00", "1.00", "5.00", 1, 10_000)
    ]
    with as_web(made.erik):
        assert by(Dimension.STATION, made.operator) == []
        assert queries.trial_balance(operator_ids=[made.operator.pk]) == []
        assert len(by(Dimension.STATION, other.operator)) == 1


def test_the_trial_balance_sums_to_zero_and_stops_at_its_day() -> None:
    made, shop = a_month()
    cdr = shop.cdr(made.socket, ("25", "16.00", "4.00"))
    ledger.post_payment(
        payment_id=shop.payment(shop.invoice((cdr, "25", "16.00", "4.00"))).pk, as_of=NOW
    )
    ledger.post_unposted(newest=None, as_of=NOW)

    rows = queries.trial_balance(operator_ids=[shop.operator.pk])
    assert sum(row.balance for row in rows) == 0
    assert {row.purpose: row.balance for row in rows if row.debit or row.credit} == {
        "receivables": D(0),
        "psp_clearing": D(20),
        "accrued_income": D(489),
        "sales_25": D(-504),
        "sales_0": D(-1),
        "vat_out_25": D(-4),
    }
    before = queries.trial_balance(operator_ids=[shop.operator.pk], until=date(2026, 10, 5))
    assert {row.purpose: row.balance for row in before if row.balance} == {
        "accrued_income": D(96),
        "sales_25": D(-96),
    }


def test_a_family_of_accounts_has_one_balance_per_currency() -> None:
    _, shop = a_month()
    mine = [shop.operator.pk]

    assert queries.account_balances("sales_", operator_ids=mine) == {"SEK": D(-489)}
    assert queries.account_balances("sales_0", operator_ids=mine) == {"SEK": D(-1)}
    assert queries.account_balances("receivables", operator_ids=mine) == {}
    until = date(2026, 10, 5)
    assert queries.account_balances("sales_", operator_ids=mine, until=until) == {"SEK": D(-80)}
