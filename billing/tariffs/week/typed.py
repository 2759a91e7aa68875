"""What was typed into the week's form: texts into exact numbers, or a problem at its field."""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Final

from billing.tariffs.week.model import DAYS, HOURS, LETTERS, Level, WeekForm
from billing.tariffs.writing import decimal_text


def gettext_noop(text: str) -> str:
    """Mark a text for translation and return it unchanged."""
    return text


NOT_A_NUMBER: Final = gettext_noop("Write a number of 0 or more, such as 4.90.")
TOO_LARGE: Final = gettext_noop("Write a number below 100,000 with at most six decimals.")
NOT_MINUTES: Final = gettext_noop("Write whole minutes, at most 1,440.")
NOT_A_WEEK: Final = gettext_noop("Every hour of the week needs a level.")
NO_LEVEL: Final = gettext_noop("The week is painted with this level: give it a price.")
NOT_A_CURRENCY: Final = gettext_noop("Write an ISO 4217 code, such as SEK.")
NO_PRICE: Final = gettext_noop("Nothing has a price. Give level A one, 0 if it is free.")
MOST: Final = 100_000
MOST_DECIMALS: Final = 6
MOST_MINUTES: Final = 24 * 60
LANGUAGES: Final = ("sv", "en")


class Problems(ValueError):
    """What cannot be used: a template of words for each field."""

    def __init__(self, by_field: Mapping[str, str]) -> None:
        super().__init__(", ".join(by_field))
        self.by_field = dict(by_field)


def read_typed(typed: Mapping[str, str]) -> WeekForm:
    """Return what a form says; raises Problems, all of them at once."""
    problems: dict[str, str] = {}
    week = tuple(typed.get(f"day_{number}", "").strip().upper() for number in range(DAYS))
    if any(len(day) != HOURS or set(day) - set(LETTERS) for day in week):
        problems["week"] = NOT_A_WEEK
    levels = _levels(typed, "".join(week), problems)
    currency = typed.get("currency", "").strip().upper()
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        problems["currency"] = NOT_A_CURRENCY
    numbers = {
        name: _amount(typed, name, problems)
        for name in ("vat", "start_fee", "idle_per_minute", "idle_cap", "least", "most")
    }
    grace = _minutes(typed, problems)
    if problems:
        raise Problems(problems)
    return WeekForm(
        currency=currency,
        levels=levels,
        week=week,
        vat=numbers["vat"],
        is_tax_included=typed.get("tax") != "excluded",
        start_fee=numbers["start_fee"] or None,
        idle_per_minute=numbers["idle_per_minute"] or None,
        idle_grace_min=grace,
        idle_cap=numbers["idle_cap"],
        least=numbers["least"],
        most=numbers["most"],
        texts=tuple((language, typed.get(f"text_{language}", "")) for language in LANGUAGES),
    )


def typed_of(form: WeekForm) -> dict[str, str]:
    """Return a form's fields as they are typed."""
    told = {f"day_{number}": day for number, day in enumerate(form.week)}
    for letter, level in zip(LETTERS, form.levels, strict=False):
        told[f"level_{letter}"] = _text(level.per_kwh)
        told[f"minute_{letter}"] = _text(level.per_minute)
    for name in ("vat", "start_fee", "idle_per_minute", "idle_cap", "least", "most"):
        told[name] = _text(getattr(form, name))
    told |= {f"text_{language}": text for language, text in form.texts}
    return told | {
        "currency": form.currency,
        "tax": "included" if form.is_tax_included else "excluded",
        "idle_grace": str(form.idle_grace_min or ""),
    }


def _levels(typed: Mapping[str, str], painted: str, problems: dict[str, str]) -> tuple[Level, ...]:
    """Return the levels up to the last that is used; the week's letters point into them."""
    found = {letter: level for letter, level in _each_level(typed, problems)}
    for letter in sorted(set(painted) & set(LETTERS)):
        if found[letter] == Level(None, None) and f"level_{letter}" not in problems:
            problems[f"level_{letter}"] = NO_PRICE if letter == "A" else NO_LEVEL
    used = [letter for letter in LETTERS if letter in painted or found[letter] != Level(None)]
    last = LETTERS.index(used[-1]) + 1 if used else 1
    return tuple(found[letter] for letter in LETTERS[:last])


def _each_level(typed: Mapping[str, str], problems: dict[str, str]) -> Iterator[tuple[str, Level]]:
    for letter in LETTERS:
        per_kwh = _amount(typed, f"level_{letter}", problems)
        yield letter, Level(per_kwh, _amount(typed, f"minute_{letter}", problems))


def _amount(typed: Mapping[str, str], name: str, problems: dict[str, str]) -> Fraction | None:
    raw = "".join(typed.get(name, "").split()).replace(",", ".")
    if not raw:
        return None
    try:
        value = Decimal(raw)
    except InvalidOperation:
        problems[name] = NOT_A_NUMBER
        return None
    if not value.is_finite() or value < 0:
        problems[name] = NOT_A_NUMBER
        return None
    exponent = value.as_tuple().exponent
    if value >= MOST or (isinstance(exponent, int) and exponent < -MOST_DECIMALS):
        problems[name] = TOO_LARGE
        return None
    return Fraction(value)


def _minutes(typed: Mapping[str, str], problems: dict[str, str]) -> int:
    raw = typed.get("idle_grace", "").strip()
    if not raw:
        return 0
    if not (raw.isascii() and raw.isdecimal() and len(raw) < 5 and int(raw) <= MOST_MINUTES):
        problems["idle_grace"] = NOT_MINUTES
        return 0
    return int(raw)


def _text(value: Fraction | None) -> str:
    return "" if value is None else decimal_text(value)
