"""Which of two firmware versions is the newer: 1.10 is newer than 1.9."""

import re

_PARTS = re.compile(r"\d+|[a-z]+", re.IGNORECASE)


def is_between(version: str, low: str, high: str) -> bool:
    """Say whether a version is within two others, both included; an empty end is open.

    An unknown version is within no range but the wholly open one.
    """
    if not low and not high:
        return True
    if not version:
        return False
    parts = _key(version)
    # Up to 2.1 includes 2.1.7: the end is compared as far as it is written.
    upper = _key(high)
    return (not low or parts >= _key(low)) and (not high or parts[: len(upper)] <= upper)


def _key(version: str) -> list[tuple[int, int, str]]:
    found = _PARTS.findall(version)
    return [(1, int(part[:18]), "") if part.isdigit() else (0, 0, part.lower()) for part in found]
