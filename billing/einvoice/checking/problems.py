"""What a check found, and how the stages came out."""

from dataclasses import dataclass
from enum import Enum


class Stage(Enum):
    """The stages of a check, in their order."""

    XSD = "xsd"
    EN16931 = "en16931"
    PEPPOL = "peppol"
    AMOUNTS = "amounts"


class Outcome(Enum):
    """How a stage ended; one that could not run proves nothing."""

    OK = "ok"
    FAILED = "failed"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: which rule, where in the document, in words."""

    stage: Stage
    rule: str
    path: str
    text: str


class NotRun(Exception):
    """The stage cannot run; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What all stages said about one document."""

    stages: dict[Stage, Outcome]
    problems: tuple[Problem, ...]

    @property
    def is_valid(self) -> bool:
        """Say whether every stage ran and found nothing."""
        return set(self.stages.values()) == {Outcome.OK}
