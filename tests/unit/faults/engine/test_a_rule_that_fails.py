"""A rule that cannot bear what it is shown is noted; the others are asked all the same."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from faults import rules
from faults.engine import looking
from faults.engine.keeping import Place
from faults.engine.looking import Look
from faults.engine.memory import Held, Shelf
from faults.rules.facts import StatusSign
from faults.rules.protocol import Result, Snapshot, State

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def broken(_: Snapshot, __: object, ___: State) -> Result:
    raise KeyError("a word nobody foresaw")


def surprised(_: Snapshot, __: object, ___: State) -> Result:
    raise AssertionError("what is over has ended")


@pytest.mark.parametrize("failing", [broken, surprised])
def test_the_others_are_asked_all_the_same(failing: Callable[..., Result]) -> None:
    sign = StatusSign(
        id=1,
        connector_id=7,
        status="Faulted",
        error_code="ReaderFailure",
        occurred_at=NOON,
        received_at=NOON,
    )
    at: Look[Held] = Look(
        keeper=Shelf(),
        station=Place(operator_id=1, scope="station", scope_key="station:1", station_id=1),
        snapshot=Snapshot(as_of=NOON, station_id=1, connectors=(7,), signs=(sign,)),
        memories={},
        conditions={},
        as_of=NOON,
    )

    looking.look(at, [replace(rules.BY_CODE["F33"], check=failing), rules.BY_CODE["F36"]])

    assert [held.code for held in at.conditions.values()] == ["F36"]
    assert {one.key[0] for one in at.failed} == {"F33"}


def test_a_rule_goes_on_without_the_one_fact_it_cannot_bear() -> None:
    fussy = rules.BY_CODE["F36"]

    def check(snapshot: Snapshot, thresholds: object, state: State) -> Result:
        if any(one.detail == "poison" for one in snapshot.signs):
            raise ValueError("not a word of mine")
        return fussy.check(snapshot, thresholds, state)

    def sign(number: int, detail: str) -> StatusSign:
        return StatusSign(
            id=number,
            connector_id=7,
            status="Faulted",
            error_code="" if detail else "ReaderFailure",
            detail=detail,
            occurred_at=NOON,
            received_at=NOON,
        )

    at: Look[Held] = Look(
        keeper=Shelf(),
        station=Place(operator_id=1, scope="station", scope_key="station:1", station_id=1),
        snapshot=Snapshot(
            as_of=NOON, station_id=1, connectors=(7,), signs=(sign(1, ""), sign(2, "poison"))
        ),
        memories={},
        conditions={},
        as_of=NOON,
    )

    looking.look(at, [replace(fussy, check=check)])

    assert [held.code for held in at.conditions.values()] == ["F36"]
    assert [one.aside for one in at.failed] == [(("signs", 2),)]
