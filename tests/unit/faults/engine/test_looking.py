from datetime import timedelta

from faults import rules
from faults.engine import looking
from faults.engine.keeping import FIRING, Place
from faults.engine.looking import Look
from faults.engine.memory import Held, Shelf
from tests.unit.faults.rules.scene import at, snapshot


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
