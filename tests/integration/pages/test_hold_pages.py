from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing import customers, rating
from billing.models import Cdr, FairRule, GateSetting, RatingHold, SessionRuling
from chargenet.core.models import AuditEntry, User
from stations.models import Session
from tests import cast
from tests.as_web import AsWeb
from tests.integration.billing import scene as trade
from tests.integration.billing.scene import NOON, RATED

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> cast.Cast:
    made = cast.make_cast()
    trade.assign(trade.make_tariff(made, "base", trade.price_list("4")))
    return made


def _held(scene: cast.Cast, **fields: Any) -> Session:
    session = trade.make_session(scene, hours=24 * 15, **fields)
    assert rating.rate_session(session_id=session.pk, as_of=RATED) is None
    return session


def _client(person: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    return client


def _read(as_web: AsWeb, person: User, address: str) -> str:
    client = _client(person)
    with as_web(None):
        answer = client.get(address)
        text = b"".join(answer) if answer.streaming else answer.content
    assert answer.status_code == 200
    return text.decode()


def _decide(as_web: AsWeb, person: User, session: Session, **form: str) -> str:
    client, address = _client(person), reverse("hold_decide", args=[session.pk])
    with as_web(None):
        answer = client.post(address, {"turn": "1", "reason": "seen", **form}, follow=True)
    return answer.content.decode()


def test_the_queue_says_why_how_long_and_what_it_would_come_to(
    scene: cast.Cast, as_web: AsWeb
) -> None:
    _held(scene)

    page = _read(as_web, scene.fia, reverse("hold_list"))
    file = _read(as_web, scene.fia, reverse("hold_list") + "?format=csv")
    none = _read(as_web, scene.fia, reverse("hold_list") + "?reason=overlap")

    assert "It took too long" in page
    assert "SEK\xa050.00" in page
    assert "50.00" in file
    assert "NORD-AC-1" not in none


def test_a_press_of_each_window_makes_one_cdr(scene: cast.Cast, as_web: AsWeb) -> None:
    session = _held(scene)

    first = _decide(as_web, scene.fia, session, deed="release")
    second = _decide(as_web, scene.fia, session, deed="waive")

    assert "Done: the session costs SEK\xa050.00." in first
    assert "It is decided already." in second
    assert (Cdr.objects.count(), SessionRuling.objects.count()) == (1, 1)
    assert AuditEntry.objects.count() == 1


def test_a_correction_is_written_in_the_sites_own_time(scene: cast.Cast, as_web: AsWeb) -> None:
    session = _held(scene)

    _decide(
        as_web,
        scene.fia,
        session,
        deed="correct",
        energy_wh="5000",
        **{"from": "2026-11-02T12:00:00", "to": "2026-11-02T13:00:00"},
    )

    cdr = Cdr.objects.get()
    assert (cdr.started_at, cdr.ended_at, cdr.energy_wh) == (NOON, NOON + timedelta(hours=1), 5000)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"deed": "release", "reason": ""}, "a reason is needed"),
        ({"deed": "release", "turn": "2"}, "somebody else decided meanwhile"),
        ({"deed": "correct", "from": "x", "to": "y", "energy_wh": "1"}, "ends before it begins"),
        ({"deed": "correct", "energy_wh": "many"}, "ends before it begins"),
        (
            {"deed": "correct", "from": "0001-01-01T00:00", "to": "0001-01-01T01:00"},
            "told long after it ended",
        ),
        (
            {"deed": "correct", "from": "2026-11-02T12:00", "to": "9999-12-31T23:59:59"},
            "ends in the future",
        ),
        ({"deed": "waive", "turn": "9" * 5000}, "somebody else decided meanwhile"),
    ],
)
def test_a_decision_that_cannot_be_is_refused_in_words(
    scene: cast.Cast, as_web: AsWeb, form: dict[str, str], said: str
) -> None:
    session = _held(scene)
    form = {"energy_wh": "1", **form}

    assert said.lower() in _decide(as_web, scene.fia, session, **form).lower()
    assert RatingHold.objects.count() == 1


def test_a_form_that_names_no_deed_bills_nothing(scene: cast.Cast, as_web: AsWeb) -> None:
    session = _held(scene)

    pages = [_decide(as_web, scene.fia, session, deed=deed) for deed in ("", "relese")]

    assert all("Nothing was done: choose what to do." in page for page in pages)
    assert (Cdr.objects.count(), SessionRuling.objects.count()) == (0, 0)


def test_who_repairs_decides_nothing_of_money(scene: cast.Cast, as_web: AsWeb) -> None:
    session = _held(scene)

    client = _client(scene.dag)
    with as_web(None):
        answer = client.post(reverse("hold_decide", args=[session.pk]), {"deed": "release"})
    assert answer.status_code == 403


