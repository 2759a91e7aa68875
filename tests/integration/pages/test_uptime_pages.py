"""Uptime pages: the same ledger by every rule, and the outages behind each figure."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chargenet.core.models import AuditEntry
from chargenet.dashboard.queries import revenue, uptime
from chargenet.dashboard.queries.uptime import UptimeRow
from faults import uptime_days
from faults.models import Downtime
from stations.models import Connector, Location, Observation
from tests.cast import Cast, make_cast

pytestmark = pytest.mark.django_db
START = datetime(2026, 10, 1, tzinfo=UTC)
AS_OF = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.fixture
def cast() -> Cast:
    made = make_cast()
    for connector in (made.tethered, made.socket):
        Observation.objects.create(
            operator=connector.operator,
            station=connector.station,
            kind="connected",
            source_id=f"c{connector.pk}",
            occurred_at=START - timedelta(days=9),
            received_at=START,
        )
    out(made.tethered, 5, 74.4)
    out(made.tethered, 20, 24, "utility")
    uptime_days.settle_days(first=date(2026, 10, 1), last=date(2026, 10, 31), as_of=AS_OF)
    return made


def out(connector: Connector, day: int, hours: float, why: str = "none") -> None:
    start = START + timedelta(days=day)
    Downtime.objects.create(
        operator=connector.operator,
        connector=connector,
        reason_code="F26",
        exclusion_class=why,
        started_at=start,
        ended_at=start + timedelta(hours=hours),
    )


def page_of(user: object, path: str) -> str:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return client.get(path).content.decode().replace("\N{NO-BREAK SPACE}", " ")


def test_the_month_of_a_connector_is_counted_by_each_rule(cast: Cast) -> None:
    # October has 745 hours in Stockholm: out 98.4, of which the grid had 24
    rows = page_of(cast.cilla, "/uptime/?period=2026-10&by=connector&format=csv").splitlines()
    found = next(row for row in rows if row.startswith("NORD-DC-1"))

    shares = [float(cell) for cell in found.split(",")[2:] if cell]

    assert shares[0] == pytest.approx(1 - 98.4 / 745, abs=1e-4)
    assert shares[1] == 98.4 * 3600
    assert shares[2] == pytest.approx(1 - 74.4 / 745, abs=1e-4)


def test_each_figure_opens_its_outages(cast: Cast) -> None:
    listed = page_of(cast.cilla, "/uptime/?period=2026-10&by=connector")
    path = f"/uptime/{cast.tethered.pk}/?period=2026-10"
    assert path in listed

    page = page_of(cast.cilla, path)

    assert "3 d 2 h" in page
    assert "Power cut by the grid company" in page


def test_hours_are_saved_with_who_did_it_and_nonsense_changes_nothing(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.cilla)
    path = f"/uptime/site/{cast.location.pk}/hours/"

    client.post(path, {"hours": '{"mon": [["06:00", "22:00"]]}'})
    client.post(path, {"hours": '{"mon": [["22:00", "06:00"]]}'})
    for nonsense in ("always", "[[" * 2000, "NaN"):
        assert client.post(path, {"hours": nonsense}).status_code == 302

    assert Location.objects.get(pk=cast.location.pk).opening_hours == {"mon": [["06:00", "22:00"]]}
    assert AuditEntry.objects.get(action="location.opening_hours").user == cast.cilla


def test_a_page_of_uptime_asks_a_fixed_number_of_questions(
    cast: Cast, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    client = Client()
    client.force_login(cast.cilla)
    client.get("/uptime/?period=2026-10&by=connector")

    with django_assert_max_num_queries(14):  # type: ignore[operator]
        client.get("/uptime/?period=2026-10&by=connector")


def test_the_month_is_printed_whatever_a_site_is_called(cast: Cast) -> None:
    Location.objects.filter(pk=cast.location.pk).update(name='#import "x" <script> $ \\ [')
    client = Client()
    client.force_login(cast.cilla)

    answer = client.get("/uptime/report.pdf?period=2026-10")

    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert client.get("/uptime/report.pdf?period=1999").content.startswith(b"%PDF-")


@pytest.mark.parametrize("group", ["site", "station", "connector", "model"])
def test_days_are_added_up_once_for_figures_and_list(cast: Cast, group: str) -> None:
    with CaptureQueriesContext(connection) as asked:
        page_of(cast.cilla, f"/uptime/?period=2026-10&by={group}")

    assert sum("SUM(" in one["sql"] for one in asked) == 1


def test_a_site_is_what_its_connectors_come_to(cast: Cast) -> None:
    def of(group: str) -> list[UptimeRow]:
        days = uptime.count_days(cast.cilla, period)
        return uptime.rows_by(days, period, group)

    period = revenue.read_period("2026-10", date(2026, 11, 2))
    (site,) = of("site")
    places = of("connector")

    assert (site.key, site.name) == (cast.location.pk, cast.location.name)
    assert site.connectors == len(places) == 3
    assert site.down_s == sum(one.down_s for one in places) == 98.4 * 3600
