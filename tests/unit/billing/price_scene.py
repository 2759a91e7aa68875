"""Tariffs and sessions to price."""

from datetime import timedelta
from fractions import Fraction

from tests.unit.billing.papers import priced

HOUR = timedelta(hours=1)


def excl(*arguments, **options) -> Fraction | None:
    return priced(*arguments, **options).total.excl
