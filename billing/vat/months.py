"""Calendar months, the periods of invoices."""

from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from typing import Self


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month; its days are [start, end)."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return a month from YYYY-MM; raises ValueError."""
        if len(text) != len("2026-11"):
            raise ValueError(f"{text!r} is no month")
        day = date.fromisoformat(f"{text}-01")
        if day.year == MAXYEAR:
            raise ValueError(f"{text!r} has no next month")
        return cls.of(day)

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the month a day lies in."""
        return cls(day.year, day.month)

    @property
    def start(self) -> date:
        """Return the first day."""
        return date(self.year, self.month, 1)

    @property
    def end(self) -> date:
        """Return the first day after."""
        return date(self.year + self.month // 12, self.month % 12 + 1, 1)

    @property
    def previous(self) -> "Month":
        """Return the month before."""
        return Month.of(self.start - timedelta(days=1))

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"
