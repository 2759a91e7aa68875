"""The page at a cable: what a stranger sees and may tell, and what nobody finds by guessing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from chargenet.core import clock
from chargenet.core.models import AuditEntry
from chargenet.dashboard.queries import at_cable as cable_page
from chargenet.dashboard.views import at_cable
from faults import detection, driver_reports, notifications
from faults.models import DriverReport, Fault, Ticket
from stations.models import Connector, Location, Observation, Station
from tests.as_web import AsWeb
from tests.cast import Cast, make_cast, make_station
from tests.integration.faults import scene

pytestmark = pytest.mark.django_db
FORM = {"kind": "no_start", "text": "Blinkar rött", "key": "k1"}
Ask = Callable[..., tuple[int, str]]


@pytest.fixture
def made() -> Cast:
    cache.clear()
    made = make_cast()
    Station.objects.update(is_online=True, connected_at=clock.now(), last_seen_at=clock.now())
    Connector.objects.update(status="Available")
    Location.objects.update(latitude="55.613", longitude="12.99")
    return made


@pytest.fixture
def ask(made: Cast, as_web: AsWeb) -> Ask:
    """Ask as a stranger, in the database role of the pages."""

    def asked(code: str, form: dict[str, str] | None = None, address: str = "192.0.2.1"):
        client = Client(headers={"accept-language": "en"}, REMOTE_ADDR=address)
        with as_web(None):
            path = f"/c/{code}" if form is None else f"/c/{code}/report/"
            answer = client.get(path) if form is None else client.post(path, form)
        return answer.status_code, answer.content.decode()

    return asked


def test_a_stranger_sees_the_place_and_that_it_is_free(made: Cast, ask: Ask) -> None:
    status, text = ask(made.tethered.public_code)

    assert status == 200
    for word in ("NORD-DC-1", "Hamnen", "K-0001", "Free", "150"):
        assert word in text


def test_a_code_may_be_typed_with_spaces_and_small_letters(made: Cast, ask: Ask) -> None:
    Connector.objects.filter(pk=made.socket.pk).update(public_code="ABCDE23456")
    assert ask("abcde 23456")[0] == 200


def test_what_a_rule_found_counts_more_than_what_the_station_says(made: Cast, ask: Ask) -> None:
    now = clock.now()
    _, (free,) = make_station(made.location, "NORD-AC-9")
    Station.objects.update(is_online=True)
    Connector.objects.filter(pk=free.pk).update(status="Available")
    scene.say(made.socket, "Faulted", at=now - timedelta(hours=2), code="GroundFailure")
    detection.examine_station(station_id=made.ac_station.pk, as_of=now)
    Connector.objects.filter(pk=made.socket.pk).update(status="Available")

    _status, text = ask(made.socket.public_code)

    assert "Out of order for your safety" in text
    assert "Nearest free" in text
    assert "NORD-AC-9" in text
    assert f"{made.socket.public_code}" not in text.split("Nearest free")[1].split("</ul>")[0]


def test_a_code_nobody_has_is_not_found_and_guessing_is_stopped(made: Cast, ask: Ask) -> None:
    asked = range(10_000, 10_000 + at_cable.MOST_WRONG_CODES + 1)
    found = [ask(f"ZZZZZ{number}")[0] for number in asked]

    assert found == [404] * at_cable.MOST_WRONG_CODES + [429]
    assert ask("ZZZZZ10000")[0] == 429
    assert ask("ZZZZZ99999", address="192.0.2.2")[0] == 404
    assert ask(made.socket.public_code)[0] == 200


def test_a_stranger_with_one_code_sees_no_other_connector(made: Cast, as_web: AsWeb) -> None:
    with as_web(None), transaction.atomic():
        assert Connector.objects.count() == 0
        assert cable_page.find_connector("", made.bo) is None


def test_a_report_sent_twice_by_a_poor_network_is_one(made: Cast, ask: Ask) -> None:
    for _ in range(2):
        assert ask(made.socket.public_code, FORM)[0] == 302

    report = DriverReport.objects.get()
    assert (report.kind, report.text, report.operator) == (
        "no_start",
        "Blinkar rött",
        made.operator,
    )
    told = Observation.objects.get(kind="human")
    assert (told.connector_id, told.detail["what"]) == (made.socket.pk, "no_start")
    assert "192.0.2.1" not in f"{report.reporter} {told.detail}"


def test_two_drivers_who_report_make_a_ticket(made: Cast, ask: Ask) -> None:
    for number in (1, 2):
        form = {**FORM, "key": f"k{number}"}
        ask(made.socket.public_code, form, f"192.0.2.{number}")
        detection.examine_station(station_id=made.ac_station.pk, as_of=clock.now())
        assert Ticket.objects.count() == number - 1

    fault = Fault.objects.get(code="F10")
    assert (fault.connector_id, fault.severity) == (made.socket.pk, 3)
    assert len(fault.evidence["people"]) == 2


def test_what_fills_in_the_field_nobody_sees_is_thanked_and_forgotten(
    made: Cast, ask: Ask
) -> None:
    assert ask(made.socket.public_code, {**FORM, "website": "x"})[0] == 302
    assert not DriverReport.objects.exists()


def test_one_address_reports_so_often_and_no_more(made: Cast, ask: Ask) -> None:
    for number in range(at_cable.MOST_REPORTS + 3):
        ask(made.socket.public_code, {**FORM, "key": f"k{number}"})

    assert DriverReport.objects.count() == at_cable.MOST_REPORTS


@pytest.mark.parametrize("form", [{}, {"kind": "nonsense", "key": "k"}, {"kind": "dark"}])
def test_a_form_that_says_nothing_is_asked_again(
    made: Cast, ask: Ask, form: dict[str, str]
) -> None:
    assert ask(made.socket.public_code, form)[0] == 302
    assert not DriverReport.objects.exists()


def test_who_repairs_lands_on_the_ticket_and_a_driver_does_not(made: Cast) -> None:
    scene.say(made.socket, "Faulted", at=clock.now(), code="ReaderFailure")
    detection.examine_station(station_id=made.ac_station.pk, as_of=clock.now())
    ticket = Ticket.objects.get()

    def landed(person: object, query: str = "") -> str:
        client = Client()
        client.force_login(person)  # type: ignore[arg-type]
        answer = client.get(f"/c/{made.socket.public_code}{query}")
        return answer.headers.get("Location", str(answer.status_code))

    assert landed(made.dag) == f"/tickets/{ticket.pk}/"
    assert landed(made.dag, "?driver") == "200"
    assert landed(made.bo) == "200"
    assert landed(made.erik) == "200"


def test_a_closed_report_is_answered_once_and_forgets_who_asked(made: Cast) -> None:
    said = driver_reports.Said("dark", "", "anna@example.org", "sv", "r1", "k1")
    report = driver_reports.take_report(connector=made.socket, said=said, as_of=clock.now())
    for _ in range(2):
        driver_reports.close_report(
            report_id=report.pk,
            verdict="wrong",
            answer="Den lyser igen.",
            actor=made.cilla,
            as_of=clock.now(),
        )
    notifications.relay_due(as_of=clock.now())

    report.refresh_from_db()
    assert (report.contact, report.state, report.closed_by) == ("", "wrong", made.cilla)
    assert [(one.to, one.body) for one in mail.outbox] == [
        (["anna@example.org"], "Den lyser igen.")
    ]
    assert AuditEntry.objects.get().action == "driver_report.wrong"
    assert Observation.objects.filter(kind="human").count() == 2
    with pytest.raises(driver_reports.ReportClosed):
        driver_reports.close_report(
            report_id=report.pk, verdict="right", answer="", actor=made.cilla, as_of=clock.now()
        )


def test_a_long_silence_is_told_with_the_report(made: Cast) -> None:
    now = clock.now()
    assert driver_reports.chance_of_silence(made.socket.pk, now) == 1.0
    for hour in range(60):
        scene.charge(made.socket, made.bos_token, at=now - timedelta(days=4, hours=hour * 12))

    assert driver_reports.chance_of_silence(made.socket.pk, now) < 0.05
    assert driver_reports.chance_of_silence(made.socket.pk, now - timedelta(days=3.9)) > 0.5
