"""What a word of a station stands for."""

import re
from dataclasses import dataclass, replace
from typing import Final

WARNING: Final = 4
INFORMATION: Final = 5
SAFETY: Final = 1
# OCPP 2.x: 0 is danger to lives; 5 an alert, 6 a warning, 7 to 9 no trouble.
DANGER, LAST_ERROR, FIRST_REMARK = 0, 4, 7


@dataclass(frozen=True, slots=True)
class Meaning:
    """The fault a word stands for; `as_warning` is its severity while the place still works.

    An empty code: the word is known, and is no trouble.
    """

    code: str
    severity: int
    as_warning: int = WARNING

    def weighed(self, severity: int | None) -> "Meaning":
        """Return the meaning as serious as the station's own severity, 0 to 9, makes it.

        Danger is always believed; that a thing is a mere remark is not, where lives are at stake.
        """
        if severity is None or not self.code:
            return self
        if severity == DANGER:
            return replace(self, severity=SAFETY, as_warning=SAFETY)
        is_safety = self.as_warning == SAFETY
        if severity >= FIRST_REMARK and not is_safety:
            return replace(self, severity=INFORMATION, as_warning=INFORMATION)
        if self.code == UNKNOWN_WORD.code and severity > LAST_ERROR:
            return replace(self, severity=INFORMATION, as_warning=INFORMATION)
        return self


def down(code: str, severity: int) -> Meaning:
    """Return a fault that takes its place down; while it works on, it is a warning."""
    return Meaning(code, severity, as_warning=max(severity, WARNING))


def always(code: str, severity: int) -> Meaning:
    """Return a fault that is as serious whether the place works or not."""
    return Meaning(code, severity, as_warning=severity)


def hint(code: str, severity: int = 3) -> Meaning:
    """Return a fault that alone, on a place that works, is only worth a line in a list."""
    return Meaning(code, severity, as_warning=INFORMATION)


def fold(word: str) -> str:
    """Return a word as compared: without case, spaces and signs between its letters."""
    return re.sub(r"[^0-9a-z]", "", word.lower())


NO_TROUBLE: Final = Meaning("", INFORMATION, as_warning=INFORMATION)
UNKNOWN_WORD: Final = hint("F05")
FAULTED_WITHOUT_REASON: Final = down("F02", 3)
HOT_CONNECTOR: Final = down("F20", 4)
OVERHEATED_CONNECTOR: Final = always("F21", 1)
