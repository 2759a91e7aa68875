"""The thresholds that hold at a place: what each rule comes with, and over it what people set."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Q

from faults import rules
from faults.models import RuleSetting
from faults.queries import precision
from faults.rules import demoting, thresholds
from faults.rules.protocol import Rule


@dataclass(frozen=True, slots=True)
class Tuning:
    """What was changed for one place; `off` are the codes of rules that are not asked there.

    `refused` are values that no longer fit their rule, by code: the rule goes on with its own.
    `demoted` are the rules that send nobody out, because they were wrong too often.
    """

    changed: Mapping[str, Any] = field(default_factory=dict)
    off: frozenset[str] = frozenset()
    refused: Mapping[str, str] = field(default_factory=dict)
    demoted: frozenset[str] = frozenset()

    def thresholds(self, rule: Rule, _: int | None = None) -> Any:
        """Return the thresholds of a rule there."""
        return self.changed.get(rule.code, rule.thresholds)

    def asked(self, all_rules: Iterable[Rule] = rules.RULES) -> tuple[Rule, ...]:
        """Return the rules that are asked there."""
        asked = (rule for rule in all_rules if rule.code not in self.off)
        return tuple(
            demoting.demoted(rule) if rule.code in self.demoted else rule for rule in asked
        )


def tuning_of(operator_id: int, location_id: int | None, station_model: str) -> Tuning:
    """Return what holds at a site for a model: the narrower wins, value by value."""
    here = Q(location__isnull=True, station_model="") | Q(location_id=location_id)
    if station_model:
        here |= Q(location__isnull=True, station_model=station_model)
    rows = list(RuleSetting.objects.filter(here, operator_id=operator_id))
    if location_id is None:
        rows = [row for row in rows if row.station_model in {"", station_model}]
    return replace(tuned(rows), demoted=frozenset(precision.demoted_since(operator_id)))


def tuned(rows: Iterable[RuleSetting]) -> Tuning:
    """Return what some settings make of the rules they name; everywhere, then model, then site."""
    values: dict[str, dict[str, Any]] = {}
    is_on: dict[str, bool] = {}
    for row in sorted(
        rows, key=lambda one: (one.location_id is not None, one.station_model != "")
    ):
        values.setdefault(row.code, {}).update(row.values)
        is_on[row.code] = row.is_active
    changed, refused = {}, {}
    for code, said in values.items():
        rule = rules.BY_CODE.get(code)
        if rule is None or not said:
            continue
        try:
            changed[code] = thresholds.tuned(rule.thresholds, said, code)
        except thresholds.ThresholdsRefused as error:
            refused[code] = str(error)
    off = frozenset(code for code, on in is_on.items() if not on)
    return Tuning(changed, off, refused)
