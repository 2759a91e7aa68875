"""The message log: searched, paged by key, masked, and read along its indexes."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from chargenet.core import tenancy
from chargenet.core.models import User
from chargenet.dashboard.queries import message_search, messages
from stations.models import OcppFrame, Station
from tests.as_web import AsWeb
from tests.cast import Cast, make_cast

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


@pytest.fixture
def made() -> Cast:
    return make_cast()


def exchange(station: Station, number: int, action: str = "Heartbeat", **more: Any) -> OcppFrame:
    at = NOW - timedelta(seconds=number)
    payload = more.pop("payload", {})
    return OcppFrame.objects.create(
        **{
            "id": number,
            "operator_id": station.operator_id,
            "station_id": station.pk,
            "received_at": at,
            "action": action,
            "message_id": f"m-{number}",
            "frame": json.dumps([2, f"m-{number}", action, payload]).encode(),
            "answer": b'[3,"m",{}]',
            "answered_at": at + timedelta(milliseconds=12),
        }
        | more
    )


def page(made: Cast, query: str = "", **how: Any) -> messages.MessagePage:
    return messages.message_page(
        how.get("person", made.cilla), QueryDict(query), station=how.get("station"), as_of=NOW
    )


def test_the_log_is_paged_by_key_and_loses_none(made: Cast) -> None:
    for number in range(1, 121):
        # every ten say something in the same microsecond
        exchange(made.ac_station, number, received_at=NOW - timedelta(seconds=number // 10))

    seen: list[str] = []
    query = ""
    for _ in range(3):
        found = page(made, query)
        seen += [row.message_id for row in found.rows]
        query = found.older_href.removeprefix("?")

    assert len(seen) == len(set(seen)) == 120
    assert query == ""


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("action=Authorize", {2}),
        ("error=any", {3}),
        ("error=SecurityError", {3}),
        ("error=none", {1, 2, 4}),
        ("direction=out", {4}),
        ("id=m-2", {2}),
        ("station=NORD-DC", {4}),
        ("station=NORD-DC-1&direction=in", set()),
        (f"until={(NOW - timedelta(seconds=2, milliseconds=500)).isoformat()[:23]}Z", {3, 4}),
        ("before=9x&since=yesterday&until=\0&direction=up", {1, 2, 3, 4}),
    ],
)
def test_the_log_is_searched(made: Cast, query: str, numbers: set[int]) -> None:
    exchange(made.ac_station, 1)
    exchange(made.ac_station, 2, "Authorize", payload={"idTag": "ASTRID01"})
    exchange(made.ac_station, 3, "BootNotification", error="SecurityError")
    exchange(made.dc_station, 4, "Reset", is_inbound=False)

    assert {int(row.message_id[2:]) for row in page(made, query).rows} == numbers


def test_a_day_is_searched_unless_a_station_or_a_time_is_named(made: Cast) -> None:
    exchange(made.ac_station, 7, received_at=NOW - timedelta(days=3))

    assert page(made).rows == []
    assert len(page(made, station=made.ac_station).rows) == 1
    assert len(page(made, f"since={(NOW - timedelta(days=4)).date()}T00:00").rows) == 1


def read(as_web: AsWeb, person: User, address: str) -> tuple[int, str]:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    with as_web(person):
        answer = client.get(address)
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize("kind", ["list", "station", "csv", "one"])
def test_a_token_is_whole_for_who_answers_drivers_and_a_secret_for_nobody(
    made: Cast, as_web: AsWeb, kind: str
) -> None:
    frame = exchange(
        made.ac_station,
        1,
        "Authorize",
        payload={"idTag": "ASTRID01", "url": "https://a:hush-hush@example.org/"},
    )
    micros = (frame.received_at - message_search.EPOCH) // timedelta(microseconds=1)
    address = {
        "list": reverse("message_list"),
        "station": reverse("station_messages", args=[made.ac_station.pk]),
        "csv": reverse("message_list") + "?format=csv",
        "one": reverse("message_page", args=[micros, frame.id]),
    }[kind]

    operator, repairs = read(as_web, made.cilla, address), read(as_web, made.dag, address)

    assert (operator[0], repairs[0]) == (200, 200)
    assert "ASTRID01" in operator[1]
    assert "ASTRID01" not in repairs[1]
    assert "ID01" in repairs[1]
    assert "hush-hush" not in operator[1] + repairs[1]


def test_what_no_one_could_read_is_shown_as_it_came(made: Cast, as_web: AsWeb) -> None:
    exchange(made.ac_station, 1, "", frame=b'\xff[2,"<script>', error="FormationViolation")

    status, text = read(as_web, made.cilla, reverse("message_list"))

    assert status == 200
    assert "&lt;script&gt;" in text
    assert "<script>'" not in text


FILL = """
INSERT INTO stations_ocppframe (operator_id, station_id, received_at, action, frame, error)
SELECT %(operator)s, %(station)s + n %% 50, now() - n * interval '1 second' / 10,
    CASE WHEN n %% 5000 = 0 THEN 'BootNotification' WHEN n %% 3 = 0 THEN 'Heartbeat'
        ELSE 'MeterValues' END, '[]', CASE WHEN n %% 9000 = 0 THEN 'SecurityError' ELSE '' END
FROM generate_series(1, 60000) n
"""


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("", "pkey"),
        ("action=BootNotification", "action_received_at_idx"),
        ("error=any", "operator_id_received_at_idx"),
        ("station=NORD-AC-1", "station_id_received_at_idx"),
        ("action=MeterValues", "pkey"),
    ],
)
def test_each_search_reads_along_an_index(made: Cast, query: str, index: str) -> None:
    with connection.cursor() as cursor:
        places = {"operator": made.operator.pk, "station": made.ac_station.pk}
        cursor.execute(FILL, places)
        # only the owner may gather what the planner knows
        cursor.execute("SET ROLE NONE")
        cursor.execute("ANALYZE stations_ocppframe")
        cursor.execute(f"SET ROLE {tenancy.SYSTEM}")
    rows = message_search.search_frames(
        message_search.frames_for(made.cilla),
        message_search.read_search(QueryDict(query)),
        station=None,
        as_of=NOW,
    )[: messages.PER_PAGE]

    plan = rows.explain()

    assert index in plan, plan
    # the empty months beside it are read as they lie
    assert f"Seq Scan on stations_ocppframe_{NOW:%Y_%m}" not in plan, plan
