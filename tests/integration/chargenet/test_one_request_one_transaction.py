"""A request is done whole or not at all, and a list leaves as a file whole."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from chargenet.core import audit, listing
from stations.models import Command, Station
from tests import cast
from tests.as_web import AsWeb

pytestmark = pytest.mark.django_db


def test_a_command_whose_audit_fails_is_not_sent(
    as_web: AsWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = cast.make_cast()
    client = Client(raise_request_exception=False)
    client.force_login(made.cilla)

    def fail(**_: object) -> None:
        raise RuntimeError("no room for the audit")

    monkeypatch.setattr(audit, "record", fail)

    with as_web(None):
        answer = client.post(
            reverse("station_command", args=[made.ac_station.pk]), {"action": "reset"}
        )

    assert answer.status_code == 500
    assert not Command.objects.exists()


def test_a_file_says_the_time_of_the_page(as_web: AsWeb) -> None:
    made = cast.make_cast()
    Station.objects.filter(pk=made.ac_station.pk).update(
        last_seen_at=datetime(2026, 7, 1, 12, tzinfo=UTC)
    )
    client = Client(headers={"accept-language": "en"})
    client.force_login(made.cilla)

    with as_web(None):
        answer = client.get(reverse("station_list"), {"format": "csv"})
        text = b"".join(answer).decode()

    assert "2026-07-01 14:00:00+02:00" in text


def test_a_long_list_leaves_as_a_file_in_parts(
    as_web: AsWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "CSV_CHUNK", 1)
    made = cast.make_cast()
    client = Client(headers={"accept-language": "en"})
    client.force_login(made.cilla)

    with as_web(None):
        text = client.get(reverse("station_list"), {"format": "csv"}).content.decode()

    assert [line.split(",")[0] for line in text.splitlines()[1:]] == ["NORD-AC-1", "NORD-DC-1"]


def test_what_a_person_sees_stays_in_no_cache(as_web: AsWeb) -> None:
    made = cast.make_cast()
    client = Client()
    client.force_login(made.cilla)

    with as_web(None):
        kept = {
            client.get(reverse(name), query)["Cache-Control"]
            for name in ("customer_list", "portal_sessions", "api-station-list")
            for query in ({}, {"format": "json"})
        }

    assert kept == {"private, no-store"}
