"""How well a station is stands in the list and, explained, on its page."""

import csv
from io import StringIO

import pytest
from django.test import Client

from faults.models import Fault
from tests.cast import Cast, make_cast
from tests.integration.faults.scene import NOON

pytestmark = pytest.mark.django_db


def find(made: Cast, code: str, severity: int, *, at_plug: bool, **evidence: float) -> None:
    plug = made.tethered if at_plug else None
    Fault.objects.create(
        operator=made.operator,
        code=code,
        scope="connector" if plug else "station",
        scope_key=f"connector:{plug.pk}" if plug else f"station:{made.dc_station.pk}",
        location=made.location,
        station=made.dc_station,
        connector=plug,
        severity=severity,
        state="firing",
        began_at=NOON,
        opened_at=NOON,
        last_seen_at=NOON,
        evidence=evidence,
    )


def test_the_list_shows_the_worst_connector_and_the_page_what_takes_the_points() -> None:
    made = make_cast()
    find(made, "F17", 4, at_plug=False)
    find(made, "F11", 3, at_plug=True, probability_of_fault=0.5)
    client = Client(headers={"accept-language": "en"})
    client.force_login(made.cilla)

    listed = client.get("/stations/?format=csv").content.decode("utf-8-sig")
    page = client.get(f"/stations/{made.dc_station.pk}/").content.decode()

    health = {row["Station"]: row["Health"] for row in csv.DictReader(StringIO(listed))}
    assert health[made.dc_station.name] == "49"
    assert health[made.ac_station.name] == "100"
    assert "49 of 100" in page
    # alike heavy: by their code
    assert "F11 \u221230, F17 \u221221" in page
