"""The thresholds of a trial: what each rule comes with, some of them changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from faults import rules
from faults.rules import thresholds
from faults.rules.protocol import Rule

# {"F01": {"fires_after": 900}}, durations in seconds.
Changed = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Tuned:
    """Thresholds by code: of the rules of stations, and of the wide ones."""

    own: Mapping[str, Any]
    wide: Mapping[str, Any]


def tuned_rules(asked: Iterable[Rule], changed: Changed) -> Tuned:
    """Return the thresholds of every rule, some of them changed; raises ThresholdsRefused.

    A fault with two rules, of stations and of sites, takes each value for those that know it.
    """
    own: dict[str, Any] = {}
    wide: dict[str, Any] = {}
    for rule in asked:
        (wide if rule in rules.WIDE else own)[rule.code] = rule.thresholds
    for code, values in changed.items():
        places = [place for place in (own, wide) if code in place]
        if not places and code in rules.BY_CODE:
            # a rule this trial does not ask: its values are checked all the same
            thresholds.tuned(rules.BY_CODE[code].thresholds, values, code)
            continue
        if not places:
            known = ", ".join(sorted({*own, *wide}))
            raise thresholds.ThresholdsRefused(code, f"no such rule; there are {known}")
        if not isinstance(values, Mapping):
            raise thresholds.ThresholdsRefused(code, "an object of thresholds is wanted")
        _check_names(code, values, places)
        for place in places:
            names = {field.name for field in fields(place[code])}
            mine = {name: value for name, value in values.items() if name in names}
            place[code] = thresholds.tuned(place[code], mine, code)
    return Tuned(own, wide)


def _check_names(code: str, values: Mapping[str, Any], places: list[dict[str, Any]]) -> None:
    known = {field.name for place in places for field in fields(place[code])}
    for name in values:
        if name not in known:
            what = f"not known; there are {', '.join(sorted(known))}"
            raise thresholds.ThresholdsRefused(f"{code}.{name}", what)
