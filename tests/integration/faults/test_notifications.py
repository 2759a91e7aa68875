"""Mail leaves by an outbox: late if it must, twice never."""

from datetime import timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from chargenet.core.models import Membership, Outbox, User
from faults import detection, notifications
from tests import cast
from tests.cast import Cast
from tests.integration.faults import scene
from tests.integration.faults.scene import NOON, minutes

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    people = cast.make_cast()
    User.objects.filter(pk=people.cilla.pk).update(language="en")
    scene.say(people.socket, "Faulted", at=NOON, code="ReaderFailure")
    detection.examine_station(station_id=people.ac_station.pk, as_of=NOON)
    notifications.gather_due(as_of=NOON + scene.GATHERED)
    Outbox.objects.update(due_at=NOON)
    return people


def refuse(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(*_: Any) -> int:
        raise error

    monkeypatch.setattr(EmailBackend, "send_messages", fail)


def test_a_letter_says_what_where_and_what_to_do_with_a_link(made: Cast, settings) -> None:
    settings.PUBLIC_URL = "https://ladda.example"
    Outbox.objects.all().delete()
    scene.say(made.tethered, "Faulted", at=NOON, code="ConnectorLockFailure")
    detection.examine_station(station_id=made.dc_station.pk, as_of=NOON)
    later = NOON + minutes(6)
    assert notifications.gather_due(as_of=later) == 2

    notifications.relay_due(as_of=later)

    letter = next(one for one in mail.outbox if one.to == ["cilla@example.org"])
    assert letter.subject == "[#2] S3 Plug lock or latch: NORD-DC-1"
    for words in (
        "Site: Hamnen, Malmö\n",
        "K-0001",
        "First steps:",
        "1. ",
        "https://ladda.example/tickets/",
    ):
        assert words in letter.body
    assert letter.extra_headers["Message-ID"].startswith("<")


def test_each_person_reads_it_in_their_own_language(made: Cast) -> None:
    subjects = {row.payload["to"]: row.payload["subject"] for row in Outbox.objects.all()}
    assert subjects == {
        "cilla@example.org": "[#1] S3 Card reader or screen dead: NORD-AC-1",
        "dag@example.org": "[#1] S3 Kortläsare eller skärm död: NORD-AC-1",
    }


def test_each_letter_leaves_once(made: Cast) -> None:
    assert notifications.relay_due(as_of=NOON) == 2
    assert notifications.relay_due(as_of=NOON + minutes(60)) == 0
    assert len(mail.outbox) == 2


def test_somebody_without_access_to_the_site_is_not_told(made: Cast) -> None:
    Outbox.objects.all().delete()
    Membership.objects.filter(user=made.dag).update(site_ids=[made.location.pk + 1])
    scene.say(made.tethered, "Faulted", at=NOON, code="ReaderFailure")
    detection.examine_station(station_id=made.dc_station.pk, as_of=NOON)
    notifications.gather_due(as_of=NOON + minutes(6))
    assert [row.payload["to"] for row in Outbox.objects.all()] == ["cilla@example.org"]


def test_a_mail_server_that_is_away_is_asked_again_ever_more_seldom(
    made: Cast, monkeypatch
) -> None:
    Outbox.objects.filter(payload__to="dag@example.org").delete()
    with monkeypatch.context() as patched:
        refuse(patched, SMTPServerDisconnected("gone"))
        assert notifications.relay_due(as_of=NOON) == 0
        row = Outbox.objects.get()
        assert (row.attempts, row.due_at) == (1, NOON + minutes(1))
        notifications.relay_due(as_of=NOON + minutes(1))
        assert Outbox.objects.get().due_at == NOON + minutes(6)
        assert "gone" in Outbox.objects.get().last_error
    assert notifications.relay_due(as_of=NOON + minutes(6)) == 1


def test_a_letter_is_given_up_after_two_days_of_trying(made: Cast, monkeypatch) -> None:
    refuse(monkeypatch, OSError("no route"))
    at = NOON
    for _ in range(10):
        notifications.relay_due(as_of=at)
        at += timedelta(days=1)
    assert {row.attempts for row in Outbox.objects.all()} == {8}
    assert not Outbox.objects.filter(failed_at__isnull=True).exists()


@pytest.mark.parametrize(
    ("error", "is_final"),
    [
        (SMTPRecipientsRefused({"x": (550, b"no such user")}), True),
        (SMTPRecipientsRefused({"x": (451, b"greylisted")}), False),
        (SMTPDataError(554, b"no"), True),
        (SMTPDataError(452, b"full"), False),
    ],
)
def test_what_the_server_says_for_good_is_not_tried_again(
    made: Cast, monkeypatch, error, is_final
) -> None:
    refuse(monkeypatch, error)
    notifications.relay_due(as_of=NOON)
    assert Outbox.objects.filter(failed_at__isnull=False).exists() is is_final


def test_a_relay_that_dies_while_sending_loses_nothing(made: Cast, monkeypatch) -> None:
    with monkeypatch.context() as patched:
        refuse(patched, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            notifications.relay_due(as_of=NOON)
    assert notifications.relay_due(as_of=NOON + minutes(1)) == 0, "another may still be sending"
    assert notifications.relay_due(as_of=NOON + minutes(5)) == 2


@pytest.mark.parametrize("address", ["dåg@", "a@b@c", "no address", "x" * 300, "dag@exa mple"])
def test_an_address_no_mail_can_go_to_stops_nobody_elses(made: Cast, address: str) -> None:
    first = Outbox.objects.order_by("due_at", "pk")[0]
    Outbox.objects.filter(pk=first.pk).update(payload=first.payload | {"to": address})

    notifications.relay_due(as_of=NOON)

    assert not Outbox.objects.filter(sent_at__isnull=True, failed_at__isnull=True).exists()


def test_a_letter_that_cannot_be_written_is_given_up(made: Cast, monkeypatch) -> None:
    refuse(monkeypatch, ValueError("Invalid address"))

    notifications.relay_due(as_of=NOON)

    assert Outbox.objects.filter(failed_at=NOON).count() == Outbox.objects.count()