def test_a_program_releases_once_and_is_told_the_same_again(
    scene: cast.Cast, as_web: AsWeb
) -> None:
    session = _held(scene)
    client, form = _client(scene.fia), {"reason": "seen"}
    release, waive = (
        reverse(f"api-hold-{deed}", args=[session.pk]) for deed in ("release", "waive")
    )

    with as_web(None):
        empty = client.post(release, {}, "application/json")
        answers = [client.post(release, form, "application/json") for _ in range(2)]
        other = client.post(waive, form, "application/json")

    assert [empty.status_code, *(answer.status_code for answer in answers)] == [400, 200, 200]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["total_incl_vat"] == "50.00"
    assert other.status_code == 409
    assert SessionRuling.objects.count() == 1


def test_the_operator_writes_a_policy_and_a_check_on_the_page(
    scene: cast.Cast, as_web: AsWeb
) -> None:
    client = _client(scene.fia)
    rows = {
        "order_1": "2",
        "fault_1": "family:meter",
        "outcome_1": "waive",
        "order_2": "1",
        "fault_2": "code:F02",
        "cause_2": "station",
        "until_2": "1,5",
        "outcome_2": "energy_only",
        "fault_3": "code:F03",
        "outcome_3": "bill",
    }
    check = {"check": "too_long", "action": "note", "most_s": "1.5"}

    with as_web(None):
        client.post(reverse("fairness_rules"), rows)
        client.post(reverse("fairness_check"), check)
        page = client.get(reverse("fairness")).content.decode()

    assert list(
        FairRule.objects.order_by("position").values_list("code", "family", "until_wh")
    ) == [("F02", "", 1500), ("", "meter", None)]
    setting = GateSetting.objects.get()
    assert (setting.action, setting.limits) == ("note", {"most_s": 129_600})
    assert "Back to what we ship" in page
    assert 'value="1.5"' in page


@pytest.mark.parametrize(
    ("check", "figure"),
    [("too_long", "x"), ("too_long", "NaN"), ("too_long", "1e99"), ("nonsense", "1")],
)
def test_a_limit_that_is_no_figure_changes_nothing(
    scene: cast.Cast, as_web: AsWeb, check: str, figure: str
) -> None:
    form = {"check": check, "action": "note", "most_s": figure}

    with as_web(None):
        answer = _client(scene.fia).post(reverse("fairness_check"), form, follow=True)

    assert "Nothing was saved" in answer.content.decode()
    assert not GateSetting.objects.exists()


def test_of_two_who_write_the_policy_at_once_the_second_is_told(
    scene: cast.Cast, as_web: AsWeb
) -> None:
    client = _client(scene.fia)
    row = {"order_1": "1", "fault_1": "code:F02", "outcome_1": "waive", "seen": ""}

    with as_web(None):
        client.post(reverse("fairness_rules"), row)
        page = client.post(
            reverse("fairness_rules"), {**row, "outcome_1": "bill"}, follow=True
        ).content.decode()

    assert "somebody else changed the table" in page
    assert FairRule.objects.get().outcome == "waive"


def test_of_two_who_edit_a_customer_at_once_the_second_is_told(
    scene: cast.Cast, as_web: AsWeb
) -> None:
    customer = trade.make_customer(scene, "firm", kind="business")
    client, address = _client(scene.fia), reverse("customer_change", args=[customer.pk])
    form = {"name": "One", "kind": "business", "seen": customers.mark_of(customer)}

    with as_web(None):
        client.post(address, form)
        page = client.post(address, {**form, "name": "Two"}, follow=True).content.decode()

    assert "somebody else changed it" in page
    customer.refresh_from_db()
    assert customer.name == "One"


def test_a_corrected_session_says_what_was_decided_and_its_driver_why(
    scene: cast.Cast, as_web: AsWeb
) -> None:
    session = _held(scene, driver=scene.astrid)
    form = {"from": "2026-11-02T12:00", "to": "2026-11-02T13:00", "energy_wh": "5000"}
    _decide(as_web, scene.fia, session, deed="correct", **form)

    inside = _read(as_web, scene.fia, reverse("session_page", args=[session.pk]))
    own = _read(as_web, scene.astrid, reverse("portal_session", args=[session.pk]))

    assert "Corrected: seen" in inside
    assert "5.00\xa0kWh" in inside
    assert "corrected its times or its energy" in own
    assert "seen" not in own


def test_a_customers_form_comes_back_with_what_is_wrong_at_its_field(
    scene: cast.Cast, as_web: AsWeb
) -> None:
    customer = trade.make_customer(scene, "firm", kind="business")
    client = _client(scene.fia)
    form = {"name": "Firman AB", "kind": "business", "org_number": "556036-0794"}

    with as_web(None):
        wrong = client.post(reverse("customer_change", args=[customer.pk]), form)
        form["org_number"] = "556036-0793"
        right = client.post(reverse("customer_change", args=[customer.pk]), form)

    assert wrong.status_code == 422
    assert 'aria-describedby="wrong-org_number"' in wrong.content.decode()
    assert right.status_code == 302
    customer.refresh_from_db()
    assert (customer.name, customer.org_number) == ("Firman AB", "556036-0793")
