"""What explains what: the wider thing speaks, and a safety fault is never explained away."""

import pytest

from faults import rules
from faults.engine import grouping, inhibition
from faults.engine.grouping import Finding
from faults.engine.inhibition import Around
from tests.unit.faults.rules.scene import at


@pytest.mark.parametrize(
    ("known", "code", "subject", "by"),
    [
        ({"wide": {"F40": "site:3"}}, "F01", None, "F40:site:3"),
        ({"wide": {"F40": "site:3"}}, "F40", None, "F40:site:3"),
        ({"wide": {"F41": "site:3"}}, "F01", None, "F41:site:3"),
        ({"wide": {"F41": "site:3"}}, "F26", 7, ""),
        ({"wide": {"F42": "network:1", "F41": "site:3"}}, "F01", None, "F42:network:1"),
        ({"station": frozenset({"F01"})}, "F11", 7, "F01:station:5"),
        ({"station": frozenset({"F01"})}, "F01", None, ""),
        ({"station": frozenset({"F08"})}, "F26", 7, "F08:station:5"),
        ({"connectors": {7: frozenset({"F06"})}}, "F26", 7, "F06:connector:7"),
        ({"connectors": {7: frozenset({"F06"})}}, "F26", 8, ""),
        ({"is_attended": True}, "F01", None, "maintenance:station:5"),
        ({"is_attended": True}, "F10", 7, ""),
        ({"is_storm": True}, "F01", None, "F43:station:5"),
        (
            {"busy": frozenset({8}), "shared": {7: frozenset({8})}},
            "F02",
            7,
            "sibling:connector:8",
        ),
        ({"busy": frozenset({7}), "shared": {7: frozenset({8})}}, "F02", 7, ""),
    ],
)
def test_the_matrix(known: dict[str, object], code: str, subject: int | None, by: str) -> None:
    around = Around(scope_key="station:5", **known)  # type: ignore[arg-type]
    assert inhibition.explanation(around, code, subject) == by


def test_the_matrix_names_only_faults_that_exist() -> None:
    there = set(rules.BY_CODE)
    planned = {f"F{number:02}" for number in range(1, 45)}
    named = {*inhibition.EXPLAINS, *inhibition.ORDER}
    for codes in (*inhibition.EXPLAINS.values(), inhibition.FLAPS, inhibition.AT_WORK):
        named |= codes
    assert named <= planned | there


def test_two_connectors_of_one_station_are_one_ticket() -> None:
    first = Finding("power", 3, 5, 7, at(0), ticket=4)
    assert grouping.joins(Finding("power", 3, 5, 8, at(9)), [first]) == 4
    assert grouping.joins(Finding("power", 3, 5, 8, at(11)), [first]) is None
    assert grouping.joins(Finding("power", 3, 6, 8, at(1)), [first]) is None
    assert grouping.joins(Finding("power", 1, 5, 8, at(1)), [first]) is None
    assert grouping.joins(Finding("cable", 3, 5, 8, at(1)), [first]) is None
