"""Uptime as five rules count it, each from the same ledger; shares are 0 to 1, None: no time.

Sources: NEVI 23 CFR 680.116(b); California AB 2061 and AB 126 as the Energy Commission applies
them; UK Public Charge Point Regulations 2023, reg. 7; AFIREV's glossary of its observatory.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from faults.uptime import outages, spans
from faults.uptime.outages import Allowance, Class, Kind, Ledger

YEAR: Final = timedelta(minutes=525_600)
LONG_SILENCE: Final = timedelta(hours=24)
NOT_OURS: Final[frozenset[Class]] = frozenset(
    {"utility", "vehicle", "scheduled_maintenance", "vandalism", "natural_disaster"}
)
NEVI: Final = Allowance(NOT_OURS)
CEC: Final = Allowance(
    frozenset({"utility", "scheduled_maintenance", "vandalism", "natural_disaster"}),
    per_incident={"vandalism": timedelta(days=10)},
    in_all={"scheduled_maintenance": timedelta(hours=72)},
)
# OCPI: INOPERATIVE and OUTOFORDER; a silent station is UNKNOWN, which the regulation forgives.
UK_COUNTS: Final[frozenset[Kind]] = frozenset({"unavailable", "faulted"})


@dataclass(frozen=True, slots=True)
class Uptime:
    """One figure with what it is made of; `is_partial`: less than the period the rule wants."""

    counted: timedelta
    down: timedelta
    excluded: timedelta = timedelta(0)
    is_partial: bool = False

    @property
    def share(self) -> float | None:
        """Return the share of the time counted in which it was up."""
        if self.counted <= timedelta(0):
            return None
        return 1 - (self.down - self.excluded) / self.counted


def nevi(ledger: Ledger) -> Uptime:
    """Return a port's uptime over a year, or over its life where that is shorter.

    A year has 525,600 minutes, closed hours or not: hours outside the published ones are outage
    that is left out, so they do not make the rest weigh more.
    """
    existed = ledger.existed[1] - ledger.existed[0]
    return Uptime(
        counted=min(existed, YEAR) if existed < YEAR else YEAR,
        down=spans.length(outages.down_time(ledger)),
        excluded=spans.length(outages.excluded_time(ledger, NEVI)),
        is_partial=existed < YEAR,
    )


def cec(ledger: Ledger) -> Uptime:
    """Return a port's uptime with California's limits on what may be left out."""
    existed = ledger.existed[1] - ledger.existed[0]
    return Uptime(
        counted=existed,
        down=spans.length(outages.down_time(ledger)),
        excluded=spans.length(outages.excluded_time(ledger, CEC)),
        is_partial=existed < YEAR,
    )


def uk(ledger: Ledger) -> Uptime:
    """Return the share of opening hours in which a point was reliable by its OCPI status."""
    return Uptime(
        counted=spans.length(outages.open_time(ledger)),
        down=spans.length(outages.down_time(ledger, UK_COUNTS)),
    )


def afirev(ledger: Ledger) -> Uptime:
    """Return the share of opening hours in which a point was available.

    Silence counts when it lasts more than 24 hours, then from its beginning.
    """
    silent = spans.union(one.span for one in ledger.outages if one.kind == "offline")
    long = [span for span in silent if span[1] - span[0] > LONG_SILENCE]
    other = [one.span for one in ledger.outages if one.kind != "offline"]
    down = spans.intersection([*long, *other], outages.open_time(ledger))
    return Uptime(counted=spans.length(outages.open_time(ledger)), down=spans.length(down))


def effective(ledger: Ledger) -> Uptime:
    """Return the share of opening hours in which a driver could have charged; nothing left out."""
    return Uptime(
        counted=spans.length(outages.open_time(ledger)),
        down=spans.length(outages.down_time(ledger)),
    )


def average(figures: Sequence[Uptime]) -> float | None:
    """Return the mean share of many connectors, those without any time left aside."""
    shares = [share for one in figures if (share := one.share) is not None]
    return sum(shares) / len(shares) if shares else None
