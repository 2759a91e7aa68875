"""What the words of several faults have in common."""

from dataclasses import dataclass


def gettext_noop(text: str) -> str:
    """Mark a text for translation and return it as it is."""
    return text


@dataclass(frozen=True, slots=True)
class Words:
    """The plain words of one fault code."""

    name: str
    cause: str
    steps: tuple[str, ...]


RESTART = gettext_noop("If nobody is charging, restart the station from here.")
ON_SITE = gettext_noop("If the fault comes back, go there.")
KEEP_AWAY = gettext_noop("Keep people away and switch the charge point off at the breaker.")
INSPECT = gettext_noop(
    "Inspect on site before anybody charges again. Only a person may clear this."
)
CABLE = gettext_noop("Look at the cable and plug: damage, dirt, water, bent pins.")
TEST = gettext_noop("Do a test charge of two minutes before you close the ticket.")
