"""The page of vendor quirks: what holds for an operator, and what it may change there."""

import pytest
from django.test import Client

from chargenet.core.models import AuditEntry
from stations.models import KnownQuirk, Quirk, QuirkChoice, Station
from tests.cast import Cast, make_cast

pytestmark = pytest.mark.django_db
CTEK = "ctek-no-pilot"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def client_of(user: object) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return client


def test_the_page_says_what_holds_and_for_how_many_stations(cast: Cast) -> None:
    Station.objects.filter(pk=cast.ac_station.pk).update(vendor="CTEK")

    page = client_of(cast.cilla).get("/quirks/").content.decode()

    assert "NoPPDetected = CX023" in page
    assert page.index("CTEK") < page.index("Tinkerforge"), "what is about a station comes first"
    assert "New quirk" in page
    assert "New quirk" not in client_of(cast.dag).get("/quirks/").content.decode()


def test_an_operator_adds_switches_and_removes(cast: Cast) -> None:
    client = client_of(cast.cilla)
    written = {"vendor": "Homemade", "kind": "call_after", "value": "3"}

    client.post("/quirks/add/", written)
    own = Quirk.objects.get()
    assert (own.operator, own.is_on) == (cast.operator, True)
    client.post("/quirks/switch/", {"key": f"own-{own.pk}", "step": "off"})
    own.refresh_from_db()
    assert own.is_on is False
    client.post("/quirks/switch/", {"key": f"own-{own.pk}", "step": "remove"})
    known = KnownQuirk.objects.get(name=CTEK)
    client.post("/quirks/switch/", {"key": f"known-{known.pk}", "step": "off"})

    assert not Quirk.objects.exists()
    assert QuirkChoice.objects.get().is_on is False
    told = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"quirk_added", "quirk_switched", "quirk_removed"} <= told


@pytest.mark.parametrize(
    "key", ["own-999999", "known-999999", "own-", "known-x", "", "own-1; drop", "known--1"]
)
def test_what_is_not_there_is_told_and_changes_nothing(cast: Cast, key: str) -> None:
    for step in ("on", "off", "remove"):
        answer = client_of(cast.cilla).post("/quirks/switch/", {"key": key, "step": step})
        assert answer.status_code == 302

    assert not QuirkChoice.objects.exists()


def test_nonsense_is_not_added(cast: Cast) -> None:
    client_of(cast.cilla).post("/quirks/add/", {"vendor": "V", "kind": "call_after", "value": "x"})
    client_of(cast.cilla).post("/quirks/add/", {"kind": "call_after", "value": "3"})

    assert not Quirk.objects.exists()


def test_a_long_list_is_paged_narrowed_sorted_and_leaves_as_a_file(cast: Cast) -> None:
    Quirk.objects.bulk_create(
        Quirk(operator=cast.operator, vendor=f"Homemade {n:02}", kind="call_after", value="3")
        for n in range(60)
    )
    client = client_of(cast.cilla)

    first, second = (client.get(f"/quirks/?page={n}").content.decode() for n in (1, 2))
    assert "Homemade 49" in first
    assert "Homemade 55" not in first
    assert "Homemade 55" in second
    assert "Tinkerforge" in second
    assert "Homemade 59" in client.get("/quirks/?sort=-make&whose=own").content.decode()
    narrowed = client.get("/quirks/?q=tinkerforge&state=on").content.decode()
    assert "Tinkerforge" in narrowed
    assert "Homemade" not in narrowed
    lines = client.get("/quirks/?format=csv").content.decode().splitlines()
    assert len(lines) == 1 + 60 + KnownQuirk.objects.count()
