"""The fault rules as their pages show them: words, thresholds, what they find and cannot see."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count
from django.utils.translation import gettext as _

from chargenet.core.access import Person
from chargenet.core.listing import Column, Filter, Spec
from chargenet.core.models import Operator
from chargenet.dashboard.queries import coverage
from chargenet.dashboard.queries.rule_thresholds import (
    Place,
    SettingRow,
    Threshold,
    settings_of,
    thresholds_at,
)
from faults import rules
from faults.models import Fault, RuleSetting, Severity, Ticket
from faults.queries import precision, tuning
from faults.queries.precision import Precision
from faults.rules import needs, words
from faults.rules.protocol import Rule
from stations.models import ConnectorSignal, Location, Station

MEASURED_OVER: Final = timedelta(days=90)
MOST_BLIND: Final = 500


@dataclass(frozen=True)
class RuleRow:
    """One rule of the list."""

    code: str
    name: str
    severity: int
    family: str
    state: str
    open_now: int
    blind: int
    degraded: int
    closed: int
    # Tickets that tell whether it was right, and the share of them in which it was; -1 for none.
    told: Precision
    right_share: float
    demoted_at: datetime | None
    is_changed: bool


@dataclass(frozen=True)
class _Known:
    """What is known of all rules of an operator, by code."""

    tuned: tuning.Tuning
    changed: frozenset[str]
    found: Mapping[str, int]
    closed: Mapping[str, int]
    told: Mapping[str, Precision]
    demoted: Mapping[str, datetime]
    sight: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class RulePage:
    """All of one rule's page."""

    row: RuleRow
    cause: str
    steps: list[str]
    signals: list[str]
    thresholds: list[Threshold]
    settings: list[SettingRow]
    sites: list[tuple[str, str]]
    models: list[str]
    blind: list[coverage.Coverage]
    # Whether the rule is asked at the place the thresholds are shown for.
    is_on: bool


def rule_spec() -> Spec:
    """Return what the list of rules can do."""
    return Spec(
        name="rules",
        columns=(
            Column("code", _("Code"), ("code",), csv=lambda row: row.code),
            Column("name", _("Fault"), ("name",), csv=lambda row: row.name),
            Column("severity", _("Severity"), ("severity", "code"), csv=lambda row: row.severity),
            Column("state", _("State"), ("state", "code"), csv=lambda row: row.state),
            Column("open", _("Open now"), ("open_now",), is_number=True, csv=lambda r: r.open_now),
            Column("blind", _("Cannot know"), ("blind",), is_number=True, csv=lambda r: r.blind),
            Column(
                "closed", _("Closed, 90 days"), ("closed",), is_number=True, csv=lambda r: r.closed
            ),
            Column(
                "right",
                _("Found right"),
                ("right_share", "closed"),
                is_number=True,
                csv=lambda r: f"{r.right_share:.2f}" if r.told.closed else "",
            ),
        ),
        default_sort="code",
        filters=(
            Filter(
                "severity",
                _("All severities"),
                [(str(value), str(label)) for value, label in Severity.choices],
                lambda value: lambda row: row.severity == int(value),
            ),
            Filter(
                "state", _("All states"), _states(), lambda value: lambda row: row.state == value
            ),
        ),
        search=lambda text: lambda row: text.lower() in f"{row.code} {row.name}".lower(),
        search_label=_("Search code or fault"),
        per_page=100,
    )


def _states() -> list[tuple[str, str]]:
    return [
        ("on", _("Asked")),
        ("trial", _("On trial")),
        ("demoted", _("Demoted")),
        ("off", _("Switched off")),
    ]


def rule_rows(operator: Operator, person: Person, as_of: datetime) -> list[RuleRow]:
    """Return every rule as it stands at an operator, in a fixed number of queries."""
    firing = Fault.objects.visible_to(person).filter(operator=operator, state=Fault.State.FIRING)
    ended = Ticket.objects.visible_to(person).filter(
        operator=operator, closed_at__gt=as_of - MEASURED_OVER
    )
    changed = RuleSetting.objects.filter(operator=operator).values_list("code", flat=True)
    known = _Known(
        tuned=tuning.tuning_of(operator.pk, None, ""),
        changed=frozenset(changed),
        found=_counts(firing),
        closed=_counts(ended),
        told=precision.precision_of(operator.pk, as_of),
        demoted=precision.demoted_since(operator.pk),
        sight=_sight(operator, person),
    )
    return [_row(rule, known) for _code, rule in sorted(rules.BY_CODE.items())]


