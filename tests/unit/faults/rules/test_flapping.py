"""F06: what comes and goes is unstable; what is used is not."""

from datetime import timedelta
from typing import Any

from faults.rules import flapping
from faults.rules.facts import Notice
from faults.rules.protocol import Clear, Firing, Result
from tests.unit.faults.rules.scene import at, sign, snapshot

LIMITS = flapping.Thresholds()


def _ask(minutes: float, signs: list[Any], state: dict[str, Any], **known: Any) -> Result:
    return flapping.check(snapshot(minutes, signs=tuple(signs), **known), LIMITS, state)


def _words(minutes: float, *words: str) -> list[Any]:
    return [sign(minutes + number, word) for number, word in enumerate(words)]


def test_six_onsets_in_a_day_are_unstable_until_six_calm_hours() -> None:
    signs = [one for n in range(6) for one in _words(n * 120, "Faulted", "Available")]
    found = _ask(700, signs, {})
    assert isinstance(found, Firing)
    assert found.began_at == at(0)
    assert isinstance(_ask(700 + 300, [], found.state), Firing)
    calm = _ask(600 + 24 * 60, [], found.state)
    assert isinstance(calm, Clear)
    assert calm.ended_at == at(600)


def test_ordinary_use_is_never_unstable() -> None:
    day = [
        one
        for n in range(12)
        for one in _words(n * 60, "Preparing", "Charging", "Finishing", "Available")
    ]
    assert isinstance(_ask(800, day, {}), Clear)


def test_an_outlet_that_waits_for_its_sibling_is_not_in_trouble() -> None:
    signs = [one for n in range(9) for one in _words(n * 30, "Unavailable", "Available")]
    busy = {7: "Unavailable", 8: "Charging"}
    assert isinstance(_ask(300, signs, {}, statuses=busy), Clear)
    assert isinstance(_ask(300, signs, {}, statuses={7: "Unavailable"}), Firing)


def test_an_outlet_that_says_so_a_moment_before_its_sibling_is_not_in_trouble() -> None:
    state: dict[str, Any] = {}
    for n in range(9):
        first = _ask(n * 30, [sign(n * 30, "Unavailable")], state, statuses={8: "Available"})
        assert isinstance(first, Clear)
        assert first.check_at == at(n * 30) + LIMITS.settles_in
        later = _ask(n * 30 + 1, [], first.state, statuses={8: "Charging"})
        assert isinstance(later, Clear)
        freed = [sign(n * 30 + 20, "Available")]
        state = _ask(n * 30 + 20, freed, later.state, statuses={8: "Finishing"}).state
    assert [one for one in state["states"] if one[1]] == []


def test_an_outlet_out_of_service_while_nobody_charges_beside_it_is_in_trouble() -> None:
    state: dict[str, Any] = {}
    for n in range(6):
        free = {8: "Available"}
        state = _ask(n * 30, [sign(n * 30, "Unavailable")], state, statuses=free).state
        state = _ask(n * 30 + 1, [], state, statuses=free).state
        found = _ask(n * 30 + 20, [sign(n * 30 + 20, "Available")], state, statuses=free)
        state = found.state
    assert isinstance(found, Firing)


def test_changes_of_many_states_weigh_as_a_share() -> None:
    flips: list[list[object]] = [[str(n), bool(n % 2)] for n in range(21)]
    assert round(flapping.changes(flips, LIMITS), 2) == 1.0
    assert flapping.changes([[str(n), False] for n in range(21)], LIMITS) == 0.0


def test_a_line_cut_for_a_moment_is_no_onset() -> None:
    def line(minutes: float, kind: str) -> Notice:
        return Notice(id=1, kind=kind, occurred_at=at(minutes), received_at=at(minutes))

    def cuts(lasting: float) -> Result:
        notices = [
            one
            for n in range(7)
            for one in (line(n * 60, "disconnected"), line(n * 60 + lasting, "connected"))
        ]
        whole = snapshot(500, notices=tuple(notices), subject=None)
        return flapping.check(whole, LIMITS, {})

    assert isinstance(cuts(1), Clear)
    assert isinstance(cuts(5), Firing)
    assert LIMITS.short_cut == timedelta(minutes=3)
