"""What a rule of the linter looks at: the document as it was written, and as it was read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from billing.tariffs.model import Tariff


@dataclass(frozen=True, slots=True)
class Told:
    """A tariff's document without its nulls, and what the reader made of it."""

    document: Mapping[str, Any]
    tariff: Tariff
