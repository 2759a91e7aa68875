"""One session seen everywhere at once: charger's screen, portal, Cdr, invoice, REST, reckoning."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing import invoices, queries, rating, rechecks
from billing.models import Cdr, SpotPrice, Tariff
from billing.vat.months import Month
from revenue import ledger
from revenue.models import Posting
from stations.models import MeterValue, Observation, Session, StatusChange
from tests import cast
from tests.integration.billing import scene as trade
from tests.integration.billing.scene import NOON, RATED

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
DECEMBER_2 = datetime(2026, 12, 2, 8, tzinfo=UTC)
ENDED = NOON + 120 * MINUTE
FLAT_FEE = {
    "currency": "SEK",
    "elements": [{"price_components": [{"type": "FLAT", "price": 5, "vat": 25, "step_size": 1}]}],
}
OURS: dict[str, Any] = {
    "spot": {"markup": 0.25, "vat": 25},
    "idle_fee": {"price_per_minute": 1, "vat": 25, "grace_s": 600},
    "max_per_day": {"excl_vat": 500, "incl_vat": 625},
}


@pytest.fixture
def scene() -> cast.Cast:
    return cast.make_cast()


def _prepare(scene: cast.Cast) -> Session:
    """Open a session of Astrid's with an uneven flow, a pause of ours and a price that varies."""
    tariff = trade.make_tariff(scene, "ours", FLAT_FEE)
    Tariff.objects.filter(pk=tariff.pk).update(native=OURS, spot_area="SE3")
    trade.assign(tariff)
    SpotPrice.objects.bulk_create(
        SpotPrice(
            operator=scene.operator,
            area="SE3",
            currency="SEK",
            starts_at=NOON + number * 15 * MINUTE,
            price=Decimal(number + 1) / 3,
            read_at=RATED,
        )
        for number in range(9)
    )
    session = trade.make_session(
        scene,
        state=Session.State.OPEN,
        driver=scene.astrid,
        token=scene.astrids_token,
        meter_start_wh=1_000,
        last_register_wh=12_345,
        parking_since=NOON + 60 * MINUTE,
    )
    Session.objects.filter(pk=session.pk).update(ended_at=None, energy_wh=None, completed_at=None)
    for number, (minute, register) in enumerate(((7, 4_001), (31, 9_002), (55, 12_345))):
        _sample(session, number, NOON + minute * MINUTE, register)
    _pause(session, NOON + 70 * MINUTE, NOON + 90 * MINUTE)
    return Session.objects.get(pk=session.pk)


def _sample(session: Session, number: int, at: datetime, register_wh: int) -> None:
    MeterValue.objects.create(
        id=number + 1,
        operator_id=session.operator_id,
        station_id=session.station_id,
        connector_id=session.connector_id,
        session_id=session.pk,
        occurred_at=at,
        received_at=at,
        energy_wh=register_wh,
    )


def _pause(session: Session, start: datetime, end: datetime) -> None:
    StatusChange.objects.bulk_create(
        StatusChange(
            operator_id=session.operator_id,
            station_id=session.station_id,
            connector_id=session.connector_id,
            status=status,
            occurred_at=at,
            received_at=at,
        )
        for status, at in (("SuspendedEVSE", start), ("SuspendedEV", end))
    )


def _end(session: Session) -> None:
    Session.objects.filter(pk=session.pk).update(
        state=Session.State.COMPLETED,
        ended_at=ENDED,
        completed_at=ENDED,
        energy_wh=11_345,
        meter_stop_wh=12_345,
        parking_s=3600,
        parking_since=None,
    )


def _booked(cdr: Cdr, invoice_ids: list[int]) -> tuple[Decimal, Decimal]:
    """Book a Cdr and its invoices; returns what was earned, and what the customer now owes."""
    ledger.post_cdr(cdr_id=cdr.pk, as_of=DECEMBER_2)
    earned = sum(row.amount for row in Posting.objects.filter(amount__gt=0))
    ledger.post_invoices(invoice_ids=invoice_ids, as_of=DECEMBER_2)
    owed = sum(
        row.amount for row in Posting.objects.filter(account__purpose="receivables", amount__gt=0)
    )
    return Decimal(earned), Decimal(owed)


