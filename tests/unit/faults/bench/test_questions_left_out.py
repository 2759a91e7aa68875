"""A rule that the engine does not ask had nothing to say: small worlds, question by question."""

from collections.abc import Iterator

import msgspec
import pytest

from faults.engine import looking
from faults.engine.fleet import Fleet
from faults.engine.looking import Look, Memory
from faults.engine.memory import Held
from faults.rules.protocol import CannotKnow, Firing, Rule
from tests.bench.faults.detector import hearing
from tests.bench.faults.detector.__main__ import take
from tests.bench.faults.world.__main__ import NUMBER
from tests.bench.faults.world.world import World

# Starts that grew old are forgotten when the next one comes.
JUDGED_LATER = frozenset({"F03"})


@pytest.mark.parametrize(("seed", "is_clean"), [(3, False), (4, True)])
def test_a_question_that_is_left_out_would_have_changed_nothing(
    monkeypatch: pytest.MonkeyPatch, seed: int, is_clean: bool
) -> None:
    has_reason = looking._has_reason
    left_out: list[str] = []

    def checked(at: Look[Held], rule: Rule, key: tuple[str, str], spot: looking._Spot) -> bool:
        if has_reason(at, rule, key, spot):
            return True
        memory = at.memories.get(key)
        if memory is not None and rule.code not in JUDGED_LATER:
            left_out.append(rule.code)
            assert _said(at, rule, spot, memory) == (memory, False, ()), (key, spot.news)
        return False

    monkeypatch.setattr(looking, "_has_reason", checked)
    parts = _parts(World(seed, 3, 10, is_clean=is_clean))
    begin, places, _ = hearing.read_network(next(parts))
    fleet, ear = Fleet(places), hearing.Ear(begin)
    for part in parts:
        take(fleet, ear, part)

    assert len(set(left_out)) > 20


def _said(
    at: Look[Held], rule: Rule, spot: looking._Spot, memory: Memory
) -> tuple[Memory, bool, tuple[object, ...]]:
    """Return what a rule would have made of its memory, whether it fires, and what it missed."""
    view = spot.view()
    result = rule.check(view, at.tuned(rule, view.subject), memory.state)
    if isinstance(result, Firing):
        return memory, True, ()
    is_knowing = not isinstance(result, CannotKnow)
    missed = () if isinstance(result, CannotKnow) else result.missed
    return Memory(result.state, is_knowing, result.check_at), False, missed


def _parts(world: World) -> Iterator[bytes]:
    encode = msgspec.msgpack.Encoder().encode
    yield encode(world.described())
    for second, _, station, fact, key, number in world.messages():
        yield encode([(second, station, NUMBER[type(fact)], fact, key, number)])
