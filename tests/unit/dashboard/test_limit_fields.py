import re

import pytest

from billing.gate import table
from chargenet.dashboard.queries import limit_fields


@pytest.mark.parametrize(
    ("name", "shipped", "stored", "word", "shown"),
    [
        ("most_s", 14 * 86_400, 129_600, "days", "1.5"),
        ("grace_s", 3600, 5400, "hours", "1.5"),
        ("least_s", 120, 90, "minutes", "1.5"),
        ("most_s", 61, 90, "seconds", "90"),
        ("least_wh", 500, 250, "kWh", "0.25"),
        ("least_wh", 20, 20, "Wh", "20"),
        ("most_wh", 0, 100, "Wh", "100"),
        ("percent", 120, 120, "%", "120"),
    ],
)
def test_a_limit_is_written_in_the_unit_in_which_what_we_ship_is_round(
    name: str, shipped: int, stored: int, word: str, shown: str
) -> None:
    unit = limit_fields.unit_of(name, shipped)

    assert (str(unit.word), limit_fields.written(stored, unit)) == (word, shown)
    assert limit_fields.read(shown.replace(".", ","), unit) == stored


def test_every_limit_we_ship_is_read_back_as_it_is_written() -> None:
    for check in table.EVERY:
        for name, shipped in check.limits.items():
            unit = limit_fields.unit_of(name, shipped)
            assert limit_fields.read(limit_fields.written(shipped, unit), unit) == shipped


@pytest.mark.parametrize(
    "text", ["", "x", "NaN", "Infinity", "1e99", "0.0000001", "1" * 20, "1-2"]
)
def test_what_is_no_figure_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text) or "^$"):
        limit_fields.read(text, limit_fields.KWH)
