"""Reliability: what drivers met in a month, counted by hand."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from faults.models import Downtime, Fault, Ticket, TicketNote
from stations.models import MeterValue, Observation, Session
from tests.cast import Cast, make_cast
from tests.integration.faults import scene

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)


@pytest.fixture
def cast() -> Cast:
    """A month: Astrid fails and then charges, Bo loses the grid, a card is refused."""
    made = make_cast()
    scene.fail(made.tethered, made.astrids_token, at=NOON)
    scene.charge(made.tethered, made.astrids_token, at=NOON + timedelta(minutes=5), reason="Local")
    scene.charge(made.tethered, made.bos_token, at=NOON + timedelta(hours=3), reason="PowerLoss")
    Observation.objects.create(
        operator=made.operator,
        station=made.dc_station,
        kind="token_refused",
        detail={"word": "Blocked", "token": "t9"},
        occurred_at=NOON + timedelta(hours=5),
        received_at=NOON + timedelta(hours=5),
    )
    mend(made)
    return made


def mend(made: Cast) -> None:
    ticket = Ticket.objects.create(
        operator=made.operator,
        number=1,
        scope_key=f"connector:{made.tethered.pk}",
        family="cable",
        code="F26",
        severity=3,
        location=made.location,
        connector=made.tethered,
        opened_at=NOON,
        acknowledged_at=NOON + timedelta(hours=1),
        closed_at=NOON + timedelta(hours=6),
        state=Ticket.State.CLOSED,
    )
    TicketNote.objects.create(
        operator=made.operator, ticket=ticket, kind="change", detail={"verb": "arrive"}, at=NOON
    )
    fault = Fault.objects.create(
        operator=made.operator,
        code="F26",
        scope="connector",
        scope_key=ticket.scope_key,
        location=made.location,
        station=made.dc_station,
        connector=made.tethered,
        severity=3,
        state="cleared",
        attribution="charger",
        began_at=NOON - timedelta(hours=2),
        opened_at=NOON,
        cleared_at=NOON + timedelta(hours=4),
        last_seen_at=NOON,
        ticket=ticket,
    )
    Downtime.objects.create(
        operator=made.operator,
        connector=made.tethered,
        fault=fault,
        reason_code="F26",
        started_at=fault.began_at,
        ended_at=fault.cleared_at,
    )


def figures_of(user: object, path: str) -> dict[str, list[str]]:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    text = client.get(path).content.decode()
    return {row.split(",")[0]: row.split(",")[1:] for row in text.splitlines()}


def test_a_month_counted_by_hand(cast: Cast) -> None:
    found = figures_of(cast.cilla, "/reliability/?period=2026-10&format=csv")

    # four attempts: one well, one lost to the grid, one failed, one refused; three visits
    assert found["Session succeeds"][0].startswith("25.0")
    assert found["Visit succeeds"][0].startswith("33.3")
    assert found["First attempt succeeds"][0].startswith("0.0")
    assert found["Charging ends as wished"][0].startswith("50.0")
    assert found["Time to restore"][0].replace("\N{NO-BREAK SPACE}", " ") == "6 h"
    assert found["Mended at the first visit"][0].startswith("100.0")


def test_the_page_says_what_failures_are_put_down_to(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.cilla)

    page = client.get("/reliability/?period=2026-10").content.decode()

    for cause in ("The charger", "The grid", "Payment or permission"):
        assert cause in page


def test_another_operator_sees_nothing_of_it(cast: Cast) -> None:
    found = figures_of(cast.erik, "/reliability/?period=2026-10&format=csv")

    assert found["Tickets"][0] == "0"
    assert found["Session succeeds"][2] == "0"


def test_how_long_drivers_wait_for_energy_is_read_from_samples(cast: Cast) -> None:
    session = Session.objects.get(token=cast.astrids_token, energy_wh__gt=0)
    for second, power_w in ((20, 0), (50, 9000), (80, 9000)):
        at = session.started_at + timedelta(seconds=second)
        MeterValue.objects.create(
            id=second + 1,
            operator_id=session.operator_id,
            station_id=session.station_id,
            connector_id=session.connector_id,
            session_id=session.pk,
            occurred_at=at,
            received_at=at,
            power_w=power_w,
        )
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.cilla)

    page = client.get("/reliability/?period=2026-10").context["page"]

    assert [(one.whole, one.chargers) for one in page.journeys[-2:]] == [
        ("50\u00a0s", "50\u00a0s")
    ] * 2
