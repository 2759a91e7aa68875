"""What the words of stations mean: the fault behind an error code, an event, the end of a session.

An operator's own table goes before everything shipped: a make may use a known word for another
thing.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Final

from faults.rules.facts import DeviceEvent, StatusSign
from faults.rules.vocabulary.components import ALARMS, AVAILABILITY, COMPONENTS, TROUBLE
from faults.rules.vocabulary.meaning import (
    FAULTED_WITHOUT_REASON,
    HOT_CONNECTOR,
    OVERHEATED_CONNECTOR,
    UNKNOWN_WORD,
    WARNING,
    Meaning,
    fold,
)
from faults.rules.vocabulary.mrec import MREC, PRIVATE_VENDOR, find_mrec, find_private
from faults.rules.vocabulary.ocpp16 import OCPP_16, OTHER, VAGUE
from faults.rules.vocabulary.stops import STOPS
from faults.rules.vocabulary.texts import OF_INTERFACES, TEXTS, find_text

__all__ = [
    "CODES",
    "DOWN",
    "FAULTED",
    "FAULTED_WITHOUT_REASON",
    "USUAL",
    "WARNING",
    "Meaning",
    "Said",
    "fold",
    "is_nothing",
    "is_trouble_over",
    "meaning_of_event",
    "meaning_of_stop",
    "meaning_of_word",
    "read_sign",
    "unmapped_words",
]

# Stations say in many ways that nothing is wrong.
NOTHING: Final = frozenset(
    {
        "",
        "noerror",
        "none",
        "nofault",
        "ok",
        "0",
        "00",
        "0000",
        "0x0000",
        "null",
        "na",
        "undefined",
    }
)
FAULTED: Final = "Faulted"
# In these states nobody can charge, whatever else the station says.
DOWN: Final = frozenset({FAULTED, "Unavailable"})
# Above this a plug burns the hand, and charging must stop; °C.
OVERHEATED_C, HOTTEST_C = 90.0, 200.0
GRAVE_ALERT: Final = 1
TRUE, FALSE = frozenset({"true", "1", "yes", "on"}), frozenset({"false", "0", "no", "off"})
Mapped = Mapping[str, Meaning]
UNMAPPED: Final[Mapped] = {}
_EVERY = tuple(
    chain(
        OCPP_16.values(),
        MREC.values(),
        COMPONENTS.values(),
        TEXTS.values(),
        OF_INTERFACES.values(),
        STOPS.values(),
        (UNKNOWN_WORD, FAULTED_WITHOUT_REASON, HOT_CONNECTOR, OVERHEATED_CONNECTOR),
    )
)
# The faults that a station can report of itself.
CODES: Final = frozenset(meaning.code for meaning in _EVERY) - {""}
# The first word of each is the one it usually comes with.
USUAL: Final[Mapped] = {meaning.code: meaning for meaning in reversed(_EVERY) if meaning.code}


@dataclass(frozen=True, slots=True)
class Said:
    """One word of a status with what the station adds to it, and what it means."""

    word: str
    note: str
    meaning: Meaning


def is_nothing(word: str) -> bool:
    """Return whether a code says that nothing is wrong."""
    return fold(word) in NOTHING


def read_sign(sign: StatusSign, mapped: Mapped = UNMAPPED) -> tuple[Said, ...]:
    """Return the single troubles a status names; some makes send several with commas between."""
    said = tuple(_vendor_words(sign, mapped))
    if is_nothing(sign.error_code):
        return _troubles(said)
    word, standard = sign.error_code, fold(sign.error_code)
    if standard == OTHER and said:
        return _troubles(said)
    known = [one for one in said if one.meaning.code != UNKNOWN_WORD.code]
    if known and standard in VAGUE:
        return _troubles(said)
    meaning = meaning_of_word(word, mapped=mapped)
    if any(one.meaning.code == meaning.code for one in known):
        return _troubles(said)
    # what nobody knows is a detail of the word that everybody knows
    unknown = [one for one in said if one not in known]
    note = "; ".join(filter(None, (*(one.word for one in unknown), sign.detail)))
    return _troubles((Said(word, note, meaning), *known))


def meaning_of_word(word: str, vendor_id: str = "", mapped: Mapped = UNMAPPED) -> Meaning:
    """Return what one error code means; an unknown one is F05, to be mapped by a person."""
    return _find(word, vendor_id, mapped) or UNKNOWN_WORD


def meaning_of_event(event: DeviceEvent, mapped: Mapped = UNMAPPED) -> Meaning | None:
    """Return the trouble a device event reports, or None where it only reports a value."""
    tech = "" if is_nothing(event.tech_code) else event.tech_code
    found = _find(tech, "", mapped) if tech else None
    if found is None:
        if not tech and not _is_trouble(event):
            return None
        found = _of_component(event)
    return found.weighed(event.severity) if found.code else None


def meaning_of_stop(reason: str) -> Meaning | None:
    """Return the fault the end of a session tells of, None where it ended as it should."""
    return STOPS.get(fold(reason))


def is_trouble_over(event: DeviceEvent) -> bool:
    """Return whether an event says of a trouble that it is gone, without the word cleared."""
    variable, value = fold(event.variable), fold(event.value)
    if variable == AVAILABILITY:
        return bool(value) and value != fold(FAULTED)
    return _speaks_of_trouble(event) and value in FALSE


def unmapped_words(
    signs: tuple[StatusSign, ...], events: tuple[DeviceEvent, ...], mapped: Mapped
) -> Iterator[str]:
    """Yield the makers' codes nobody has given a meaning, also beside a word that has one."""
    for sign in signs:
        for one in _vendor_words(sign, mapped):
            if one.meaning.code == UNKNOWN_WORD.code:
                yield one.word
    for event in events:
        if not is_nothing(event.tech_code) and _find(event.tech_code, "", mapped) is None:
            yield event.tech_code


