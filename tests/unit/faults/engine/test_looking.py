from dataclasses import replace
from datetime import timedelta

import pytest

from faults import rules
from faults.engine import life, looking
from faults.engine.keeping import FIRING, Place
from faults.engine.looking import Key, Look, Memory
from faults.engine.memory import Held, Job, Shelf
from faults.rules.protocol import EVERYTHING, TOLD, CannotKnow, Clear, Snapshot, State
from tests.unit.faults.rules.scene import at, sign, snapshot


def test_a_silence_that_is_due_between_the_hourly_looks_waits_for_the_next_of_them() -> None:
    """A timer that nobody answers is due for ever."""
    place = Place(1, "connector", "connector:7", station_id=1, connector_id=7)
    silence = Held(
        code="F11",
        family="outcome",
        place=place,
        scope="connector",
        scope_key="connector:7",
        severity=4,
        state=FIRING,
        began_at=at(0),
        last_seen_at=at(0),
        check_at=at(10),
    )
    look: Look[Held] = Look(
        keeper=Shelf(),
        station=Place(1, "station", "station:1", station_id=1),
        snapshot=snapshot(10, subject=None, connectors=(7,)),
        memories={},
        conditions={("F11", "connector:7"): silence},
        as_of=at(10),
    )
    looking.look(look, [rules.BY_CODE["F11"]])

    assert silence.check_at is None
    assert silence.state == FIRING
    silence.check_at = at(10) + timedelta(minutes=5)
    looking.look(look, [rules.BY_CODE["F11"]])
    assert silence.check_at == at(15)


@pytest.mark.parametrize(
    ("is_over", "is_resolved", "state"),
    [
        (True, True, "cleared"),
        (True, False, "firing"),
        (False, True, "firing"),
    ],
)
def test_a_danger_that_is_over_ends_with_a_persons_word_though_its_rule_has_no_more_to_say(
    is_over: bool, is_resolved: bool, state: str
) -> None:
    place = Place(1, "connector", "connector:7", station_id=1, connector_id=7)
    heat = Held(
        code="F21",
        family="cable",
        place=place,
        scope="connector",
        scope_key="connector:7",
        severity=1,
        state=FIRING,
        began_at=at(0),
        last_seen_at=at(0),
        evidence={"ended_at": at(1).isoformat()} if is_over else {},
        job=Job(
            number=1,
            place=place,
            family="cable",
            code="F21",
            severity=1,
            opened_at=at(0),
            resolved_at=at(5) if is_resolved else None,
        ),
    )
    look: Look[Held] = Look(
        keeper=Shelf(),
        station=Place(1, "station", "station:1", station_id=1),
        snapshot=snapshot(10, subject=None, connectors=(7,)),
        memories={},
        conditions={("F21", "connector:7"): heat},
        as_of=at(10),
    )

    doubts = replace(rules.BY_CODE["F21"], check=lambda *_: CannotKnow(state={}, reason="cool"))
    looking.look(look, [doubts])

    assert heat.state == state


def test_a_rule_that_remembers_nothing_is_not_asked_again_before_there_is_news() -> None:
    asked: list[int] = []

    def check(shown: Snapshot, _: object, state: State) -> Clear:
        asked.append(len(shown.signs))
        return Clear(state={"last": "Charging"} if shown.signs else state)

    rule = replace(rules.BY_CODE["F26"], check=check, wakes=EVERYTHING)
    memories: dict[Key, Memory] = {}
    for signs in ((), (), (sign(0, "Charging"),), ()):
        look: Look[Held] = Look(
            keeper=Shelf(),
            station=Place(1, "station", "station:1", station_id=1),
            snapshot=snapshot(10, subject=None, connectors=(7,), signs=signs),
            memories=memories,
            conditions={},
            as_of=at(10),
            keeps_blank=True,
        )
        looking.look(look, [rule])
        memories.update(look.changed)

    # once of the station and the connector, then by news, then because it remembers something
    assert asked == [0, 0, 1, 0]


def test_a_rule_of_reports_is_asked_of_a_fact_that_raises_its_code_and_of_no_other() -> None:
    asked: list[str] = []

    def check(shown: Snapshot, _: object, __: State) -> Clear:
        asked.extend(one.error_code for one in shown.signs)
        return Clear(state={"seen": 1})

    rule = replace(rules.BY_CODE["F02"], check=check, wakes=TOLD, waiting=frozenset({"active"}))
    key = ("F02", "connector:7")
    for status, word in (
        ("Available", "NoError"),
        ("Faulted", "GroundFailure"),
        ("Faulted", "InternalError"),
    ):
        look: Look[Held] = Look(
            keeper=Shelf(),
            station=Place(1, "station", "station:1", station_id=1),
            snapshot=snapshot(10, subject=None, connectors=(7,), signs=(sign(0, status, word),)),
            memories={key: Memory({"seen": 1})},
            conditions={},
            as_of=at(10),
            keeps_blank=True,
        )
        looking.look(look, [rule])

    assert asked == ["InternalError"]


def test_a_danger_without_a_ticket_gets_one_and_is_not_cleared_by_its_rule() -> None:
    """Somebody must be able to say that it is safe: without work nobody could."""
    place = Place(1, "connector", "connector:7", station_id=1, connector_id=7)
    heat = Held(
        code="F21",
        family="cable",
        place=place,
        scope="connector",
        scope_key="connector:7",
        severity=1,
        state=FIRING,
        began_at=at(0),
        opened_at=at(0),
        last_seen_at=at(0),
    )
    shelf = Shelf()

    gone = life.let_go(
        shelf,
        rule=rules.BY_CODE["F21"],
        condition=heat,
        result=Clear(state={}, ended_at=at(2)),
        as_of=at(3),
    )

    assert not gone
    assert heat.state == FIRING
    assert [job.severity for job in shelf.jobs] == [1]
    assert heat.evidence["ended_at"] == at(2).isoformat()
