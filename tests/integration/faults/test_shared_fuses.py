"""A fuse whose limits add up to too much, or that keeps vehicles short, is one site's ticket."""

from datetime import timedelta

import pytest

from faults import detection
from faults.models import Fault
from stations import charging
from stations.models import Connector, LoadGroup, LoadShare, Session
from tests import cast
from tests.cast import Cast
from tests.integration.faults import scene
from tests.integration.faults.scene import NOON, minutes

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    return cast.make_cast()


@pytest.fixture
def fuse(made: Cast) -> LoadGroup:
    """63 A for one station of two sockets; a vehicle at one of them draws all it may, 6 A."""
    group = charging.create_group(
        location=made.location,
        name="Garage",
        limit_a=63,
        station_ids=[made.ac_station.pk],
        as_of=NOON,
    )
    Connector.objects.filter(station=made.ac_station).update(max_power_w=22_000)
    session = scene.charge(made.socket, made.astrids_token, at=NOON)
    Session.objects.filter(pk=session.pk).update(
        state="open", ended_at=None, completed_at=None, energy_wh=None, last_power_w=4_000
    )
    member = group.members.get()
    LoadShare.objects.filter(member=member).delete()
    LoadShare.objects.create(
        operator=made.operator,
        member=member,
        connector=made.socket,
        session=session,
        state="running",
        confirmed_a=6,
    )
    LoadGroup.objects.filter(pk=group.pk).update(ceiling_l1_a=12, ceiling_l2_a=12, ceiling_l3_a=12)
    return group


def pass_time(until: float) -> None:
    for minute in range(0, int(until) + 1, 3):
        detection.sweep_wide(as_of=NOON + minutes(minute) + timedelta(seconds=1))


def site_fault() -> tuple[str, str] | None:
    found = Fault.objects.filter(code="F44").values_list("scope_key", "state").first()
    return found


def test_a_vehicle_kept_short_beside_free_power_for_half_an_hour_is_a_wrong_limit(
    made: Cast, fuse: LoadGroup
) -> None:
    pass_time(24)
    assert site_fault() == (f"site:{made.location.pk}", "pending")

    pass_time(36)

    fault = Fault.objects.get(code="F44")
    assert (fault.state, fault.evidence["fuse"], fault.evidence["starved"]) == (
        "firing",
        fuse.name,
        1,
    )


def test_a_vehicle_that_takes_less_than_it_may_is_not_kept_short(
    made: Cast, fuse: LoadGroup
) -> None:
    Session.objects.filter(connector=made.socket).update(last_power_w=1_500)

    pass_time(36)

    assert site_fault() is None


def test_limits_that_add_up_to_more_than_the_fuse_are_found(fuse: LoadGroup) -> None:
    Session.objects.update(last_power_w=0)
    LoadGroup.objects.filter(pk=fuse.pk).update(ceiling_l2_a=80)

    pass_time(36)

    fault = Fault.objects.get(code="F44")
    assert fault.evidence["granted_w"] > fault.evidence["connection_w"]
    LoadGroup.objects.filter(pk=fuse.pk).update(ceiling_l2_a=12)
    pass_time(45)
    assert Fault.objects.get(code="F44").state == "cleared"
