"""What the end of a command says of its station is a word for the rules."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from stations import commands, followups
from stations.models import Command, Observation
from tests.cast import Cast, make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    return make_cast()


def ended(made: Cast, action: str, state: str, **more: Any) -> None:
    now = timezone.now()
    station = made.ac_station
    waited = more.pop("waited", timedelta(0))
    Command.objects.create(
        operator=station.operator,
        station=station,
        action=action,
        state=state,
        created_at=now,
        expires_at=now,
        sent_at=now - waited,
        finished_at=now,
        **more,
    )
    followups.follow_station(station_id=station.pk, as_of=now)
    followups.follow_station(station_id=station.pk, as_of=now)


@pytest.mark.parametrize("payload", [{"evse": 2}, {"connectorId": 2}, {"evseId": 2}])
def test_a_plug_that_does_not_come_free_is_told_at_its_connector(
    made: Cast, payload: dict[str, int]
) -> None:
    answer = {"status": "UnlockFailed"}
    ended(made, commands.UNLOCK, "rejected", payload=payload, answer=answer)

    told = Observation.objects.get()
    assert (told.kind, told.detail) == ("unlock", answer)
    assert told.connector is not None
    assert told.connector.evse.number == 2


@pytest.mark.parametrize(
    ("state", "error", "count"),
    [
        ("timeout", "", 1),
        ("error", "InternalError: oops", 1),
        ("error", "NotSupported: never heard of it", 0),
        ("accepted", "", 0),
        ("unknown", "", 0),
    ],
)
def test_a_call_that_came_to_nothing_is_told(
    made: Cast, state: str, error: str, count: int
) -> None:
    ended(made, commands.TRIGGER, state, error=error)

    assert Observation.objects.filter(kind="call_failed").count() == count


@pytest.mark.parametrize(("state", "count"), [("accepted", 1), ("rejected", 0)])
def test_a_reset_the_station_takes_is_told_so_that_its_start_is_no_trouble(
    made: Cast, state: str, count: int
) -> None:
    ended(made, commands.RESET, state)

    assert Observation.objects.filter(kind="reset_ordered").count() == count


@pytest.mark.parametrize(
    ("state", "waited_s", "kinds"),
    [
        ("accepted", 4, []),
        ("accepted", 9, ["call_slow"]),
        ("rejected", 9, ["call_slow"]),
        ("timeout", 30, ["call_failed"]),
    ],
)
def test_an_answer_that_took_long_is_told_once(
    made: Cast, state: str, waited_s: int, kinds: list[str]
) -> None:
    ended(made, commands.TRIGGER, state, waited=timedelta(seconds=waited_s))

    assert list(Observation.objects.values_list("kind", flat=True)) == kinds
