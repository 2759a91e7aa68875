"""A rule that cannot bear a fact is shown to people, and is given the fact again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.test import Client

from chargenet.core import clock
from faults import detection, queries, rules, tasks
from faults.models import Fault, RuleFailure
from faults.queries import Taken, Tuning
from faults.rules.protocol import Result, Rule, Snapshot, State
from tests import cast
from tests.cast import Cast
from tests.integration.faults import scene
from tests.integration.faults.scene import NOON, minutes

pytestmark = pytest.mark.django_db
Asked = Callable[..., tuple[Rule, ...]]


@pytest.fixture
def made() -> Cast:
    return cast.make_cast()


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """The rule of readers fails at any news, until it is mended."""
    reader = rules.BY_CODE["F36"]
    asked = Tuning.asked
    is_mended: list[bool] = []

    def check(snapshot: Snapshot, thresholds: object, state: State) -> Result:
        if snapshot.signs and not is_mended:
            raise KeyError("a word nobody foresaw")
        return reader.check(snapshot, thresholds, state)

    def with_poison(self: Tuning, *given: object) -> tuple[Rule, ...]:
        found: tuple[Rule, ...] = asked(self, *given)  # type: ignore[arg-type]
        return tuple(replace(one, check=check) if one.code == "F36" else one for one in found)

    monkeypatch.setattr(Tuning, "asked", with_poison)
    return lambda: is_mended.append(True)


@pytest.fixture
def retry(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Let the sweep ask again at some instant."""

    def ask(as_of: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: as_of)
        tasks.retry_failed_rules()

    return ask


def test_what_a_rule_could_not_bear_is_told_kept_and_counted_once_it_can(
    made: Cast, poisoned: Callable[[], None], retry: Callable[[datetime], None]
) -> None:
    scene.say(made.socket, "Faulted", at=NOON, code="ReaderFailure")
    detection.examine_station(station_id=made.ac_station.pk, as_of=NOON + minutes(1))
    failure = RuleFailure.objects.get()
    assert (failure.code, failure.times, len(failure.aside)) == ("F36", 1, 1)
    assert "a word nobody foresaw" in failure.error
    assert not Fault.objects.filter(code="F36").exists()
    client = Client(headers={"accept-language": "en"})
    client.force_login(made.cilla)
    assert "a word nobody foresaw" in client.get("/rules/").content.decode()

    retry(NOON + timedelta(minutes=30))
    assert RuleFailure.objects.get().last_at == NOON + minutes(1)
    retry(NOON + timedelta(hours=2))
    assert RuleFailure.objects.get().ended_at is None
    poisoned()
    retry(NOON + timedelta(hours=4))

    assert Fault.objects.get(code="F36").began_at == NOON
    assert RuleFailure.objects.get().ended_at == NOON + timedelta(hours=4)
    assert detection.due_failures(as_of=NOON + timedelta(hours=9)) == []


class NobodyForesawThisError(Exception):
    """What no list of errors names."""


def test_a_rule_that_fails_in_its_own_way_keeps_no_other_from_its_turn(
    made: Cast,
    poisoned: Callable[[], None],
    retry: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for connector, station in ((made.socket, made.ac_station), (made.tethered, made.dc_station)):
        scene.say(connector, "Faulted", at=NOON, code="ReaderFailure")
        detection.examine_station(station_id=station.pk, as_of=NOON + minutes(1))
    poisoned()
    bad, good = RuleFailure.objects.order_by("pk")
    take = queries.take_snapshot

    def snapshot(station_id: int, as_of: datetime) -> Taken | None:
        if station_id == bad.station_id:
            raise NobodyForesawThisError("a\0b")
        return take(station_id, as_of)

    monkeypatch.setattr(queries, "take_snapshot", snapshot)
    later = NOON + timedelta(hours=2)

    retry(later)

    good.refresh_from_db()
    assert good.ended_at == later
    bad.refresh_from_db()
    assert (bad.ended_at, bad.last_at, bad.times) == (None, later, 2)
    assert bad.error == "NobodyForesawThisError: ab"
    assert "NobodyForesawThisError" in caplog.text
