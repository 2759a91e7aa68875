"""What stations reported, one step a fact, in the order it happened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from faults.rules import error_codes, instants
from faults.rules.error_codes import Meaning
from faults.rules.facts import DeviceEvent, StatusSign
from faults.rules.protocol import Snapshot


@dataclass(frozen=True, slots=True)
class Report:
    """One trouble a fact raised, under the name by which it ends.

    `is_down` is None where only the state of the place tells: a device event has no state.
    """

    name: str
    meaning: Meaning
    is_down: bool | None
    words: str
    source: str
    source_id: int


@dataclass(frozen=True, slots=True)
class Step:
    """What one fact changed: everything named `ends…` is over unless it is among the raised."""

    at: datetime
    is_late: bool
    ends: str | None
    raised: tuple[Report, ...] = ()


def steps(snapshot: Snapshot) -> list[Step]:
    """Return what the new facts of one place changed, the oldest first."""
    trusted = snapshot.is_clock_trusted
    read = [
        *_of_signs(snapshot.signs, trusted=trusted),
        *_of_events(snapshot.events, trusted=trusted),
    ]
    return sorted(read, key=lambda step: step.at)


def _of_signs(signs: tuple[StatusSign, ...], *, trusted: bool) -> Iterator[Step]:
    for sign in signs:
        is_down = sign.status in error_codes.DOWN
        raised = [
            Report(
                f"sign:{word}", error_codes.meaning_of_word(word), is_down, word, "sign", sign.id
            )
            for word in error_codes.words_of(sign)
        ]
        if not raised and sign.status == error_codes.FAULTED:
            bare = error_codes.FAULTED_WITHOUT_REASON
            raised = [Report("sign:", bare, is_down, error_codes.FAULTED, "sign", sign.id)]
        yield Step(
            at=instants.happened_at(sign.occurred_at, sign.received_at, trusted=trusted),
            is_late=instants.is_late(sign.occurred_at, sign.received_at, trusted=trusted),
            ends="sign:",
            raised=tuple(raised),
        )


def _of_events(events: tuple[DeviceEvent, ...], *, trusted: bool) -> Iterator[Step]:
    for event in events:
        at = instants.happened_at(event.occurred_at, event.received_at, trusted=trusted)
        late = instants.is_late(event.occurred_at, event.received_at, trusted=trusted)
        place = f"event:{event.component}:{event.variable}:"
        tech = "" if error_codes.is_nothing(event.tech_code) else event.tech_code
        is_value_false = error_codes.is_trouble_over(event)
        if event.is_cleared or is_value_false:
            yield Step(at, late, ends=place + tech)
            continue
        meaning = error_codes.meaning_of_event(event)
        if meaning is None:
            continue
        words = tech or f"{event.component}.{event.variable}"
        report = Report(place + tech, meaning, None, words, "event", event.id)
        yield Step(at, late, ends=None, raised=(report,))
