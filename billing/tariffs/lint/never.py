"""Rules about restrictions: those that never hold, and those that two people read in two ways."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from billing.tariffs.lint.finding import Finding, error, warning
from billing.tariffs.lint.told import Told
from billing.tariffs.model import Dimension, Element, Restrictions, Tariff

# The names of the model, and those of the document.
RANGES: Final = (
    ("min_energy_wh", "max_energy_wh", "min_kwh", "max_kwh"),
    ("min_current_a", "max_current_a", "min_current", "max_current"),
    ("min_power_w", "max_power_w", "min_power", "max_power"),
    ("min_duration_s", "max_duration_s", "min_duration", "max_duration"),
)
WEEK: Final = 7
DAY: Final = timedelta(days=1)


def _restricted(tariff: Tariff) -> Iterator[tuple[str, Element, Restrictions]]:
    for number, element in enumerate(tariff.elements):
        if element.restrictions is not None:
            yield f"$.elements[{number}].restrictions", element, element.restrictions


def dates_leave_a_day(told: Told) -> Iterator[Finding]:
    """Find an end_date, which is exclusive, that is not behind start_date."""
    for path, _, rules in _restricted(told.tariff):
        if rules.start_date and rules.end_date and rules.end_date <= rules.start_date:
            yield error("dates_never", f"{path}.end_date")


def dates_lie_in_the_tariffs_time(told: Told) -> Iterator[Finding]:
    """Find dates that miss the tariff's days, wherever on earth."""
    for path, _, rules in _restricted(told.tariff):
        starts_at, ends_at = told.tariff.starts_at, told.tariff.ends_at
        if ends_at and rules.start_date and rules.start_date > ends_at.date() + DAY:
            yield error("dates_outside", f"{path}.start_date")
        elif starts_at and rules.end_date and rules.end_date < starts_at.date() - DAY:
            yield error("dates_outside", f"{path}.end_date")


def weekdays_lie_between_the_dates(told: Told) -> Iterator[Finding]:
    """Find two dates with none of the named weekdays between them."""
    for path, _, rules in _restricted(told.tariff):
        if not (rules.weekdays and rules.start_date and rules.end_date):
            continue
        days = _weekdays_between(rules.start_date, rules.end_date)
        if days and not days & rules.weekdays:
            yield error("weekday_never", f"{path}.day_of_week")


def _weekdays_between(first: date, end: date) -> set[int]:
    return {(first.weekday() + day) % WEEK for day in range(min((end - first).days, WEEK))}


def weekdays_are_named(told: Told) -> Iterator[Finding]:
    """Find an empty list of weekdays: every day to one reader, never to another."""
    for number, element in enumerate(told.document["elements"]):
        if (element.get("restrictions") or {}).get("day_of_week") == []:
            yield error("empty_weekdays", f"$.elements[{number}].restrictions.day_of_week")


def ranges_hold_something(told: Told) -> Iterator[Finding]:
    """Find a minimum, inclusive, and a maximum, exclusive, with nothing between."""
    for path, _, rules in _restricted(told.tariff):
        for least, most, low, high in RANGES:
            top = getattr(rules, most)
            if top is not None and top <= (getattr(rules, least) or 0):
                yield error("range_never", f"{path}.{high}", low=low, high=high)


def clocks_differ(told: Told) -> Iterator[Finding]:
    """Find a start that is the end: the whole day to us and nothing to others."""
    for number, element in enumerate(told.document["elements"]):
        rules = element.get("restrictions") or {}
        start = rules.get("start_time")
        if start is not None and start == rules.get("end_time"):
            yield warning("whole_day", f"$.elements[{number}].restrictions.end_time")


def grace_is_not_said_by_duration(told: Told) -> Iterator[Finding]:
    """Find free parking that whoever charges for longer never gets."""
    for path, element, rules in _restricted(told.tariff):
        priced = [each for each in element.components if each.dimension is Dimension.PARKING_TIME]
        if priced and priced[0].price and rules.min_duration_s:
            seconds = str(rules.min_duration_s)
            where = f"{path}.min_duration"
            yield warning("grace_period_parking_time", where, seconds=seconds)
