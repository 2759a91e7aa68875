"""The week's form as the editor draws it: fields with their problems, and the painted hours."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from billing.models import TariffDraft
from billing.tariffs import own_document, reading
from billing.tariffs.ocpi_document import Identity
from billing.tariffs.week import typed as week_typed
from billing.tariffs.week.model import DAYS, HOURS, LETTERS, Unpaintable, painted, runs_of
from billing.tariffs.week.reading import read_week
from billing.tariffs.week.writing import write_week
from billing.tariffs.writing import instant_text
from chargenet.core import formats
from chargenet.dashboard.queries.tariffs import Reading

LAST_HOUR = 24


@dataclass(frozen=True)
class LevelRow:
    """One price level of the form."""

    letter: str
    per_kwh: str
    per_minute: str
    problem: str
    hours: int


@dataclass(frozen=True)
class DayRow:
    """One day of the painted week."""

    number: int
    name: str
    letters: str
    runs: list[str]


@dataclass(frozen=True)
class WeekPage:
    """The form as a page draws it; `unpaintable` says why it can only be told as JSON."""

    values: Mapping[str, str]
    problems: Mapping[str, str]
    levels: list[LevelRow]
    days: list[DayRow]
    unpaintable: str = ""

    @property
    def hours(self) -> list[int]:
        """Return the hours of a day."""
        return list(range(HOURS))

    @property
    def ends(self) -> list[int]:
        """Return the hours at which a stretch may end."""
        return list(range(1, LAST_HOUR + 1))


def form_of(
    read: Reading, typed: Mapping[str, str] | None, problems: Mapping[str, str]
) -> WeekPage:
    """Return the form with what was typed, else with what the draft says."""
    values: Mapping[str, str] = typed or {}
    if typed is None:
        if read.tariff is None:
            return WeekPage({}, problems, [], [], read.problem)
        try:
            form = read_week(read.tariff, _texts(read.text))
        except Unpaintable as error:
            return WeekPage({}, problems, [], [], _(error.template))
        values = week_typed.typed_of(form)
        if formats.is_swedish():
            values = {name: _comma(name, value) for name, value in values.items()}
    week = [values.get(f"day_{number}", "A" * HOURS) for number in range(DAYS)]
    return WeekPage(values, problems, _levels(values, problems, week), _days(week))


def paint(typed: Mapping[str, str], days: Iterable[str]) -> dict[str, str]:
    """Return the days of a form with one more stretch; nonsense paints nothing."""
    chosen = frozenset(int(day) for day in days if day in {str(each) for each in range(DAYS)})
    level = typed.get("paint_level", "")
    start, end = (_hour(typed.get(name, "")) for name in ("paint_from", "paint_to"))
    week = tuple(typed.get(f"day_{number}", "") for number in range(DAYS))
    if level not in LETTERS or not level or start is None or end is None or start == end:
        return {}
    if any(len(day) != HOURS for day in week):
        return {}
    done = painted(week, level, days=chosen, start=start % HOURS, end=end)
    return {f"day_{number}": day for number, day in enumerate(done)}


def text_of(typed: Mapping[str, str], draft: TariffDraft, as_of: datetime) -> str:
    """Return the JSON of what was typed; raises Problems."""
    form = week_typed.read_typed(typed)
    identity = Identity(
        country_code=draft.operator.country or "SE",
        party_id=party_of(draft.operator.slug),
        id=draft.code,
        last_updated=instant_text(as_of.replace(microsecond=0)),
    )
    return own_document.write_text(write_week(form, identity).document)


def party_of(slug: str) -> str:
    """Return three letters that name an operator to its partners."""
    letters = "".join(each for each in slug.upper() if each.isascii() and each.isalnum())
    return letters[:3].ljust(3, "X")


def _comma(name: str, value: str) -> str:
    return value if name.startswith(("day_", "text_")) else value.replace(".", ",")


def _texts(text: str) -> list[tuple[str, str]]:
    try:
        document = own_document.as_own(own_document.parse_text(text))
    except reading.Refused:
        return []
    listed = document["tariff"].get("tariff_alt_text") or []
    return [(str(each.get("language", "")), str(each.get("text", ""))) for each in listed]


def _levels(
    values: Mapping[str, str], problems: Mapping[str, str], week: list[str]
) -> list[LevelRow]:
    painted_letters = "".join(week)
    return [
        LevelRow(
            letter=letter,
            per_kwh=values.get(f"level_{letter}", ""),
            per_minute=values.get(f"minute_{letter}", ""),
            problem=problems.get(f"level_{letter}") or problems.get(f"minute_{letter}", ""),
            hours=painted_letters.count(letter),
        )
        for letter in LETTERS
    ]


def _days(week: list[str]) -> list[DayRow]:
    return [
        DayRow(
            number=number,
            name=str(WEEKDAYS[number]),
            letters=day,
            runs=[f"{start:02}–{end:02} {letter}" for start, end, letter in runs_of(day)],
        )
        for number, day in enumerate(week)
    ]


def _hour(raw: str) -> int | None:
    is_hour = raw.isascii() and raw.isdecimal() and len(raw) < 3 and int(raw) <= LAST_HOUR
    return int(raw) if is_hour else None
