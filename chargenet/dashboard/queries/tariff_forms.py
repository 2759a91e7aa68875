"""The week's form as the editor draws it: fields with their problems, and the painted hours."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from billing.models import TariffDraft
from billing.queries import markets
from billing.tariffs import own_document
from billing.tariffs.ocpi_document import Identity
from billing.tariffs.week import typed as week_typed
from billing.tariffs.week.model import DAYS, HOURS, LETTERS, Unpaintable, painted, runs_of
from billing.tariffs.week.reading import read_week
from billing.tariffs.week.writing import write_week
from billing.tariffs.writing import instant_text
from chargenet.core import formats
from chargenet.dashboard.queries import tariff_remarks
from chargenet.dashboard.queries.tariffs import Reading

LAST_HOUR, FEWEST_LEVELS = 24, 3
SINGLE = (
    *week_typed.AMOUNTS,
    *("currency", "idle_grace", "idle_start", "idle_end", "idle_step", "text_sv", "text_en"),
    "spot_area",
)
AREAS = ("SE1", "SE2", "SE3", "SE4")
# What the form neither shows nor changes, and what names the tariff to partners.
KEPT = frozenset({"type", "tariff_alt_url", "energy_mix", "preauthorize_amount"})
NAMES = frozenset({"country_code", "party_id", "id"})


@dataclass(frozen=True)
class Field:
    """One field: what stands in it, what is wrong with it, and what the checks say of it."""

    name: str
    value: str
    problem: str
    remarks: list[str]


@dataclass(frozen=True)
class LevelRow:
    """One price level of the form."""

    letter: str
    per_kwh: str
    per_minute: str
    problem: str
    hours: int
    remarks: list[str]


@dataclass(frozen=True)
class DayRow:
    """One day of the painted week."""

    number: int
    name: str
    short: str
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
    areas: list[str] = field(default_factory=list)
    remarks: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def fields(self) -> dict[str, Field]:
        """Return the fields that stand alone, by name."""
        return {
            name: Field(
                name,
                self.values.get(name, ""),
                self.problems.get(name, ""),
                self.remarks.get(name, []),
            )
            for name in SINGLE
        }

    @property
    def hours(self) -> list[int]:
        """Return the hours of a day."""
        return list(range(HOURS))

    @property
    def ends(self) -> list[int]:
        """Return the hours at which a stretch may end."""
        return list(range(1, LAST_HOUR + 1))


def form_of(
    draft: TariffDraft,
    read: Reading,
    typed: Mapping[str, str] | None,
    problems: Mapping[str, str],
) -> WeekPage:
    """Return the form with what was typed, else with what the draft says."""
    areas = markets.areas_of(draft.operator_id)
    if typed is not None:
        return _page(typed, problems, areas, {})
    if read.tariff is None:
        return WeekPage({}, problems, [], [], read.problem)
    try:
        form = read_week(read.tariff, _texts(read.text))
    except Unpaintable as error:
        return WeekPage({}, problems, [], [], _(error.template))
    values = week_typed.typed_of(form) | {"spot_area": draft.spot_area}
    if formats.is_swedish():
        values = {name: _comma(name, value) for name, value in values.items()}
    return _page(values, problems, areas, tariff_remarks.by_field(form, draft))


def _page(
    values: Mapping[str, str],
    problems: Mapping[str, str],
    areas: list[str],
    remarks: Mapping[str, list[str]],
) -> WeekPage:
    week = [values.get(f"day_{number}", "A" * HOURS) for number in range(DAYS)]
    chosen = values.get("spot_area", "")
    known = sorted({*areas, *AREAS, chosen} - {""})
    return WeekPage(
        values=values,
        problems=problems,
        levels=_levels(values, problems, week, remarks),
        days=_days(week),
        areas=known,
        remarks=remarks,
    )


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
    """Return the JSON of what was typed, with what the form does not show as it was.

    Raises Problems.
    """
    form = week_typed.read_typed(typed)
    document = write_week(form, identity_of(draft, as_of)).document
    document["tariff"] = _kept(draft.text) | document["tariff"] | _names(draft.text)
    texts = [*document["tariff"].get("tariff_alt_text", []), *_other_texts(draft.text)]
    if texts:
        document["tariff"]["tariff_alt_text"] = texts
    return own_document.write_text(document)


def identity_of(draft: TariffDraft, as_of: datetime) -> Identity:
    """Return what names a price list to partners."""
    return Identity(
        country_code=draft.operator.country or "SE",
        party_id=party_of(draft.operator.slug),
        id=draft.code,
        last_updated=instant_text(as_of.replace(microsecond=0)),
    )


def party_of(slug: str) -> str:
    """Return three letters that name an operator to its partners."""
    letters = "".join(each for each in slug.upper() if each.isascii() and each.isalnum())
    return letters[:3].ljust(3, "X")


def _kept(text: str) -> dict[str, Any]:
    """Return what a tariff says that the form neither shows nor changes."""
    return {key: value for key, value in _listed(text).items() if key in KEPT}


def _names(text: str) -> dict[str, Any]:
    return {key: value for key, value in _listed(text).items() if key in NAMES and value}


def _other_texts(text: str) -> list[Any]:
    listed = _listed(text).get("tariff_alt_text") or []
    return [each for each in listed if each.get("language") not in week_typed.LANGUAGES]


def _listed(text: str) -> Mapping[str, Any]:
    """Return OCPI's part of a draft; it was read when it was saved."""
    listed: Mapping[str, Any] = own_document.as_own(own_document.parse_text(text))["tariff"]
    return listed


def _comma(name: str, value: str) -> str:
    is_word = name.startswith(("day_", "text_", "spot_area"))
    return value if is_word else value.replace(".", ",")


def _texts(text: str) -> list[tuple[str, str]]:
    listed = _listed(text).get("tariff_alt_text") or []
    return [(str(each.get("language", "")), str(each.get("text", ""))) for each in listed]


def _levels(
    values: Mapping[str, str],
    problems: Mapping[str, str],
    week: list[str],
    remarks: Mapping[str, list[str]],
) -> list[LevelRow]:
    painted_letters = "".join(week)
    used = [letter for letter in LETTERS if letter in painted_letters or _told(values, letter)]
    last = LETTERS.index(used[-1]) if used else 0
    return [
        LevelRow(
            letter=letter,
            per_kwh=values.get(f"level_{letter}", ""),
            per_minute=values.get(f"minute_{letter}", ""),
            problem=problems.get(f"level_{letter}") or problems.get(f"minute_{letter}", ""),
            hours=painted_letters.count(letter),
            remarks=remarks.get(f"level_{letter}", []),
        )
        for letter in LETTERS[: max(last + 2, FEWEST_LEVELS)]
    ]


def _told(values: Mapping[str, str], letter: str) -> bool:
    return bool(values.get(f"level_{letter}") or values.get(f"minute_{letter}"))


def _days(week: list[str]) -> list[DayRow]:
    return [
        DayRow(
            number=number,
            name=str(WEEKDAYS[number]),
            short=str(WEEKDAYS_ABBR[number]),
            letters=day,
            runs=[f"{start:02}–{end:02} {letter}" for start, end, letter in runs_of(day)],
        )
        for number, day in enumerate(week)
    ]


def _hour(raw: str) -> int | None:
    is_hour = raw.isascii() and raw.isdecimal() and len(raw) < 3 and int(raw) <= LAST_HOUR
    return int(raw) if is_hour else None