def _counts(rows: Any) -> dict[str, int]:
    return dict(rows.order_by().values_list("code").annotate(count=Count("pk")))


def _row(rule: Rule, known: _Known) -> RuleRow:
    code, told = rule.code, known.told.get(rule.code, Precision())
    sight = known.sight.get(code, {})
    return RuleRow(
        code=code,
        name=_(words.words_for(code).name),
        severity=rule.severity,
        family=rule.family,
        state=_state(rule, known),
        open_now=known.found.get(code, 0),
        blind=sight.get("blind", 0),
        degraded=sight.get("degraded", 0),
        closed=known.closed.get(code, 0),
        told=told,
        right_share=told.repaired / told.closed if told.closed else -1,
        demoted_at=known.demoted.get(code),
        is_changed=code in known.changed,
    )


def _state(rule: Rule, known: _Known) -> str:
    if rule.code in known.tuned.off:
        return "off"
    if rule.code in known.demoted:
        return "demoted"
    return "trial" if rule.is_trial else "on"


def _sight(operator: Operator, person: Person) -> dict[str, Counter[str]]:
    """Return on how many connectors each rule sees all, part or nothing."""
    kinds = Counter(_signals(operator, person).values())
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for (version, given), count in kinds.items():
        for code in rules.BY_CODE:
            seen[code][needs.level_of(code, version, given)[0]] += count
    return seen


def _signals(operator: Operator, person: Person) -> dict[int, tuple[str, frozenset[str]]]:
    """Return the version and the signals of each connector in use."""
    versions = dict(
        coverage.connectors_of(person)
        .filter(operator=operator)
        .values_list("pk", "station__ocpp_version")
    )
    given: dict[int, set[str]] = defaultdict(set)
    rows = ConnectorSignal.objects.filter(operator=operator)
    for pk, signal, seen_at, is_promised in rows.values_list(
        "connector_id", "signal", "seen_at", "is_promised"
    ):
        if seen_at is not None or is_promised:
            given[pk].add(signal)
    return {pk: (version, frozenset(given[pk])) for pk, version in versions.items()}


def rule_page(
    operator: Operator,
    person: Person,
    rule: Rule,
    where: Place,
    as_of: datetime,
    tried: Mapping[str, Any] | None = None,
) -> RulePage:
    """Return one rule's page, with the thresholds that hold, or are tried, at a place."""
    row = next(one for one in rule_rows(operator, person, as_of) if one.code == rule.code)
    told = words.words_for(rule.code)
    blind = {
        pk
        for pk, (version, given) in _signals(operator, person).items()
        if needs.level_of(rule.code, version, given)[0] == "blind"
    }
    listed = coverage.connectors_of(person).filter(pk__in=blind)
    listed = listed.order_by("station__name", "evse__number")
    sites = Location.objects.visible_to(person).filter(operator=operator)
    models = Station.objects.visible_to(person).filter(operator=operator).exclude(model="")
    need = needs.NEEDS.get(rule.code, needs.Need(("status",)))
    off = tuning.tuning_of(operator.pk, where.location_id, where.station_model).off
    return RulePage(
        row=row,
        cause=_(told.cause),
        steps=[_(step) for step in told.steps],
        signals=[str(coverage.NAMES.get(each, each)) for each in need.signals],
        thresholds=thresholds_at(rule, operator, where, tried),
        settings=settings_of(rule, operator),
        sites=[(str(pk), name) for pk, name in sites.values_list("pk", "name")],
        models=sorted(set(models.values_list("model", flat=True))),
        blind=coverage.describe_coverage(list(listed[:MOST_BLIND])),
        is_on=rule.code not in off,
    )
