"""The page of healing: what was tried, how often it helped, that it harmed nobody."""

from datetime import timedelta

import pytest
from django.test import Client

from chargenet.core import clock
from chargenet.core.models import AuditEntry
from faults import healing, tickets
from faults.models import Fault, HealingPolicy
from faults.queries import healing_rates
from stations.models import Command, Session
from tests.cast import Cast, make_cast
from tests.integration.faults import scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    made = make_cast()
    scene.hear(made.dc_station, at=clock.now())
    return made


def of(user: object) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)  # type: ignore[arg-type]
    return client


def allow(made: Cast, mode: str) -> None:
    healing.set_policy(
        operator_id=made.operator.pk,
        mode=mode,
        makes_safe=True,
        changed_by=made.cilla,
        as_of=clock.now(),
    )


def healed(made: Cast, *, mode: str = "on", state: str = "accepted") -> Fault:
    """A fault whose first step was taken: a gentle restart, answered as `state` says."""
    now = clock.now()
    allow(made, mode)
    key = f"connector:{made.tethered.pk}"
    about = tickets.About(
        operator_id=made.operator.pk,
        scope_key=key,
        location_id=made.location.pk,
        station_id=made.dc_station.pk,
        connector_id=made.tethered.pk,
    )
    fault = Fault.objects.create(
        operator=made.operator,
        code="F36",
        scope="connector",
        scope_key=key,
        ticket=tickets.open_ticket(about=about, family="use", code="F36", severity=3, as_of=now),
        location=made.location,
        station=made.dc_station,
        connector=made.tethered,
        severity=3,
        state="firing",
        began_at=now,
        opened_at=now,
        last_seen_at=now,
    )
    healing.heal_fault(fault_id=fault.pk, as_of=now)
    Command.objects.update(state=state, sent_at=now)
    return fault


def gone(fault: Fault) -> None:
    now = clock.now()
    Fault.objects.filter(pk=fault.pk).update(state="cleared", cleared_at=now)
    healing.heal_fault(fault_id=fault.pk, as_of=now)


def test_a_step_is_told_in_words_with_how_it_came_out(made: Cast) -> None:
    gone(healed(made))

    page = of(made.dag).get("/healing/")
    text = page.content.decode()

    assert "Restart the station gently" in text
    assert [row.outcome for row in page.context["page"].rows] == ["helped"]
    rate = page.context["rates"][0]
    assert (rate.done, rate.helped, rate.share) == (1, 1, 1)


@pytest.mark.parametrize(
    ("mode", "state", "outcome"),
    [
        ("dry_run", "", "dry"),
        ("on", "queued", "under_way"),
        ("on", "expired", "not_done"),
        ("on", "accepted", "done"),
    ],
)
def test_each_outcome_is_one_and_is_found_by_its_filter(
    made: Cast, mode: str, state: str, outcome: str
) -> None:
    healed(made, mode=mode, state=state)
    cilla = of(made.cilla)
    choices = ("dry", "under_way", "done", "helped", "in_vain", "not_done")

    pages = {each: cilla.get("/healing/", {"outcome": each}) for each in choices}
    found = {each: page.context["page"].rows for each, page in pages.items()}

    assert {each for each, rows in found.items() if rows} == {outcome}
    assert found[outcome][0].outcome == outcome


def test_a_restart_in_somebodys_session_is_counted_as_harm(made: Cast) -> None:
    healed(made)
    now = clock.now()
    assert healing_rates.figures_of(made.cilla, made.operator, now).harm == 0

    session = scene.charge(made.tethered, made.astrids_token, at=now - timedelta(minutes=5))

    assert healing_rates.figures_of(made.cilla, made.operator, now).harm == 1
    assert len(of(made.cilla).get("/healing/", {"outcome": "harm"}).context["page"].rows) == 1
    Session.objects.filter(pk=session.pk).update(ended_at=now - timedelta(minutes=1))
    assert healing_rates.figures_of(made.cilla, made.operator, now).harm == 0


def test_the_list_leaves_as_a_file_and_sorts_by_every_column(made: Cast) -> None:
    healed(made)
    cilla = of(made.cilla)

    file = cilla.get("/healing/", {"format": "csv"}).content.decode()

    assert "Restart the station gently" in file
    assert ",Done," in file, "in words, not as the page's own key"
    for sort in ("at", "step", "-fault", "where"):
        assert cilla.get("/healing/", {"sort": sort, "q": "NORD"}).status_code == 200


def test_who_operates_says_how_far_it_may_go_and_it_is_audited(made: Cast) -> None:
    answer = of(made.cilla).post("/healing/policy/", {"mode": "on"}, follow=True)

    policy = HealingPolicy.objects.get()
    assert (policy.mode, policy.makes_safe, policy.changed_by) == ("on", False, made.cilla)
    assert AuditEntry.objects.get().action == "healing.policy"
    assert "Saved." in [str(told) for told in answer.context["messages"]]


def test_a_mode_nobody_knows_changes_nothing(made: Cast) -> None:
    of(made.cilla).post("/healing/policy/", {"mode": "full speed", "makes_safe": "1"})

    assert not HealingPolicy.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("dag", 403), ("erik", 404)])
def test_others_change_nothing(made: Cast, who: str, status: int) -> None:
    form = {"mode": "off", "operator": made.operator.pk}

    assert of(getattr(made, who)).post("/healing/policy/", form).status_code == status
    assert not HealingPolicy.objects.exists()


def test_another_operator_sees_none_of_it(made: Cast) -> None:
    healed(made)
    erik = of(made.erik)

    assert erik.get("/healing/").context["page"].rows == []
    assert erik.get("/healing/", {"operator": made.operator.pk}).status_code == 404


def test_a_ticket_tells_what_was_tried(made: Cast) -> None:
    fault = healed(made, mode="dry_run")

    text = of(made.dag).get(f"/tickets/{fault.ticket_id}/").content.decode()

    assert "Would have been tried from afar (dry run)" in text
    # once in the story, once among the steps
    assert text.count("Restart the station gently") == 2
