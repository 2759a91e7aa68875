"""Each advisory lock has a number of its own: two of one number wait for each other by chance."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
APPS = ("billing", "chargenet", "faults", "revenue", "stations")
LOCKS = re.compile(r"^((?:\w+_LOCK\b[^=\n]*)+)= *(\d+(?:, *\d+)*)$", re.MULTILINE)


def test_no_two_locks_have_the_same_number() -> None:
    """A station's command waited for the look at the site of the same number, and it for that."""
    named = Counter(
        number
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        for _names, numbers in LOCKS.findall(path.read_text(encoding="utf-8"))
        for number in re.findall(r"\d+", numbers)
    )

    assert len(named) > 5, "the locks are not found any more"
    assert {number for number, times in named.items() if times > 1} == set()
