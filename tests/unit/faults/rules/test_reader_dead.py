from datetime import datetime, timedelta

from faults.rules.facts import Usage
from faults.rules.protocol import CannotKnow, Clear, Firing, Result, State
from faults.rules.reader_dead import Thresholds, check
from tests.unit.faults.rules.scene import at, sign, snapshot

LIMITS = Thresholds()
DAY = 24 * 60


def every(days: float, until: float, since: float = -55.0) -> tuple[datetime, ...]:
    return tuple(at((since + n * days) * DAY) for n in range(int((until - since) / days) + 1))


def used(cards: tuple[datetime, ...], app: tuple[datetime, ...]) -> Usage:
    return Usage(
        starts={7: tuple(sorted([*cards, *app])), 8: ()},
        remote_starts={7: app},
        known_for=timedelta(days=300),
    )


def ask(day: float, usage: Usage | None, state: State | None = None, **known) -> Result:
    told = snapshot(day * DAY, **{"subject": None, "connectors": (7, 8), "usage": usage, **known})
    return check(told, LIMITS, state or {})


def test_a_reader_that_reports_itself_counts_at_once() -> None:
    told = (sign(0, "Available", "ReaderFailure"),)

    assert isinstance(ask(0, None, subject=7, signs=told), Firing)


def test_cards_that_stop_while_the_app_goes_on_accuse_the_reader() -> None:
    cards, app = every(0.5, 0), every(0.26, 7)

    assert isinstance(ask(3, used(cards, every(0.26, 3))), Clear)
    result = ask(7, used(cards, app))
    assert isinstance(result, Firing)
    assert (result.severity, result.is_down) == (3, False)
    assert result.began_at == at(0)
    assert result.evidence["chance_never_chosen"] < 1e-3
    assert result.evidence["chance_of_silence"] < 1e-3


def test_a_station_nobody_uses_says_nothing_of_its_reader() -> None:
    assert isinstance(ask(20, used(every(0.5, 0), every(0.5, 0))), Clear)


def test_a_station_that_never_saw_a_card_cannot_tell() -> None:
    result = ask(7, used((), every(0.5, 7)))

    assert isinstance(result, Clear)
    assert "cards" not in result.state


def test_what_was_found_stands_between_the_hourly_looks_until_a_card_is_seen() -> None:
    cards, app = every(0.5, 0), every(0.26, 8)
    found = ask(8, used(cards, app))
    assert isinstance(found, Firing)

    assert isinstance(ask(8.01, None, found.state), Firing)
    assert isinstance(ask(8.02, used((*cards, at(8 * DAY)), app), found.state), Clear)


def test_between_looks_nothing_new_is_claimed() -> None:
    assert not isinstance(ask(8, None), Firing | CannotKnow)
