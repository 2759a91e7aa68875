"""Writing a painted week as a tariff: OCPI's elements, and our idle fee where it has a grace."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from billing.tariffs.model import Dimension
from billing.tariffs.ocpi import WEEKDAYS
from billing.tariffs.ocpi_document import Identity, number
from billing.tariffs.week.model import DAYS, HOURS, LETTERS, Level, SpotPart, WeekForm, runs_of

MINUTES_PER_HOUR: Final = 60
S_PER_MINUTE: Final = 60
HUNDRED: Final = 100
EVERY_DAY: Final = tuple(range(DAYS))
Stretch = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Written:
    """A tariff's document as `billing.tariffs.native.reading` takes it, and its fields.

    The fields say, for each element, which field of the form it came from.
    """

    document: dict[str, Any]
    fields: tuple[str, ...]


def write_week(form: WeekForm, identity: Identity) -> Written:
    """Return a painted week as a document, numbers as Decimal."""
    elements, fields = [], []
    for letter, rules in _places(form):
        level = form.levels[LETTERS.index(letter)]
        if not _components(form, level):
            continue  # the exchange prices the energy, and nothing the minutes
        element: dict[str, Any] = {"price_components": _components(form, level)}
        elements.append(element | ({"restrictions": rules} if rules else {}))
        fields.append(f"level_{letter}")
    if form.idle_per_minute is not None and not _is_own_idle(form):
        price = form.idle_per_minute * MINUTES_PER_HOUR
        component = _component(form, Dimension.PARKING_TIME, price)
        component["step_size"] = S_PER_MINUTE if form.is_idle_by_minute else 1
        elements.append({"price_components": [component]})
        fields.append("idle_per_minute")
    if form.start_fee is not None:
        component = _component(form, Dimension.FLAT, form.start_fee)
        elements.append({"price_components": [component]})
        fields.append("start_fee")
    told = _head(form, identity) | {"elements": elements, "last_updated": identity.last_updated}
    document: dict[str, Any] = {"tariff": told}
    if _is_own_idle(form):
        document["idle_fee"] = _idle_fee(form)
    if form.spot is not None:
        document["spot"] = _spot(form, form.spot)
    if form.most_per_day is not None:
        document["max_per_day"] = _limit(form, form.most_per_day)
    return Written(document, tuple(fields))


def _head(form: WeekForm, identity: Identity) -> dict[str, Any]:
    told: dict[str, Any] = {
        "country_code": identity.country_code,
        "party_id": identity.party_id,
        "id": identity.id,
        "currency": form.currency,
        "tax_included": "YES" if form.is_tax_included else "NO",
    }
    texts = [{"language": language, "text": text} for language, text in form.texts if text]
    if texts:
        told["tariff_alt_text"] = texts
    for key, limit in (("min_price", form.least), ("max_price", form.most)):
        if limit is not None:
            told[key] = _limit(form, limit)
    return told


def _limit(form: WeekForm, limit: Fraction) -> dict[str, Any]:
    factor = 1 + (form.vat or Fraction(0)) / HUNDRED
    excl, incl = (limit / factor, limit) if form.is_tax_included else (limit, limit * factor)
    return {"before_taxes": number(excl), "after_taxes": number(incl)}


def _components(form: WeekForm, level: Level) -> list[dict[str, Any]]:
    """Return what a level costs; a kind that any level prices is priced in each, or it is lost."""
    found = []
    if form.spot is None and any(each.per_kwh is not None for each in form.levels):
        found.append(_component(form, Dimension.ENERGY, level.per_kwh or Fraction(0)))
    if any(each.per_minute is not None for each in form.levels):
        per_hour = (level.per_minute or Fraction(0)) * MINUTES_PER_HOUR
        found.append(_component(form, Dimension.TIME, per_hour))
    return found


def _component(form: WeekForm, dimension: Dimension, price: Fraction) -> dict[str, Any]:
    told: dict[str, Any] = {"type": dimension.value, "price": number(price)}
    if form.vat is not None:
        told["vat"] = number(form.vat)
    return told | {"step_size": 1}


def _is_own_idle(form: WeekForm) -> bool:
    """Return whether OCPI cannot say the idle fee: with a grace, with a cap or with hours."""
    parts = (form.idle_cap, form.idle_start, form.idle_end)
    has_more = form.idle_grace_min > 0 or any(each is not None for each in parts)
    return form.idle_per_minute is not None and has_more


def _idle_fee(form: WeekForm) -> dict[str, Any]:
    assert form.idle_per_minute is not None, "asked for where there is one"
    told: dict[str, Any] = {"price_per_minute": number(form.idle_per_minute)}
    if form.vat is not None:
        told["vat"] = number(form.vat)
    told["grace_s"] = form.idle_grace_min * 60
    if form.idle_cap is not None:
        told["cap"] = _limit(form, form.idle_cap)
    for key, clock in (("start_time", form.idle_start), ("end_time", form.idle_end)):
        if clock is not None:
            told[key] = f"{clock:%H:%M}"
    return told


def _spot(form: WeekForm, part: SpotPart) -> dict[str, Any]:
    told: dict[str, Any] = {"markup": number(part.markup), "grid_fee": number(part.grid_fee)}
    if form.vat is not None:
        told["vat"] = number(form.vat)
    if part.least is None:
        return told | {"may_be_negative": True}
    return told | {"least": number(part.least)}


def _places(form: WeekForm) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each element's letter and restrictions; the commonest comes last, without."""
    counts = Counter("".join(form.week))
    common = max(sorted(counts), key=lambda letter: counts[letter])
    for letter in sorted(set(counts) - {common}):
        by_days: dict[tuple[int, ...], set[Stretch]] = defaultdict(set)
        for stretch, days in _days_of(form, letter).items():
            by_days[days].add(stretch)
        for days, stretches in sorted(by_days.items()):
            for start, end in sorted(_over_midnight(stretches)):
                yield letter, _restrictions(days, start, end)
    yield common, {}


def _days_of(form: WeekForm, letter: str) -> dict[Stretch, tuple[int, ...]]:
    found: dict[Stretch, list[int]] = defaultdict(list)
    for number_of_day, day in enumerate(form.week):
        for start, end, painted in runs_of(day):
            if painted == letter:
                found[start, end].append(number_of_day)
    return {stretch: tuple(days) for stretch, days in found.items()}


def _over_midnight(stretches: set[Stretch]) -> set[Stretch]:
    """Return stretches of the same days; an evening and the small hours become one."""
    late = next((each for each in stretches if each[1] == HOURS and each[0] > 0), None)
    early = next((each for each in stretches if each[0] == 0 and each[1] < HOURS), None)
    if late is None or early is None:
        return stretches
    return (stretches - {late, early}) | {(late[0], early[1])}


def _restrictions(days: tuple[int, ...], start: int, end: int) -> dict[str, Any]:
    rules: dict[str, Any] = {}
    if (start, end) != (0, HOURS):
        rules |= {"start_time": f"{start:02}:00", "end_time": f"{end % HOURS:02}:00"}
    if days != EVERY_DAY:
        rules["day_of_week"] = [WEEKDAYS[day].value for day in days]
    return rules
