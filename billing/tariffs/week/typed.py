"""What was typed into the week's form: texts into exact numbers, or a problem at its field."""

import re
from collections.abc import Iterator, Mapping
from datetime import time
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Final

from billing.tariffs.week.model import DAYS, HOURS, LETTERS, Level, SpotPart, WeekForm
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
NOT_A_TIME: Final = gettext_noop("Write a time of day such as 07:00.")
NOT_BY_MINUTE: Final = gettext_noop(
    "Begun minutes cannot go with free minutes, a cap or hours. Choose by the second."
)
NO_IDLE_PRICE: Final = gettext_noop("Give the fee for standing a price, or leave this empty.")
NO_PRICE: Final = gettext_noop("Nothing has a price. Give level A one, 0 if it is free.")
MOST: Final = 100_000
MOST_DECIMALS: Final = 6
MOST_MINUTES: Final = 24 * 60
AMOUNTS: Final = (
    *("vat", "start_fee", "idle_per_minute", "idle_cap", "least", "most", "most_per_day"),
    *("spot_markup", "spot_grid_fee", "spot_least"),
)
IDLE_EXTRAS: Final = {
    "idle_grace_min": "idle_grace",
    "idle_cap": "idle_cap",
    "idle_start": "idle_start",
    "idle_end": "idle_end",
}
CLOCK: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
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
    numbers = {name: _amount(typed, name, problems) for name in AMOUNTS}
    idle = _idle(typed, numbers, problems)
    if problems:
        raise Problems(problems)
    return WeekForm(
        currency=currency,
        levels=levels,
        week=week,
        vat=numbers["vat"],
        is_tax_included=typed.get("tax") != "excluded",
        start_fee=numbers["start_fee"] or None,
        least=numbers["least"],
        most=numbers["most"],
        most_per_day=numbers["most_per_day"],
        spot=_spot(typed, numbers),
        texts=tuple((language, typed.get(f"text_{language}", "")) for language in LANGUAGES),
        **idle,
    )


def _spot(typed: Mapping[str, str], numbers: Mapping[str, Fraction | None]) -> SpotPart | None:
    if typed.get("energy") != "spot":
        return None
    nothing = Fraction(0)
    least = None if typed.get("spot_negative") else numbers["spot_least"] or nothing
    markup, grid_fee = (numbers[name] or nothing for name in ("spot_markup", "spot_grid_fee"))
    return SpotPart(markup, grid_fee, least)


def _idle(
    typed: Mapping[str, str], numbers: Mapping[str, Fraction | None], problems: dict[str, str]
) -> dict[str, Any]:
    """Return the fee for standing as the form keeps it."""
    found: dict[str, Any] = {
        "idle_per_minute": numbers["idle_per_minute"] or None,
        "idle_grace_min": _minutes(typed, problems),
        "idle_cap": numbers["idle_cap"],
        "idle_start": _clock(typed, "idle_start", problems),
        "idle_end": _clock(typed, "idle_end", problems),
    }
    by_minute = typed.get("idle_step") == "minute"
    extra = {name: typed_name for name, typed_name in IDLE_EXTRAS.items() if found[name]}
    if found["idle_per_minute"] is None and "idle_per_minute" not in problems:
        problems |= {each: NO_IDLE_PRICE for each in extra.values() if each not in problems}
    elif by_minute and extra:
        problems["idle_step"] = NOT_BY_MINUTE
    return found | {"is_idle_by_minute": by_minute and found["idle_per_minute"] is not None}


def _clock(typed: Mapping[str, str], name: str, problems: dict[str, str]) -> time | None:
    raw = typed.get(name, "").strip()[:5]
    if not raw:
        return None
    if not CLOCK.fullmatch(raw):
        problems[name] = NOT_A_TIME
        return None
    found = time.fromisoformat(raw)
    # Midnight is the end of a day, and the beginning of one: no bound at all.
    return None if found == time(0) else found


def typed_of(form: WeekForm) -> dict[str, str]:
    """Return a form's fields as they are typed."""
    told = {f"day_{number}": day for number, day in enumerate(form.week)}
    for letter, level in zip(LETTERS, form.levels, strict=False):
        told[f"level_{letter}"] = _text(level.per_kwh)
        told[f"minute_{letter}"] = _text(level.per_minute)
    for name in AMOUNTS:
        told[name] = "" if name.startswith("spot_") else _text(getattr(form, name))
    told |= _typed_spot(form.spot)
    told |= {f"text_{language}": text for language, text in form.texts}
    return told | {
        "currency": form.currency,
        "tax": "included" if form.is_tax_included else "excluded",
        "idle_grace": str(form.idle_grace_min or ""),
        "idle_start": "" if form.idle_start is None else f"{form.idle_start:%H:%M}",
        "idle_end": "" if form.idle_end is None else f"{form.idle_end:%H:%M}",
        "idle_step": "minute" if form.is_idle_by_minute else "second",
    }


def _typed_spot(part: SpotPart | None) -> dict[str, str]:
    if part is None:
        return {"energy": "painted"}
    return {
        "energy": "spot",
        "spot_markup": _text(part.markup),
        "spot_grid_fee": _text(part.grid_fee),
        "spot_least": _text(part.least or None),
        "spot_negative": "" if part.least is not None else "1",
    }


def _levels(typed: Mapping[str, str], painted: str, problems: dict[str, str]) -> tuple[Level, ...]:
    """Return the levels up to the last that is used; the week's letters point into them."""
    found = {letter: level for letter, level in _each_level(typed, problems)}
    is_spot = typed.get("energy") == "spot"
    for letter in sorted(set(painted) & set(LETTERS)) if not is_spot else ():
        if found[letter] == Level(None, None) and f"level_{letter}" not in problems:
            problems[f"level_{letter}"] = NO_PRICE if letter == "A" else NO_LEVEL
    used = [letter for letter in LETTERS if letter in painted or found[letter] != Level(None)]
    last = LETTERS.index(used[-1]) + 1 if used else 1
    return tuple(found[letter] for letter in LETTERS[:last])


def _each_level(typed: Mapping[str, str], problems: dict[str, str]) -> Iterator[tuple[str, Level]]:
    for letter in LETTERS:
        is_spot = typed.get("energy") == "spot"
        per_kwh = None if is_spot else _amount(typed, f"level_{letter}", problems)
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
