"""The page about tariffs shows a tariff that is read, and names things that are there."""

import re
from pathlib import Path

from billing.tariffs import reading
from billing.tariffs.native.reading import parse_native

PAGE = Path(__file__).resolve().parents[3] / "docs" / "tariffs.md"


def test_the_tariff_on_the_page_is_read() -> None:
    found = re.search(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)

    assert found is not None
    read = parse_native(reading.parse_json(found.group(1)))

    assert read.spot is not None
    assert read.idle_fee is not None
    assert len(read.power_classes) == 2
