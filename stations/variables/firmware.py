"""Whether a firmware version is within a range, as everywhere: see `stations.metering.quirks`."""

from stations.metering import quirks
from stations.metering.quirks import QuirkRule


def is_between(version: str, low: str, high: str) -> bool:
    """Say whether a version is within two others, both included; an empty end is open.

    An unknown version is within no range but the wholly open one.
    """
    within = QuirkRule(kind="", value="", firmware_from=low, firmware_to=high)
    return quirks.is_match(within, vendor="", model="", firmware=version)
