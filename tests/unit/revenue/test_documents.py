"""The page about the proof names every invariant there is."""

import re
from pathlib import Path

from revenue import proof

PAGE = Path(__file__).parents[3] / "docs" / "proving_the_books.md"


def test_the_page_explains_exactly_the_invariants_that_are_proved() -> None:
    rows = [
        line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")
    ]

    explained = [name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert explained == list(proof.INVARIANTS)
