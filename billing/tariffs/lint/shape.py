"""Whether a document has the shape of an OCPI tariff: every key, every value, each on its own."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from billing.tariffs import ocpi, reading
from billing.tariffs.lint.finding import Finding, error, warning
from billing.tariffs.model import Dimension, ReservationRule, TaxIncluded

Walker = Callable[[object, str], Iterable[Finding]]
# Two letters that changed places in a word of three are two thirds alike.
NEAR: Final = 0.6


@dataclass(frozen=True, slots=True)
class _Value:
    """A value that one reader reads, and the words for one that it refuses."""

    read: Callable[[Any, str], object]
    words: str
    allowed: str = ""

    def __call__(self, value: object, where: str) -> Iterator[Finding]:
        """Yield what is wrong with the value."""
        try:
            self.read(value, where)
        except reading.Refused as refusal:
            yield error(self.words, refusal.where, allowed=self.allowed)


def lint_shape(document: object) -> Iterator[Finding]:
    """Yield every key that is unknown or missing and every value that cannot be read."""
    yield from _object(document, "$", TARIFF, ("currency", "elements"))
    if not isinstance(document, Mapping):
        return
    for key in ocpi.EXPECTED_KEYS:
        if document.get(key) is None:
            yield warning("required_field", "$", part=key, key=key)
    limits = (document.get("min_price"), document.get("max_price"))
    says_taxes = any(isinstance(each, Mapping) and "before_taxes" in each for each in limits)
    if says_taxes and document.get("tax_included") is None:
        yield warning("required_field", "$", part="tax_included", key="tax_included")


def nearest_key(key: str, known: Iterable[str]) -> str | None:
    """Return the key somebody meant: dayOfWeek is day_of_week, restriction is restrictions."""
    plain = {_plain(each): each for each in known}
    said = _plain(key)
    found = [word for word in plain if said and word.startswith(said)]
    found = found or difflib.get_close_matches(said, plain, n=1, cutoff=NEAR)
    return plain[found[0]] if found else None


def _plain(key: str) -> str:
    return key.replace("_", "").replace("-", "").lower()


def _object(
    value: object, where: str, walkers: Mapping[str, Walker], required: Iterable[str] = ()
) -> Iterator[Finding]:
    if not isinstance(value, Mapping):
        yield error("value.object", where, allowed=", ".join(walkers))
        return
    for key, each in value.items():
        if key not in walkers:
            yield _unknown(key, where, set(walkers) - set(value))
        elif each is not None:
            yield from walkers[key](each, f"{where}.{key}")
    for key in required:
        if value.get(key) is None:
            yield error("required_field", where, part=key, key=key)


def _unknown(key: str, where: str, free: Iterable[str]) -> Finding:
    nearest = nearest_key(key, sorted(free))
    path = f"{where}.{key}"
    if nearest is None:
        return error("unknown_key", path, key=key)
    return error("misspelled_key", path, key=key, nearest=nearest)


def _list(value: object, where: str, walk: Walker, *, may_be_empty: bool) -> Iterator[Finding]:
    if not isinstance(value, list) or not (value or may_be_empty):
        yield error("value.list", where)
        return
    for number, each in enumerate(value):
        yield from walk(each, f"{where}[{number}]")


def _choice(choices: type[Enum]) -> _Value:
    known = ", ".join(str(member.value) for member in choices)
    return _Value(
        lambda value, where: reading.as_choice(value, where, choices), "value.choice", known
    )


def _element(value: object, where: str) -> Iterator[Finding]:
    return _object(value, where, ELEMENT, ("price_components",))


def _elements(value: object, where: str) -> Iterator[Finding]:
    return _list(value, where, _element, may_be_empty=False)


def _component(value: object, where: str) -> Iterator[Finding]:
    return _object(value, where, COMPONENT, ("type", "price", "step_size"))


def _components(value: object, where: str) -> Iterator[Finding]:
    return _list(value, where, _component, may_be_empty=False)


def _restrictions(value: object, where: str) -> Iterator[Finding]:
    return _object(value, where, RESTRICTIONS)


def _weekdays(value: object, where: str) -> Iterator[Finding]:
    return _list(value, where, _choice(ocpi.Weekday), may_be_empty=True)


def _price(value: object, where: str) -> Iterator[Finding]:
    """Yield what is wrong with a price; one below 0 has words of its own."""
    found = list(NUMBER(value, where))
    if not found and reading.as_number(value, where) < 0:
        found = [error("negative_price", where, price=value)]
    yield from found


def _limit(value: object, where: str) -> Iterator[Finding]:
    old, new = ("excl_vat", "incl_vat"), ("before_taxes", "after_taxes")
    names = new if isinstance(value, Mapping) and not set(value).isdisjoint(new) else old
    found = list(_object(value, where, dict.fromkeys(names, COUNT), names[:1]))
    yield from found
    if not found and isinstance(value, Mapping) and value.get(names[1]) is not None:
        excl, incl = (reading.as_number(value[name], where) for name in names)
        if incl < excl:
            yield error("limit_tax", where)


def _alt_text(value: object, where: str) -> Iterator[Finding]:
    return _object(value, where, {"language": TEXT, "text": TEXT}, ("language", "text"))


def _alt_texts(value: object, where: str) -> Iterator[Finding]:
    return _list(value, where, _alt_text, may_be_empty=True)


def _anything(_value: object, _where: str) -> Iterator[Finding]:
    return iter(())


def _energy_mix(value: object, where: str) -> Iterator[Finding]:
    keys = (*ocpi.ENERGY_MIX_KEYS, "energy_product_name")
    return _object(value, where, dict.fromkeys(keys, _anything), ("is_green_energy",))


NUMBER: Final = _Value(reading.as_number, "value.number")
COUNT: Final = _Value(reading.as_count, "value.count")
WHOLE: Final = _Value(reading.as_whole, "value.whole")
TEXT: Final = _Value(reading.as_text, "value.text")
INSTANT: Final = _Value(reading.as_instant, "value.instant")
CLOCK: Final = _Value(reading.as_clock, "value.clock")
DAY: Final = _Value(reading.as_day, "value.day")

COMPONENT: Final[Mapping[str, Walker]] = {
    "type": _choice(Dimension),
    "price": _price,
    "vat": COUNT,
    "step_size": WHOLE,
}
RESTRICTIONS: Final[Mapping[str, Walker]] = {
    **dict.fromkeys(("start_time", "end_time"), CLOCK),
    **dict.fromkeys(("start_date", "end_date"), DAY),
    **dict.fromkeys(("min_kwh", "max_kwh", "min_current", "max_current"), COUNT),
    **dict.fromkeys(("min_power", "max_power", "min_duration", "max_duration"), COUNT),
    "day_of_week": _weekdays,
    "reservation": _choice(ReservationRule),
}
ELEMENT: Final[Mapping[str, Walker]] = {
    "price_components": _components,
    "restrictions": _restrictions,
}
TARIFF: Final[Mapping[str, Walker]] = {
    **dict.fromkeys(("country_code", "party_id", "id", "currency", "tariff_alt_url"), TEXT),
    **dict.fromkeys(("start_date_time", "end_date_time", "last_updated"), INSTANT),
    **dict.fromkeys(("min_price", "max_price"), _limit),
    "type": _choice(ocpi.TariffType),
    "tax_included": _choice(TaxIncluded),
    "tariff_alt_text": _alt_texts,
    "energy_mix": _energy_mix,
    "preauthorize_amount": COUNT,
    "elements": _elements,
}
