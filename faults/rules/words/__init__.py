"""What a fault is called, what is behind it, and what to do first, in plain words.

English here, marked for translation; whoever shows it to a person calls gettext.
"""

from faults.rules.words import power, site, station, use
from faults.rules.words.phrases import Words, gettext_noop

__all__ = ["CHANGES", "WORDS", "Words", "gettext_noop", "words_for"]

WORDS: dict[str, Words] = {**station.WORDS, **use.WORDS, **power.WORDS, **site.WORDS}

_UNKNOWN = Words(
    gettext_noop("Fault"),
    gettext_noop("A rule found something wrong."),
    (gettext_noop("Read the evidence below."),),
)

# What happened to a ticket, by the verb of its note.
CHANGES: dict[str, str] = {
    "open": gettext_noop("Ticket opened"),
    "raise": gettext_noop("Became more serious"),
    "triage": gettext_noop("Looked at"),
    "assign": gettext_noop("Assigned"),
    "acknowledge": gettext_noop("Accepted"),
    "start_travel": gettext_noop("On the way"),
    "arrive": gettext_noop("On site"),
    "wait": gettext_noop("Waiting"),
    "resolve": gettext_noop("Resolved"),
    "prove": gettext_noop("A charge has shown that it works"),
    "verify": gettext_noop("Proven: closed"),
    "gone": gettext_noop("No longer reported: closed"),
    "dismiss": gettext_noop("Closed without a repair"),
    "close": gettext_noop("Closed"),
    "join": gettext_noop("Closed: part of a wider ticket"),
    "absorb": gettext_noop("Took over another ticket"),
    "widen": gettext_noop("Became the whole station's"),
    "reopen": gettext_noop("Reopened"),
    "healing": gettext_noop("Tried from afar"),
    "healing_dry": gettext_noop("Would have been tried from afar (dry run)"),
    "fault_opened": gettext_noop("Found by a rule"),
    "fault_cleared": gettext_noop("No longer reported"),
    "fault_over": gettext_noop("No longer reported; a person must inspect it"),
}


def words_for(code: str) -> Words:
    """Return the plain words of a code."""
    return WORDS.get(code, _UNKNOWN)
