"""What to send so that a station's local list becomes what it shall be."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

FULL, DIFFERENTIAL = "Full", "Differential"


@dataclass(frozen=True, slots=True)
class Entry:
    """A token as a list holds it; an empty status takes it off the list."""

    uid: str
    status: str = ""
    expires: str = ""
    kind: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One message: a new list, or changes to the one before."""

    update: str
    entries: tuple[Entry, ...]


def parts_of(
    held: Mapping[str, Entry], wanted: Mapping[str, Entry], *, most: int, is_known: bool
) -> list[Part]:
    """Return the messages that turn one list into another, none of them longer than `most`.

    Where the station's list is not known for sure, or most or all of it goes, it is sent anew:
    what does not fit the first message follows as changes.
    """
    changes = list(_changes(held, wanted))
    if is_known and not changes:
        return []
    is_anew = not (is_known and held and wanted) or len(changes) > max(len(wanted), most)
    rows = list(wanted.values()) if is_anew else changes
    chunks = [tuple(rows[start : start + most]) for start in range(0, len(rows), most)] or [()]
    first = Part(FULL if is_anew else DIFFERENTIAL, chunks[0])
    return [first, *(Part(DIFFERENTIAL, chunk) for chunk in chunks[1:])]


def applied(held: Mapping[str, Entry], part: Part) -> dict[str, Entry]:
    """Return a list once a station took a part."""
    entries = {} if part.update == FULL else dict(held)
    for entry in part.entries:
        if entry.status:
            entries[entry.uid.lower()] = entry
        else:
            entries.pop(entry.uid.lower(), None)
    return entries


def chosen(entries: Sequence[Entry], room: int | None) -> dict[str, Entry]:
    """Return the entries a station has room for, the first ones, by their key."""
    kept = entries if room is None else entries[:room]
    return {entry.uid.lower(): entry for entry in kept}


def _changes(held: Mapping[str, Entry], wanted: Mapping[str, Entry]) -> Iterator[Entry]:
    for key, entry in held.items():
        if key not in wanted:
            yield Entry(entry.uid, kind=entry.kind)
    for key, entry in wanted.items():
        if held.get(key) != entry:
            yield entry
