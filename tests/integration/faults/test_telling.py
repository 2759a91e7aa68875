"""What a person chose to hear holds, and their calendar is theirs alone."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from chargenet.core import clock
from chargenet.core.models import AuditEntry, Membership, User
from faults import tickets
from faults.models import CalendarLink, Duty, MaintenanceWindow, Notice, TellingChoice, Ticket
from faults.notifications import choices
from faults.paper import calendars as paper
from faults.queries.calendars import Entry
from stations.models import Location
from tests import cast
from tests.as_web import AsWeb
from tests.cast import Cast
from tests.integration.faults.scene import NOON

pytestmark = pytest.mark.django_db
HOSTILE = "Hamnen; <script>,\r\nDTSTART:19700101\\n"


@pytest.fixture
def made() -> Cast:
    return cast.make_cast()


def of(person: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    return client


def opened(made: Cast, severity: int, family: str = "reader", at: datetime = NOON) -> Ticket:
    about = tickets.About(
        made.operator.pk, f"station:{family}", made.location.pk, made.ac_station.pk
    )
    return tickets.open_ticket(about=about, family=family, code="F36", severity=severity, as_of=at)


def test_a_person_says_what_they_hear_on_a_page_of_their_own(made: Cast, as_web: AsWeb) -> None:
    form = {
        "operator": str(made.operator.pk),
        "email_least": "2",
        "sms_least": "1",
        "quiet_from": "22:00",
        "quiet_until": "06:00",
        "phone": "+46 70-123 45 67",
    }
    wrong = [{"email_least": "0"}, {"sms_least": "9"}, {"quiet_until": ""}, {"phone": "mother's"}]
    change = reverse("ticket_telling_change")
    dag = of(made.dag)
    with as_web(None):
        dag.post(change, form)
        for one in wrong:
            dag.post(change, {**form, "phone": "+46709999999", **one})
        stranger = dag.post(change, {**form, "operator": str(made.other_operator.pk)})
        page = dag.get(reverse("ticket_telling")).content.decode()

    row = TellingChoice.objects.get()
    assert (row.user, row.email_least, row.sms_least) == (made.dag, 2, 1)
    assert (row.quiet_from, row.quiet_until) == (time(22), time(6))
    assert not row.wants_digest
    assert User.objects.get(pk=made.dag.pk).phone == "+46701234567"
    assert stranger.status_code == 404
    assert 'value="22:00"' in page
    assert AuditEntry.objects.filter(action="telling.choice", user=made.dag).exists()


def test_who_sleeps_hears_in_the_morning_and_of_what_wakes_at_once(made: Cast) -> None:
    choice = choices.Choice(
        email_least=4,
        sms_least=1,
        wants_digest=True,
        quiet_from=time(12),
        quiet_until=time(14),
    )
    choices.choose(operator=made.operator, user=made.dag, choice=choice, as_of=NOON)

    opened(made, 3)
    opened(made, 2, "power")

    due = {(one.user.name, one.severity): one.due_at for one in Notice.objects.all()}
    # noon in Greenwich is one o'clock in Malmö
    assert due["Dag", 3] == NOON + timedelta(hours=1)
    assert due["Cilla", 3] == NOON + timedelta(seconds=30)
    assert due["Dag", 2] == NOON + timedelta(seconds=30)


def test_who_changes_a_number_or_a_calendars_address_is_written_down(
    made: Cast, as_web: AsWeb
) -> None:
    form = {"operator": str(made.operator.pk), "email_least": "2", "sms_least": "1"}
    steps = [
        {**form, "phone": "+46701234567"},
        {**form, "phone": "+46701234567"},
        {**form, "phone": "+46709876543"},
        {**form, "phone": ""},
        {"deed": "link"},
        {"deed": "link"},
        {"deed": "unlink"},
        {"deed": "unlink"},
    ]
    with as_web(None):
        dag = of(made.dag)
        for step in steps:
            dag.post(reverse("ticket_telling_change"), step)

    rows = AuditEntry.objects.filter(user=made.dag).exclude(action="telling.choice")
    assert list(rows.order_by("pk").values_list("action", "details")) == [
        ("telling.phone", {"from": "", "to": "+46…67"}),
        ("telling.phone", {"from": "+46…67", "to": "+46…43"}),
        ("telling.phone", {"from": "+46…43", "to": ""}),
        ("calendar.link", {"voids_another": False}),
        ("calendar.link", {"voids_another": True}),
        ("calendar.unlink", {}),
    ]
    assert {(row.operator_id, row.object_id) for row in rows} == {(made.operator.pk, made.dag.pk)}


def feed(made: Cast, as_web: AsWeb) -> tuple[str, Calendar]:
    """The address as the page shows it, and what is there."""
    with as_web(None):
        page = of(made.dag).post(reverse("ticket_telling_change"), {"deed": "link"})
    address = page.context["address"]
    with as_web(None):
        answer = Client().get(address)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    return address, Calendar.from_ical(answer.content)


def test_the_calendar_holds_what_is_due_duty_and_windows(made: Cast, as_web: AsWeb) -> None:
    now = clock.now().replace(microsecond=0)
    mine = opened(made, 3, at=now)
    tickets.assign_ticket(
        ticket_id=mine.pk, assignee_id=made.dag.pk, actor_id=made.dag.pk, as_of=now
    )
    opened(made, 4, "meter", at=now)
    day = timedelta(days=1)
    Duty.objects.create(operator=made.operator, user=made.dag, starts_at=now, ends_at=now + day)
    Duty.objects.create(operator=made.operator, user=made.cilla, starts_at=now, ends_at=now + day)
    Location.objects.filter(pk=made.location.pk).update(name=HOSTILE)
    for operator, site in ((made.operator, made.location), (made.other_operator, None)):
        site = site or Location.objects.create(operator=operator, name="Syd")
        MaintenanceWindow.objects.create(
            operator=operator,
            location=site,
            starts_at=now,
            ends_at=now + day,
            reason=HOSTILE,
            created_by=made.cilla,
            created_at=now,
        )

    _address, calendar = feed(made, as_web)

    events = {str(one["UID"]).split("-")[0]: one for one in calendar.walk("VEVENT")}
    assert set(events) == {"ticket", "duty", "window"}
    assert len(calendar.walk("VEVENT")) == 3
    assert events["ticket"].decoded("DTEND") == now + day
    assert events["window"].decoded("DTEND") == now + day
    assert str(events["window"]["DESCRIPTION"]) == "Hamnen; <script>, DTSTART:19700101\\n"


def test_an_address_that_was_ended_or_replaced_opens_nothing(made: Cast, as_web: AsWeb) -> None:
    first, _calendar = feed(made, as_web)
    second, _calendar = feed(made, as_web)
    assert second.rpartition("/")[2] not in str(CalendarLink.objects.values().get())
    with as_web(None):
        assert Client().get(first).status_code == 404
        of(made.dag).post(reverse("ticket_telling_change"), {"deed": "unlink"})
        assert Client().get(second).status_code == 404


def test_who_no_longer_works_there_has_an_empty_calendar_and_who_left_none(
    made: Cast, as_web: AsWeb
) -> None:
    now = clock.now()
    Duty.objects.create(
        operator=made.operator, user=made.dag, starts_at=now, ends_at=now + timedelta(days=1)
    )
    address, _calendar = feed(made, as_web)
    Membership.objects.filter(user=made.dag).delete()
    with as_web(None):
        assert Calendar.from_ical(Client().get(address).content).walk("VEVENT") == []
    User.objects.filter(pk=made.dag.pk).update(is_active=False)
    with as_web(None):
        assert Client().get(address).status_code == 404


def test_a_long_text_is_folded_and_no_text_becomes_a_line_of_its_own() -> None:
    at = datetime(2026, 3, 29, 1, tzinfo=UTC)
    entry = Entry("ticket-1", at, at, f"{'å' * 90}\r\nATTENDEE:x\x00", text=HOSTILE)
    whole = Entry("ticket-2", date(2026, 3, 29), date(2026, 3, 30), "All day")

    raw = paper.calendar(name=HOSTILE, entries=[entry, whole], domain="x.example", as_of=at)

    lines = raw.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    names = {line.split(b":")[0].split(b";")[0] for line in lines if not line.startswith(b" ")}
    assert b"ATTENDEE" not in names
    assert raw.count(b"DTSTART") == 2 + raw.count(b"DTSTART:19700101")
    assert b"DTSTART;VALUE=DATE:20260329" in lines
    first = Calendar.from_ical(raw).walk("VEVENT")[0]
    assert str(first["SUMMARY"]) == f"{'å' * 90} ATTENDEE:x"
