"""What stations reported, one step a fact, in the order it happened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from faults.rules import error_codes, instants
from faults.rules.error_codes import Meaning
from faults.rules.facts import DeviceEvent, SessionOutcome, StatusSign
from faults.rules.protocol import Snapshot

SIGN = "sign:"
# A trouble without a maker's code; one with a code has the code here.
UNNAMED = "-"


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
    note: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What one fact changed: what it ends is over, unless it is among the raised.

    An end "sign:" with a colon last ends every name that begins so. `is_past` marks what had
    ended before it was told: it happened, and stands no more.
    """

    at: datetime
    is_late: bool
    ends: tuple[str, ...] = ()
    raised: tuple[Report, ...] = ()
    is_past: bool = False

    def is_end_of(self, name: str) -> bool:
        """Return whether this step ends what stands under a name."""
        return any(name == end or (end[-1] == ":" and name.startswith(end)) for end in self.ends)


def steps(snapshot: Snapshot) -> list[Step]:
    """Return what the new facts of one place changed, the oldest first.

    Two dozen rules ask this of one snapshot in a row; the answer to the last is kept.
    """
    global _latest
    if _latest[0] is not snapshot:
        read = [*_of_signs(snapshot), *_of_events(snapshot), *_of_sessions(snapshot)]
        _latest = snapshot, sorted(read, key=lambda step: step.at)
    return _latest[1]


def raised_codes(snapshot: Snapshot) -> frozenset[str]:
    """Return the codes that the new facts of one place raise; the last answer is kept too."""
    global _raised_latest
    if _raised_latest[0] is not snapshot:
        codes = {one.meaning.code for step in steps(snapshot) for one in step.raised}
        _raised_latest = snapshot, frozenset(codes)
    return _raised_latest[1]


_latest: tuple[Snapshot | None, list[Step]] = (None, [])
_raised_latest: tuple[Snapshot | None, frozenset[str]] = (None, frozenset())


def _of_signs(snapshot: Snapshot) -> Iterator[Step]:
    trusted = snapshot.is_clock_trusted
    latest = max((one.occurred_at for one in snapshot.signs), default=None)
    newest = snapshot.status_times.get(snapshot.subject) if trusted else None
    for sign in snapshot.signs:
        yield Step(
            at=instants.happened_at(sign.occurred_at, sign.received_at, trusted=trusted),
            is_late=instants.is_late(sign.occurred_at, sign.received_at, trusted=trusted),
            ends=(SIGN,),
            raised=tuple(_raised(sign, snapshot)),
            # a newer word was counted before; one from after its reception is a clock set back
            is_past=newest is not None
            and latest is not None
            and latest < newest <= sign.received_at,
        )


def _raised(sign: StatusSign, snapshot: Snapshot) -> Iterator[Report]:
    is_down = sign.status in error_codes.DOWN
    said = error_codes.read_sign(sign, snapshot.vendor_codes)
    for one in said:
        yield Report(
            f"{SIGN}{one.word}", one.meaning, is_down, one.word, "sign", sign.id, one.note
        )
    if not said and sign.status == error_codes.FAULTED:
        bare = error_codes.FAULTED_WITHOUT_REASON
        yield Report(SIGN, bare, is_down, error_codes.FAULTED, "sign", sign.id, sign.detail)


def _of_events(snapshot: Snapshot) -> Iterator[Step]:
    trusted = snapshot.is_clock_trusted
    for event in snapshot.events:
        at = instants.happened_at(event.occurred_at, event.received_at, trusted=trusted)
        late = instants.is_late(event.occurred_at, event.received_at, trusted=trusted)
        place = ":".join(("event", event.component, event.instance, event.variable, ""))
        tech = "" if error_codes.is_nothing(event.tech_code) else event.tech_code
        if event.is_cleared or error_codes.is_trouble_over(event):
            # what was raised without a code may be cleared with one
            yield Step(at, late, (place + tech, place + UNNAMED) if tech else (place,))
            continue
        meaning = error_codes.meaning_of_event(event, snapshot.vendor_codes)
        if meaning is not None:
            yield Step(at, late, (), (_report(event, meaning, place, tech),))


def _report(event: DeviceEvent, meaning: Meaning, place: str, tech: str) -> Report:
    said = f"{event.component}.{event.variable}"
    if event.value and not tech:
        said = f"{said}={event.value}"
    note = event.note if tech else f"{said} {event.note}".strip()
    words = tech or f"{event.component}.{event.variable}"
    return Report(place + (tech or UNNAMED), meaning, None, words, "event", event.id, note)


def _of_sessions(snapshot: Snapshot) -> Iterator[Step]:
    """Yield a moment for each session that a fault ended: it came and went with the session."""
    for session in snapshot.sessions:
        meaning = error_codes.meaning_of_stop(session.stop_reason)
        if meaning is not None:
            late = snapshot.as_of - session.ended_at > instants.LATE_AFTER
            report = _stop(session, meaning)
            yield Step(session.ended_at, late, (), (report,))
            yield Step(session.ended_at, late, (report.name,))


def _stop(session: SessionOutcome, meaning: Meaning) -> Report:
    return Report(
        name=f"stop:{session.id}",
        meaning=meaning,
        is_down=True,
        words=session.stop_reason,
        source="session",
        source_id=session.id,
    )
