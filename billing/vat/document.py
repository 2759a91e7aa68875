"""A document's lines and totals, in whole minor units, from what each Cdr agreed per rate."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from billing.vat import parts
from billing.vat.parts import Basis, Part


@dataclass(frozen=True, slots=True)
class Item:
    """What one source, a Cdr's id, owes under one rate (percent), in minor units of the basis."""

    source_id: int
    rate: Fraction
    agreed: int


@dataclass(frozen=True, slots=True)
class Document:
    """The lines in the order of their items, and the parts per rate they sum to."""

    lines: tuple[tuple[Item, Part], ...]
    rates: tuple[Part, ...]

    @property
    def excl(self) -> int:
        """Return the total without tax."""
        return sum(part.excl for part in self.rates)

    @property
    def vat(self) -> int:
        """Return the tax."""
        return sum(part.vat for part in self.rates)

    @property
    def incl(self) -> int:
        """Return the total with tax."""
        return self.excl + self.vat


def compose(items: Sequence[Item], basis: Basis) -> Document:
    """Round tax once per rate over all items, and give each line its part."""
    line_parts: dict[int, Part] = {}
    rates = []
    for rate in sorted({item.rate for item in items}):
        places = [place for place, item in enumerate(items) if item.rate == rate]
        found = parts.lines_of(rate, [items[place].agreed for place in places], basis)
        line_parts.update(zip(places, found, strict=True))
        excl, vat = sum(part.excl for part in found), sum(part.vat for part in found)
        rates.append(Part(rate, excl, vat))
    lines = tuple((item, line_parts[place]) for place, item in enumerate(items))
    return Document(lines, tuple(rates))
