"""The figures of the fault injections: kept by the tests, printed as one table at the end."""

import json
from typing import Any

FIGURES: list[dict[str, Any]] = []


def keep(code: str, **figures: Any) -> None:
    """Keep the figures of one injection."""
    FIGURES.append({"code": code, **figures})


def keep_worst(code: str, attack: str, **figures: float) -> None:
    """Keep an attack's figures; of an attack in several forms, the highest of each."""
    for row in FIGURES:
        if (row["code"], row.get("attack")) == (code, attack):
            row |= {name: max(value, row[name]) for name, value in figures.items()}
            return
    keep(code, attack=attack, **figures)


def lines() -> list[str]:
    """Return the table, a line an injection."""
    return [json.dumps(row) for row in sorted(FIGURES, key=lambda row: str(row["code"]))]