def test_what_a_driver_sees_never_falls_while_the_vehicle_stands_nor_at_the_end(
    scene: cast.Cast,
) -> None:
    session = _prepare(scene)
    Observation.objects.create(
        operator_id=session.operator_id,
        station_id=session.station_id,
        connector_id=session.connector_id,
        kind="unlock",
        source_id="command:1",
        detail={"status": "UnlockFailed"},
        occurred_at=NOON + 110 * MINUTE,
        received_at=NOON + 110 * MINUTE,
    )
    instants = [NOON + number * 5 * MINUTE for number in range(12, 25)]
    seen = [
        Decimal(queries.running_costs([session.pk], instant)[session.pk]) for instant in instants
    ]

    assert seen == sorted(seen)
    # grace, our own pause, and the cable that was not let go: nothing is added in those
    assert seen[2] == seen[0]
    assert seen[6] == seen[2]
    assert seen[12] == seen[10]
    assert seen[10] - seen[6] == 25
    _end(session)
    cdr = rating.rate_session(session_id=session.pk, as_of=RATED)
    assert trade.total(cdr) == seen[-1]


def test_one_session_costs_the_same_wherever_anybody_looks(scene: cast.Cast) -> None:
    session = _prepare(scene)
    live = queries.running_costs([session.pk], ENDED)[session.pk]

    _end(session)
    unrated = queries.running_costs([session.pk], RATED)[session.pk]
    cdr = rating.rate_session(session_id=session.pk, as_of=RATED)
    assert cdr is not None
    cdr = Cdr.objects.get(pk=cdr.pk)
    assert cdr.customer is not None
    billed = queries.running_costs([session.pk], RATED)[session.pk]
    issued = invoices.issue_invoice(
        customer_id=cdr.customer.pk, period=Month(2026, 11), as_of=DECEMBER_2
    )
    operator, driver = Client(), Client(headers={"accept-language": "sv"})
    operator.force_login(scene.cilla)
    driver.force_login(scene.astrid)
    told = operator.get(f"/api/v1/cdrs/{cdr.pk}/").json()
    own = driver.get(reverse("portal_session", args=[session.pk])).content.decode()

    total = cdr.total_incl_vat.amount
    assert {live, unrated, billed} == {f"{total:f}"}
    assert sum(each.total_incl_vat.amount for each in issued) == total
    assert Decimal(told["total_incl_vat"]) == total
    assert round(sum(Decimal(line["incl_vat"]) for line in told["lines"]), 2) == total
    assert f"{total:f}".replace(".", ",") in own
    assert _booked(cdr, [each.pk for each in issued]) == (cdr.total_excl_vat.amount, total)
    made = rechecks.recheck_day(
        operator_id=scene.operator.pk, day=RATED.date(), as_of=RATED + timedelta(days=1)
    )
    assert (made.checked, made.different) == (1, 0)


def test_each_line_says_when_how_much_at_which_price_and_by_which_rule(scene: cast.Cast) -> None:
    session = _prepare(scene)
    _end(session)
    cdr = rating.rate_session(session_id=session.pk, as_of=RATED)
    assert cdr is not None
    cdr = Cdr.objects.get(pk=cdr.pk)

    rules = [[each["rule"] for each in line["rules"]] for line in cdr.lines]
    assert rules == [["element"], ["spot"], ["spot"], ["spot"], ["spot"], ["idle_fee"]]
    # an hour of standing, 20 minutes of it ours, 10 of it free
    assert Decimal(cdr.lines[-1]["quantity"]) * 60 == 30
    operator = Client(headers={"accept-language": "en"})
    operator.force_login(scene.cilla)
    page = operator.get(reverse("session_page", args=[session.pk])).content.decode()
    assert "It holds wherever nothing else does." in page
    assert "Price 1 of element 1 of the tariff" in page
    assert "exchange 0.6667 + markup 0.25 + grid fee 0, per kWh" in page


def test_each_line_of_an_invoice_opens_to_what_priced_it(scene: cast.Cast) -> None:
    session = _prepare(scene)
    _end(session)
    cdr = rating.rate_session(session_id=session.pk, as_of=RATED)
    assert cdr is not None
    assert cdr.customer_id is not None
    (issued,) = invoices.issue_invoice(
        customer_id=cdr.customer_id, period=Month(2026, 11), as_of=DECEMBER_2
    )
    operator = Client(headers={"accept-language": "en"})
    driver = Client(headers={"accept-language": "en"})
    operator.force_login(scene.cilla)
    driver.force_login(scene.astrid)

    pages = [
        client.get(reverse(name, args=[issued.public_id])).content.decode()
        for client, name in ((operator, "invoice_page"), (driver, "portal_invoice"))
    ]
    told = operator.get(f"/api/v1/invoices/{issued.public_id}/").json()

    for page in pages:
        assert "Price 1 of element 1 of the tariff" in page
        assert "Spot price" in page
        assert "Fee for standing on after charging" in page
        assert "It holds wherever nothing else does." in page
    (line,) = told["lines"]
    assert line["cdr_id"] == cdr.pk
    assert line["priced"] == Cdr.objects.get(pk=cdr.pk).lines
    assert round(sum(Decimal(each["incl_vat"]) for each in line["priced"]), 2) == Decimal(
        line["amount_incl_vat"]
    )
