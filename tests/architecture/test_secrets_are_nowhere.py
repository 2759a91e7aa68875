"""S51: no page, no answer, no message to a worker and no line of the log tells a secret."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chargenet import celery, wiring
from chargenet.core import events
from chargenet.core.models import User
from stations import commands, credentials, diagnostics, registry, transfers
from stations.models import Command, Station, StationReport
from tests.architecture.role_table import ROWS
from tests.as_web import AsWeb

OLD, NEW, KEY, LOGIN = (f"SEEDED-password-{number}" for number in range(4))
# Who may see all of a network.
READERS = {"cilla"}
CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("ChangeConfiguration", {"key": "AuthorizationKey", "value": KEY}),
    ("GetDiagnostics", {"location": f"ftp://joe:{LOGIN}@files.example.org/a"}),
)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What workers are told, word for word."""
    told: list[str] = []

    def keep(task: str, **how: Any) -> None:
        told.append(f"{task} {json.dumps(how['kwargs'])}")

    monkeypatch.setattr(celery.app, "send_task", keep)
    before = events.bind_transport(wiring.send_to_workers)
    yield told
    events.bind_transport(before)


@pytest.fixture
def links(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The one-time addresses that were made."""
    made: list[str] = []
    make = transfers.make_link

    def keep(**how: Any) -> str:
        made.append(make(**how))
        return made[-1]

    monkeypatch.setattr(transfers, "make_link", keep)
    return made


def seed(station: Station, person: User) -> None:
    """Give a station, its commands and its reports secrets of every kind."""
    as_of = timezone.now()
    registry.set_password(station, OLD)
    credentials.rotate_password(station=station, requested_by=person, as_of=as_of, password=NEW)
    diagnostics.ask_log(station=station, kind="diagnostics", requested_by=person, as_of=as_of)
    for action, payload in CALLS:
        commands.send_command(
            station=station, action=action, payload=payload, requested_by=person, as_of=as_of
        )
    report = StationReport.objects.create(
        operator_id=station.operator_id,
        station=station,
        kind="BootNotification",
        payload={"chargePointVendor": "V", "chargePointModel": "M"},
        received_at=as_of,
    )
    events.publish(events.Event.STATION_REPORTED, station_id=report.station_id)


def everything_read(person: User, addresses: list[str], as_web: AsWeb) -> dict[str, str]:
    """Return every address and what a person reads there."""
    found = {}
    for address in addresses:
        client = Client(headers={"accept-language": "en"})
        with transaction.atomic():
            client.force_login(person)
            with as_web(None):
                answer = client.get(address)
                text = b"".join(answer) if answer.streaming else answer.content
            transaction.set_rollback(True)
        found[address] = text.decode(errors="replace")
    return found


def test_a_secret_is_read_by_nobody(
    people: dict[str, User | None],
    keys: dict[str, list[Any]],
    as_web: AsWeb,
    sent: list[str],
    links: list[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    station = Station.objects.get(identity__endswith="AC-1")
    Station.objects.filter(pk=station.pk).update(ocpp_version="1.6", security_profile=1)
    asker = people["cilla"]
    assert asker is not None
    station.refresh_from_db()
    before = set(Command.objects.values_list("pk", flat=True))
    seed(station, asker)
    made = Command.objects.exclude(pk__in=before)
    addresses = [reverse(n, args=keys.get(n, [])) for method, n in ROWS if method == "GET"]
    addresses += [f"{address}?format=csv" for address in addresses]
    addresses += [reverse("api-command-detail", args=[row.pk]) for row in made]
    read = {
        f"{who} {address}": text
        for who, person in people.items()
        if person is not None and who in READERS
        for address, text in everything_read(person, addresses, as_web).items()
    }

    read |= {"the log": caplog.text, "the workers": "\n".join(sent)}
    seeds = [OLD, NEW, KEY, LOGIN, NEW.encode().hex(), KEY.encode().hex()]
    seeds += [link.rpartition("/")[2] for link in links]
    assert len(links) == 1
    assert sent, "the workers were told nothing"
    told = {place for place, text in read.items() for word in seeds if word in text}
    assert told == set()
