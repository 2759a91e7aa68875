"""Price lists as we compute with them, each as the text it was read from."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from django.db.models import TextField
from django.db.models.functions import Cast

from billing.models import Tariff
from billing.tariffs import formula, reading
from billing.tariffs.formula import PriceList

KEPT: Final = 512


@dataclass(frozen=True, slots=True)
class PriceLists:
    """Price lists by tariff id; one nobody can read is in `unreadable` with what is wrong."""

    readable: dict[int, PriceList] = field(default_factory=dict)
    unreadable: dict[int, str] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    codes: dict[int, str] = field(default_factory=dict)
    areas: dict[int, str] = field(default_factory=dict)


def price_lists(tariff_ids: Collection[int]) -> PriceLists:
    """Read some price lists."""
    found = PriceLists()
    # As text: a JSON column is decoded with floats, and a price is no float.
    texts = Tariff.objects.filter(pk__in=tariff_ids).annotate(
        listed=Cast("ocpi", TextField()), ours=Cast("native", TextField())
    )
    for pk, listed, ours, code, area in texts.values_list(
        "pk", "listed", "ours", "code", "spot_area"
    ):
        found.texts[pk] = text = text_of(listed, ours)
        found.codes[pk], found.areas[pk] = code, area
        try:
            found.readable[pk] = _read(text)
        except reading.Refused as error:
            found.unreadable[pk] = str(error)
    return found


@lru_cache(maxsize=KEPT)
def _read(text: str) -> PriceList:
    """Read a price list; the same text reads the same, and a gateway asks for it every minute."""
    return formula.read_list(text)


def text_of(listed: str, ours: str) -> str:
    """Return one JSON text of OCPI's part and of ours around it, digit by digit."""
    if not json.loads(ours):
        return listed
    return f'{{"tariff": {listed}, {ours.strip()[1:]}'
