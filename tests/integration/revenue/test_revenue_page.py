"""The revenue page and the ledger's own queries tell the same story."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from chargenet.dashboard.queries import revenue
from chargenet.dashboard.queries.revenue import month_of
from revenue import ledger, queries
from revenue.queries import Dimension
from tests.integration.revenue.made import NOW, shops

pytestmark = pytest.mark.django_db
D = Decimal


def test_a_session_counts_in_the_month_it_was_charged_though_its_invoice_moves_an_ore() -> None:
    made, shop = shops()
    charged_at = datetime(2026, 10, 30, 12, tzinfo=UTC)
    cdr = shop.cdr(made.socket, ("25", "0.79", "0.20"), ended_at=charged_at)
    shop.invoice((cdr, "25", "0.80", "0.19"), issued_at=NOW)
    ledger.post_unposted(newest=None, as_of=NOW)

    october, november = (month_of(date(2026, month, 1)) for month in (10, 11))
    rows = [revenue.by_place(made.cilla, "SEK", month, "station") for month in (october, november)]

    assert [[(row.sessions, row.energy_wh, row.amount) for row in each] for each in rows] == [
        [(1, 10_000, D("0.79"))],
        [(0, 0, D("0.01"))],
    ]
    for month, [shown] in zip((october, november), rows, strict=True):
        [row] = queries.revenue_by(
            Dimension.STATION,
            operator_ids=[shop.operator.pk],
            start=month.start,
            end=month.end,
        )
        assert (row.sessions, row.energy_wh, row.net) == (
            shown.sessions,
            shown.energy_wh,
            shown.amount,
        )
