"""Writing a session priced by one of our own tariffs: as OCPI's, and the rules of each line."""

from typing import Any

from billing.tariffs import writing
from billing.tariffs.bill import PricedLine, PricedSession


def priced_session(priced: PricedSession) -> dict[str, Any]:
    """Return a priced session as JSON values, each line with the rules that made it."""
    told = writing.priced_session(priced)
    return told | {"lines": [priced_line(line) for line in priced.lines]}


def priced_line(line: PricedLine) -> dict[str, Any]:
    """Return one line as JSON values, with the rules that made it, in their order."""
    causes = [
        {"rule": cause.rule.value, "where": cause.where, "detail": cause.detail}
        for cause in line.causes
    ]
    return writing.priced_line(line) | {"rules": causes}
