"""Which cables to replace next, the life of one, and its replacement."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chargenet.core.models import AuditEntry
from faults import cables
from faults.models import CableLife, CableReading
from stations import cables as fittings
from stations.models import CableFitting
from tests import cast as casting
from tests.cast import Cast, make_cast
from tests.integration.faults.scene import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    made = make_cast()
    CableReading.objects.bulk_create(
        [
            CableReading(
                operator=made.operator,
                cable=made.cable,
                connector=made.tethered,
                session_id=number,
                at=NOON + timedelta(hours=number),
                theta=5e-4 * (1 if number < 20 else 1.9),
                hottest_c=40.0 + number,
                ambient_c=14.0,
            )
            for number in range(26)
        ]
    )
    cables.refresh_lives([made.cable.pk], NOON + timedelta(days=2))
    return made


def client_of(user: object) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return client


def test_the_cable_to_replace_next_comes_first_with_its_reasons(cast: Cast) -> None:
    _, (other,) = casting.make_station(cast.location, "NORD-DC-2", kind="tethered")
    sound = fittings.replace_cable(
        connector=other, serial_number="A-0001", actor_id=None, as_of=NOON
    )
    cables.refresh_lives([sound.pk], NOON)
    page = client_of(cast.cilla).get("/cables/").content.decode()
    assert page.index("K-0001") < page.index("A-0001")
    assert "contact resistance 1.9 times that of a new one" in page
    lines = client_of(cast.cilla).get("/cables/?format=csv").content.decode().splitlines()
    assert len(lines) == 3
    assert "K-0001" in lines[1]


def test_the_list_asks_as_often_for_many_cables_as_for_one(cast: Cast) -> None:
    client = client_of(cast.cilla)
    client.get("/cables/")
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get("/cables/")
    for number in range(5):
        _, (place,) = casting.make_station(cast.location, f"NORD-DD-{number}", kind="tethered")
        new = fittings.replace_cable(
            connector=place, serial_number=f"B-{number}", actor_id=None, as_of=NOON
        )
        cables.refresh_lives([new.pk], NOON)
    with CaptureQueriesContext(connection) as many:
        client.get("/cables/")
    assert len(many) == len(one)


def test_the_page_shows_heat_faults_and_places(cast: Cast) -> None:
    page = client_of(cast.dag).get(f"/cables/{cast.cable.pk}/").content.decode()
    assert "Contact resistance, as heat shows it" in page
    assert "Temperature of the plug" in page
    assert "&nbsp;1.90" in page
    assert "Where it was fitted" in page
    assert "Replace it" in page
    assert (
        "Replace it" not in client_of(cast.fia).get(f"/cables/{cast.cable.pk}/").content.decode()
    )


def test_a_technician_replaces_it_and_the_deed_is_on_record(cast: Cast) -> None:
    client = client_of(cast.dag)
    form = {"serial_number": "K-0002", "why": "damaged"}
    answer = client.post(f"/cables/{cast.cable.pk}/replace/", form, follow=True)
    new = CableFitting.objects.get(connector=cast.tethered, removed_at__isnull=True).cable
    assert answer.redirect_chain[-1][0] == f"/cables/{new.pk}/"
    assert new.serial_number == "K-0002"
    assert CableLife.objects.get(cable=cast.cable).retired_why == "damaged"
    assert AuditEntry.objects.filter(action="cable_fitted", user=cast.dag).exists()
    again = client.post(f"/cables/{cast.cable.pk}/replace/", form, follow=True)
    assert "not fitted anywhere" in again.content.decode()
    listed = client.get("/cables/").content.decode()
    assert "K-0002" in listed
    assert "K-0001" not in listed
    assert "K-0001" in client.get("/cables/?state=retired").content.decode()


def test_a_refusal_says_what_to_do(cast: Cast) -> None:
    client = client_of(cast.cilla)
    answer = client.post(f"/cables/{cast.cable.pk}/replace/", {"serial_number": " "}, follow=True)
    assert "Write the serial number" in answer.content.decode()


def test_a_cable_that_tells_no_temperature_says_what_it_needs(cast: Cast) -> None:
    CableReading.objects.all().delete()
    page = client_of(cast.cilla).get(f"/cables/{cast.cable.pk}/").content.decode()
    assert "No temperatures yet" in page
