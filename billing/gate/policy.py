"""Fair when we fail: which faults let a session cost less, by the operator's own table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from billing.gate.case import Trouble


class Outcome(Enum):
    """What a session is charged in spite of a fault."""

    BILL = "bill"
    ENERGY_ONLY = "energy_only"
    WAIVE = "waive"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: a fault by code or family, a cause, a band of energy [from, until) Wh.

    Empty is any. The place in the table is the order in which rows are asked, from 1.
    """

    position: int
    outcome: Outcome
    code: str = ""
    family: str = ""
    cause: str = ""
    from_wh: int = 0
    until_wh: int | None = None

    def holds(self, trouble: Trouble, energy_wh: int) -> bool:
        """Say whether the row is about such a fault in such a session."""
        is_named = self.code in {"", trouble.code} and self.family in {"", trouble.family}
        is_in_band = self.from_wh <= energy_wh and (
            self.until_wh is None or energy_wh < self.until_wh
        )
        return is_named and is_in_band and self.cause in {"", trouble.cause}


@dataclass(frozen=True, slots=True)
class Decision:
    """What is charged, by which row and for which fault; None where no row speaks of any."""

    outcome: Outcome
    rule: Rule | None = None
    trouble: Trouble | None = None


# No fault met it, or no row speaks of those that did.
UNMET: Final = Decision(Outcome.BILL)
# Less than this is a charge that failed, whatever the reason.
FAILED_WH = 500
# What the table says until an operator writes an own one.
SHIPPED: Final = (
    Rule(1, Outcome.BILL, cause="vehicle"),
    Rule(2, Outcome.WAIVE, until_wh=FAILED_WH),
    # What a doubted meter counted waits for a person: once released, all of it is billed.
    Rule(3, Outcome.BILL, family="meter"),
    Rule(4, Outcome.ENERGY_ONLY, family="safety"),
    Rule(5, Outcome.ENERGY_ONLY, family="cable"),
    Rule(6, Outcome.ENERGY_ONLY, cause="station"),
    Rule(7, Outcome.ENERGY_ONLY, cause="cable"),
    Rule(8, Outcome.ENERGY_ONLY, cause="grid"),
)


def decide(rules: Sequence[Rule], troubles: Iterable[Trouble], energy_wh: int) -> Decision:
    """Return what a session with these faults is charged: the first row that speaks of any.

    Without faults, or where no row speaks of them, all of it is billed.
    """
    met = list(troubles)
    for rule in rules:
        for trouble in met:
            if rule.holds(trouble, energy_wh):
                return Decision(rule.outcome, rule, trouble)
    return UNMET
