from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing import contracts, customers, rating
from billing.models import Customer
from chargenet.core.models import AuditEntry
from tests import cast
from tests.as_web import AsWeb
from tests.integration.billing import scene as trade
from tests.integration.billing.scene import NOON, RATED

pytestmark = pytest.mark.django_db
NEW: dict[str, Any] = {
    "reference": "f1",
    "name": "Åkeriet AB",
    "kind": "fleet",
    "org_number": "556036-0793",
    "payment_terms_days": 20,
}


@pytest.fixture
def scene() -> cast.Cast:
    return cast.make_cast()


def _client(scene: cast.Cast) -> Client:
    client = Client()
    client.force_login(scene.fia)
    return client


def _post(as_web: AsWeb, client: Client, address: str, said: Any) -> Any:
    with as_web(None):
        return client.post(address, said, "application/json")


def _get(as_web: AsWeb, client: Client, address: str) -> Any:
    with as_web(None):
        return client.get(address).json()


def test_a_program_makes_finds_and_changes_a_customer(scene: cast.Cast, as_web: AsWeb) -> None:
    client, many = _client(scene), reverse("api-customer-list")

    made = _post(as_web, client, many, NEW)
    assert made.status_code == 201
    change = reverse("api-customer-change", args=[made.json()["id"]])
    changed = _post(as_web, client, change, {"city": "Lund", "mark": made.json()["mark"]})
    stale = _post(as_web, client, change, {"city": "Ystad", "mark": made.json()["mark"]})

    assert (changed.status_code, stale.status_code) == (200, 409)
    customer = Customer.objects.get()
    assert (customer.city, customer.name, customer.payment_terms_days) == (
        "Lund",
        "Åkeriet AB",
        20,
    )
    assert AuditEntry.objects.count() == 2
    found = _get(as_web, client, f"{many}?kind=fleet&reference=f1")["results"]
    assert [each["id"] for each in found] == [customer.pk]
    assert _get(as_web, client, f"{many}?kind=partner")["results"] == []


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"org_number": "556036-0794"}, "org_number"),
        ({"kind": "cat"}, "kind"),
        ({"name": ""}, "name"),
        ({"name": "x" * 1_000_000}, "name"),
        ({"payment_terms_days": -1}, "payment_terms_days"),
        ({"payment_terms_days": 10**30}, "payment_terms_days"),
        ({"group": 10**30}, "group"),
        ({"operator": 10**30}, "operator"),
        ({"reference": "\0"}, "reference"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    scene: cast.Cast, as_web: AsWeb, said: dict[str, Any], field: str
) -> None:
    answer = _post(as_web, _client(scene), reverse("api-customer-list"), NEW | said)

    assert answer.status_code == 400
    assert field in answer.json()
    assert not Customer.objects.exists()


def test_ten_megabytes_are_refused(scene: cast.Cast, as_web: AsWeb) -> None:
    said = NEW | {"name": "x" * 10_000_000}

    answer = _post(as_web, _client(scene), reverse("api-customer-list"), said)

    assert answer.status_code == 400
    assert not Customer.objects.exists()


def test_one_customer_comes_with_its_cards_and_cost_centres(
    scene: cast.Cast, as_web: AsWeb
) -> None:
    fleet = trade.make_customer(scene, "fleet", kind="fleet")
    who: dict[str, Any] = {"actor": scene.fia, "as_of": NOON}
    centre = contracts.add_cost_centre(customer=fleet, code="4410", name="Syd", **who)
    contracts.add_contract(customer=fleet, token_uid="astrid01", centre=centre, **who)

    told = _get(as_web, _client(scene), reverse("api-customer-detail", args=[fleet.pk]))

    assert told["cost_centres"][0]["code"] == "4410"
    assert told["contracts"][0]["cost_centre_id"] == centre.pk
    assert told["mark"] == customers.mark_of(fleet)


def test_held_sessions_are_found_by_their_reason(scene: cast.Cast, as_web: AsWeb) -> None:
    session = trade.make_session(scene)
    rating.rate_session(session_id=session.pk, as_of=RATED)
    client, many = _client(scene), reverse("api-hold-list")

    found = _get(as_web, client, f"{many}?reason=no_tariff")["results"]

    assert [each["session_id"] for each in found] == [session.pk]
    assert _get(as_web, client, f"{many}?reason=overlap")["results"] == []
