"""The published tariff cases: where they lie, what they expect, and what is wrong in them."""

import json
import os
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("CHARGENET_SHARED", REPOSITORY.parent / "shared"))
VECTORS = SHARED / "vectors" / "tariffs"
FILES = sorted(file for file in VECTORS.glob("*/*.json") if "-lint-" not in file.name)
LINTS = sorted(VECTORS.glob("*/*-lint-*.json"))
AMBIGUITIES = VECTORS / "ocpi-ambiguities.json"
VERSIONS = ("tariff", "tariff_2_3_0")
WHY_NOT = f"The published tariffs are not here: set CHARGENET_SHARED ({VECTORS})."


def load(file: Path) -> dict[str, Any]:
    """Return a published case, its numbers as decimals."""
    vector: dict[str, Any] = json.loads(
        file.read_text(encoding="utf-8"), parse_float=Decimal, parse_int=Decimal
    )
    return vector


def versions_of(vector: dict[str, Any]) -> list[str]:
    """Return the forms of OCPI in which a case gives its tariff."""
    return [version for version in VERSIONS if vector.get(version)]


def session_of(vector: dict[str, Any]) -> dict[str, Any]:
    """Return the session of a case as price_session reads it."""
    return {"time_zone": vector["time_zone"], **vector["session"]}


def is_tax_unknown(vector: dict[str, Any], version: str) -> bool:
    """Return whether the price holds a tax that the case does not name."""
    return bool(vector[version].get("tax_included") == "YES")


def exact(vector: dict[str, Any], side: str) -> Fraction:
    """Return what a case costs, by the independent calculator that came with it."""
    told = vector["expected_exact"]
    return Fraction(told.get(f"total_cost_{side}_vat") or told[f"decimal_{side}"])
