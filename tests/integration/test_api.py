"""The REST API shows a person their rows, and nobody else's."""

from base64 import b64encode
from datetime import UTC, datetime

import pytest
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator

from stations.models import Session
from tests import cast

pytestmark = pytest.mark.django_db
LISTS = [
    "locations",
    "stations",
    "connectors",
    "sessions",
    "commands",
    "cdrs",
    "invoices",
    "faults",
    "tickets",
    "entries",
]


@pytest.fixture
def made() -> cast.Cast:
    made = cast.make_cast()
    now = datetime(2026, 11, 1, tzinfo=UTC)
    for driver in (made.astrid, made.bo):
        Session.objects.create(
            operator=made.operator,
            station=made.ac_station,
            connector=made.socket,
            driver=driver,
            ocpp_transaction_id=str(driver.pk),
            started_at=now,
            received_at=now,
        )
    return made


@pytest.mark.parametrize("name", LISTS)
def test_an_outsider_gets_no_row_and_a_stranger_no_answer(name: str, made: cast.Cast) -> None:
    client = Client()
    stranger = client.get(f"/api/v1/{name}/")
    client.force_login(made.erik)
    outsider = client.get(f"/api/v1/{name}/")

    assert stranger.status_code == 403
    assert outsider.status_code == 200
    assert outsider.json()["results"] == []


def test_a_row_of_another_operator_is_not_found(made: cast.Cast) -> None:
    client = Client()
    client.force_login(made.erik)

    assert client.get(f"/api/v1/stations/{made.ac_station.pk}/").status_code == 404


def test_a_driver_lists_own_sessions_only(made: cast.Cast) -> None:
    client = Client()
    client.force_login(made.astrid)

    sessions = client.get("/api/v1/sessions/").json()["results"]

    assert len(sessions) == 1
    assert sessions[0]["station_id"] == made.ac_station.pk


def test_the_ocpp_identity_is_never_shown(made: cast.Cast) -> None:
    made.ac_station.name = "Kajen 1"
    made.ac_station.save(update_fields=["name"])
    client = Client()
    client.force_login(made.cilla)

    body = client.get(f"/api/v1/stations/{made.ac_station.pk}/").content.decode()

    assert "Kajen 1" in body
    assert made.ac_station.identity not in body


def test_a_list_reads_a_fixed_number_of_queries(
    made: cast.Cast, django_assert_max_num_queries
) -> None:
    for number in range(5):
        cast.make_station(made.location, f"EXTRA-{number}", count=2)
    client = Client()
    client.force_login(made.cilla)

    with django_assert_max_num_queries(12):
        answer = client.get("/api/v1/stations/")

    assert len(answer.json()["results"]) == 7


def test_the_schema_describes_every_list() -> None:
    schema = SchemaGenerator().get_schema(  # type: ignore[no-untyped-call]
        request=None, public=True
    )

    for name in LISTS:
        assert f"/api/v1/{name}/" in schema["paths"]


def test_the_schema_is_made_without_a_warning() -> None:
    with GENERATOR_STATS.silence():
        GENERATOR_STATS.reset()
        SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
        assert GENERATOR_STATS._warn_cache == {}
        assert GENERATOR_STATS._error_cache == {}


@pytest.mark.parametrize("position", ["%00", "abc", "9" * 30, "٣", "2026-01-01"])
def test_a_forged_cursor_is_refused_and_breaks_nothing(position: str, made: cast.Cast) -> None:
    client = Client()
    client.force_login(made.cilla)
    cursor = b64encode(f"p={position}".encode()).decode()

    answer = client.get("/api/v1/sessions/", {"cursor": cursor})

    assert answer.status_code in {200, 404}


def test_a_browser_reads_the_same_json_as_a_program(made: cast.Cast) -> None:
    client = Client(headers={"accept": "text/html,*/*;q=0.8"})
    client.force_login(made.cilla)

    answer = client.get("/api/v1/stations/")

    assert answer["Content-Type"] == "application/json"
    assert len(answer.json()["results"]) == 2
