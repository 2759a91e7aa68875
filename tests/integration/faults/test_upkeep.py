"""The crew's settings: who may change them, and what they change."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from faults.models import CrewMember, Duty, MaintenanceWindow, ServiceLevel, TicketPolicy
from faults.queries import upkeep as reads
from faults.tickets import upkeep
from tests import cast
from tests.as_web import AsWeb
from tests.cast import Cast
from tests.integration.faults.scene import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    return cast.make_cast()


def test_an_operator_sets_crew_duty_promises_and_quiet_hours_from_the_page(
    made: Cast, as_web: AsWeb
) -> None:
    client = Client()
    client.force_login(made.cilla)
    dag = str(made.dag.pk)
    forms: list[dict[str, object]] = [
        {
            "deed": "member",
            "user": dag,
            "rank": "lead",
            "skill": ["dc", "hv"],
            "site": [made.location.pk, 10**9],
        },
        {"deed": "duty", "user": dag, "starts": "2026-11-02T08:00", "ends": "2026-11-09T08:00"},
        {"deed": "level", "severity": "3", "acknowledge": "45", "restore": "12"},
        {
            "deed": "policy",
            "quiet_from": "22:00",
            "quiet_until": "06:00",
            "assigns_by_itself": "1",
        },
        {"deed": "duty", "user": str(made.erik.pk), "starts": "x", "ends": "9999-99-99T0:0"},
        {"deed": "level", "severity": "9" * 30, "acknowledge": "9" * 17, "restore": "1"},
    ]
    with as_web(None):
        for form in forms:
            assert client.post(reverse("ticket_crew_change"), form).status_code == 302
        page = client.get(reverse("ticket_crew")).content.decode()

    assert CrewMember.objects.get().skills == ["dc", "hv"]
    assert CrewMember.objects.get().site_ids == [made.location.pk]
    assert TicketPolicy.objects.get().assigns_by_itself
    assert made.location.name in page
    # at eight on the clock of the operator's wall
    assert Duty.objects.get().starts_at.hour == 7
    assert ServiceLevel.objects.get().acknowledge_s == 45 * 60
    assert str(TicketPolicy.objects.get().quiet_from) == "22:00:00"
    assert "2026-11-02" in page or Duty.objects.get().user == made.dag


def test_a_window_has_a_place_a_reason_and_an_end(made: Cast) -> None:
    by = upkeep.By(made.operator, made.cilla.pk, NOON)
    good = {"location": made.location, "station": None, "reason": "Fuses"}
    hour = timedelta(hours=1)
    elsewhere = made.dc_station
    elsewhere.location_id = made.location.pk + 1
    for wrong in (
        {"reason": " ", "starts_at": NOON, "ends_at": NOON + hour},
        {"starts_at": NOON, "ends_at": NOON},
        {"starts_at": NOON, "ends_at": NOON + timedelta(days=15)},
        {"starts_at": NOON - 2 * hour, "ends_at": NOON - hour},
        {"station": elsewhere, "starts_at": NOON, "ends_at": NOON + hour},
    ):
        with pytest.raises(upkeep.UpkeepUnfit):
            upkeep.open_window(by, **{**good, **wrong})  # type: ignore[arg-type]
    assert not MaintenanceWindow.objects.exists()


def test_a_window_sent_twice_from_the_page_is_one_window(made: Cast, as_web: AsWeb) -> None:
    client = Client()
    client.force_login(made.cilla)
    form = {
        "site": str(made.location.pk),
        "starts": "2099-11-02T08:00",
        "ends": "2099-11-02T10:00",
        "reason": "New fuses",
    }
    with as_web(None):
        for _press in range(2):
            assert client.post(reverse("ticket_windows_change"), form).status_code == 302
        client.post(reverse("ticket_windows_change"), {**form, "reason": "New breaker"})
    reasons = MaintenanceWindow.objects.order_by("pk").values_list("reason", flat=True)
    assert list(reasons) == ["New fuses", "New breaker"]


def test_hours_in_windows_are_counted_once_and_more_than_72_are_marked(made: Cast) -> None:
    by = upkeep.By(made.operator, made.cilla.pk, NOON)
    for hours in (40, 60, 73):
        window = upkeep.open_window(
            by,
            location=made.location,
            station=None,
            starts_at=NOON,
            ends_at=NOON + timedelta(hours=hours),
            reason="Rebuilding",
        )
    row = reads.window_row(window, as_of=NOON)
    assert (row.used_hours, row.is_over, row.state) == (73, True, "now")

    upkeep.end_window(upkeep.By(made.operator, made.cilla.pk, NOON), window_id=window.pk)

    assert MaintenanceWindow.objects.count() == 2
