"""The fault rules as their pages show them: words, thresholds, what they find and cannot see."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from chargenet.core import formats
from chargenet.core.access import Person
from chargenet.core.listing import Column, Filter, Spec
from chargenet.core.models import Operator
from chargenet.dashboard.queries import coverage
from faults import rules
from faults.models import Fault, RuleSetting, Severity, Ticket
from faults.queries import tuning
from faults.rules import needs, thresholds, words
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
    is_changed: bool


@dataclass(frozen=True)
class Threshold:
    """One value a rule is set by: how it came, and what holds where the form is for."""

    name: str
    label: str
    unit: str
    kind: str
    default: str
    own_default: Any
    value: str
    is_own: bool


@dataclass(frozen=True)
class SettingRow:
    """One setting somebody made: where it holds, and what it says."""

    where: str
    site: str
    model: str
    values: list[tuple[str, str]]
    is_active: bool
    by: str
    at: datetime


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
    states = [("on", _("Asked")), ("trial", _("On trial")), ("off", _("Switched off"))]
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
        ),
        default_sort="code",
        filters=(
            Filter(
                "severity",
                _("All severities"),
                [(str(value), str(label)) for value, label in Severity.choices],
                lambda value: lambda row: row.severity == int(value),
            ),
            Filter("state", _("All states"), states, lambda value: lambda row: row.state == value),
        ),
        search=lambda text: lambda row: text.lower() in f"{row.code} {row.name}".lower(),
        search_label=_("Search code or fault"),
        per_page=100,
    )


def rule_rows(operator: Operator, person: Person, as_of: datetime) -> list[RuleRow]:
    """Return every rule as it stands at an operator, in a fixed number of queries."""
    tuned = tuning.tuning_of(operator.pk, None, "")
    changed = set(RuleSetting.objects.filter(operator=operator).values_list("code", flat=True))
    firing = Fault.objects.visible_to(person).filter(operator=operator, state=Fault.State.FIRING)
    found = _counts(firing)
    closed = _counts(
        Ticket.objects.visible_to(person).filter(
            operator=operator, closed_at__gt=as_of - MEASURED_OVER
        )
    )
    sight = _sight(operator, person)
    return [
        _row(rule, tuned, found, closed, sight[rule.code], is_changed=rule.code in changed)
        for rule in sorted(rules.BY_CODE.values(), key=lambda one: one.code)
    ]


def _counts(rows: Any) -> dict[str, int]:
    return dict(rows.order_by().values_list("code").annotate(count=Count("pk")))


def _row(
    rule: Rule,
    tuned: tuning.Tuning,
    found: Mapping[str, int],
    closed: Mapping[str, int],
    sight: Mapping[str, int],
    *,
    is_changed: bool,
) -> RuleRow:
    # one that was wrong too often is on trial again: it finds, and sends nobody out
    is_trial = rule.is_trial or rule.code in tuned.demoted
    state = "off" if rule.code in tuned.off else "trial" if is_trial else "on"
    return RuleRow(
        code=rule.code,
        name=_(words.words_for(rule.code).name),
        severity=rule.severity,
        family=rule.family,
        state=state,
        open_now=found.get(rule.code, 0),
        blind=sight.get("blind", 0),
        degraded=sight.get("degraded", 0),
        closed=closed.get(rule.code, 0),
        is_changed=is_changed,
    )


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
    operator: Operator, person: Person, rule: Rule, where: "Place", as_of: datetime
) -> RulePage:
    """Return one rule's page, with the thresholds that hold at a place."""
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
        thresholds=thresholds_at(rule, operator, where),
        settings=_settings(rule, operator),
        sites=[(str(pk), name) for pk, name in sites.values_list("pk", "name")],
        models=sorted(set(models.values_list("model", flat=True))),
        blind=coverage.describe_coverage(list(listed[:MOST_BLIND])),
        is_on=rule.code not in off,
    )


@dataclass(frozen=True)
class Place:
    """What a form of thresholds is for: one site, one model, or all of an operator."""

    location_id: int | None = None
    station_model: str = ""


def thresholds_at(rule: Rule, operator: Operator, where: Place) -> list[Threshold]:
    """Return the thresholds that hold at a place, beside those the rule comes with."""
    here = Q(location__isnull=True) if where.location_id is None else Q(location=where.location_id)
    own = RuleSetting.objects.filter(
        here, operator=operator, code=rule.code, station_model=where.station_model
    ).first()
    tuned = tuning.tuning_of(operator.pk, where.location_id, where.station_model)
    now = thresholds.written(tuned.thresholds(rule))
    said = own.values if own else {}
    default = thresholds.written(rule.thresholds)
    return [
        Threshold(
            name=field.name,
            label=field.name.replace("_", " "),
            unit="s" if isinstance(getattr(rule.thresholds, field.name), timedelta) else "",
            kind=_kind(getattr(rule.thresholds, field.name)),
            default=_shown(getattr(rule.thresholds, field.name), default[field.name]),
            own_default=default[field.name],
            value=_plain(now[field.name]),
            is_own=field.name in said,
        )
        for field in fields(rule.thresholds)
        if _kind(getattr(rule.thresholds, field.name))
    ]


def _kind(value: object) -> str:
    """Return what may be typed for a value; empty for what no form can say."""
    if isinstance(value, bool):
        return "switch"
    if isinstance(value, int):
        return "whole"
    return "number" if isinstance(value, float | timedelta) else ""


def _shown(value: object, written: Any) -> str:
    return formats.duration(value) if isinstance(value, timedelta) else _plain(written)


def _plain(value: Any) -> str:
    """Return a value as a field of a form holds it."""
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, float) and value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _settings(rule: Rule, operator: Operator) -> list[SettingRow]:
    rows = RuleSetting.objects.filter(operator=operator, code=rule.code)
    return [
        SettingRow(
            where=row.location.name if row.location else row.station_model or _("Everywhere"),
            site=str(row.location_id or ""),
            model=row.station_model,
            values=[(name.replace("_", " "), str(value)) for name, value in row.values.items()],
            is_active=row.is_active,
            by=str(row.updated_by or ""),
            at=row.updated_at,
        )
        for row in rows.select_related("location", "updated_by").order_by("pk")
    ]