def _troubles(said: tuple[Said, ...]) -> tuple[Said, ...]:
    return tuple(one for one in said if one.meaning.code)


def _vendor_words(sign: StatusSign, mapped: Mapped) -> Iterator[Said]:
    """Yield the maker's codes, each with its own part of the note where they are as many."""
    words = [one.strip() for one in re.split(r"[,;|]", sign.vendor_error_code)]
    notes = [one.strip() for one in re.split(r"[,;|]", sign.detail)]
    if len(words) == 1 or len(notes) != len(words):
        notes = [sign.detail.strip()] * len(words)
    for word, note in dict(zip(words, notes, strict=True)).items():
        if not is_nothing(word):
            yield Said(word, note, meaning_of_word(word, sign.vendor_id, mapped))


def _find(word: str, vendor_id: str, mapped: Mapped) -> Meaning | None:
    folded = fold(word)
    if (own := mapped.get(folded)) is not None:
        return own
    if fold(vendor_id) == PRIVATE_VENDOR and find_mrec(word) is None:
        return find_private(word)
    return find_mrec(word) or OCPP_16.get(folded) or find_text(word)


def _of_component(event: DeviceEvent) -> Meaning:
    component = fold(event.component)
    if component == "temperaturesensor" and event.connector_id is not None:
        return OVERHEATED_CONNECTOR if _is_overheated(event) else HOT_CONNECTOR
    if fold(event.variable) == AVAILABILITY and not event.tech_code:
        return FAULTED_WITHOUT_REASON
    return COMPONENTS.get(component, UNKNOWN_WORD)


def _is_overheated(event: DeviceEvent) -> bool:
    if event.severity is not None and event.severity <= GRAVE_ALERT:
        return True
    try:
        return OVERHEATED_C <= float(event.value) <= HOTTEST_C
    except ValueError:
        return False


def _is_trouble(event: DeviceEvent) -> bool:
    if event.trigger == "Alerting":
        return True
    if fold(event.variable) == AVAILABILITY:
        return fold(event.value) == fold(FAULTED)
    return _speaks_of_trouble(event) and fold(event.value) in TRUE


def _speaks_of_trouble(event: DeviceEvent) -> bool:
    variable = fold(event.variable)
    return variable in TROUBLE or (variable == "active" and fold(event.component) in ALARMS)
