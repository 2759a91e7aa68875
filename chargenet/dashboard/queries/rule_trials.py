"""What a change of thresholds would have found, as the page of a rule shows it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chargenet.core import access
from chargenet.core.access import Person
from chargenet.core.models import Operator
from chargenet.dashboard.queries.rule_thresholds import Place, values_of
from faults import rules
from faults.models import RuleTrial
from faults.rules.protocol import Rule
from stations.models import Station

UTC_ZONE = "UTC"


@dataclass(frozen=True)
class Finding:
    """One finding that would be new or gone."""

    station: str
    station_id: int | None
    point: str
    site: str
    severity: int
    began_at: datetime
    cleared_at: datetime | None
    zone: str


@dataclass(frozen=True)
class TrialPage:
    """One trial, and what it found."""

    id: int
    code: str
    state: str
    problem: str
    tried: Mapping[str, Any]
    values: list[tuple[str, str]]
    begin: datetime
    end: datetime
    asked_by: str
    asked_at: datetime
    is_open: bool
    in_truth: int
    before: int
    after: int
    same: int
    new_count: int
    gone_count: int
    new: list[Finding]
    gone: list[Finding]

    @property
    def days(self) -> int:
        """Return how many days were tried."""
        return (self.end - self.begin).days


def newest(person: Person, operator: Operator, rule: Rule, where: Place) -> TrialPage | None:
    """Return the latest trial of a rule at a place, None where there is none to see."""
    rows = _rows(person).filter(
        operator=operator,
        code=rule.code,
        location_id=where.location_id,
        station_model=where.station_model,
    )
    trial = rows.order_by("-asked_at", "-pk").first()
    return trial and _page(person, trial)


def trial_for(person: Person, trial_id: int) -> TrialPage:
    """Return one trial; raises Http404 for an outsider."""
    return _page(person, access.get_or_404(_rows(person), person, pk=trial_id))


def _rows(person: Person) -> Any:
    return RuleTrial.objects.visible_to(person).select_related("asked_by")


def _page(person: Person, trial: RuleTrial) -> TrialPage:
    found = trial.result
    lines = [*found.get("new", ()), *found.get("gone", ())]
    known = _stations(person, trial, {line["station"] for line in lines})
    return TrialPage(
        id=trial.pk,
        code=trial.code,
        state=trial.state,
        problem=trial.get_problem_display() if trial.problem else "",
        tried=trial.values,
        values=values_of(rules.BY_CODE[trial.code], trial.values),
        begin=trial.begin,
        end=trial.end,
        asked_by=str(trial.asked_by or ""),
        asked_at=trial.asked_at,
        is_open=trial.state in RuleTrial.OPEN,
        in_truth=found.get("in_truth", 0),
        before=found.get("before", 0),
        after=found.get("after", 0),
        same=found.get("same", 0),
        new_count=found.get("new_count", 0),
        gone_count=found.get("gone_count", 0),
        new=[_finding(line, known) for line in found.get("new", ())],
        gone=[_finding(line, known) for line in found.get("gone", ())],
    )


def _stations(person: Person, trial: RuleTrial, identities: Iterable[str]) -> dict[str, Station]:
    rows = Station.objects.visible_to(person).filter(
        operator_id=trial.operator_id, identity__in=list(identities)
    )
    return {row.identity: row for row in rows.select_related("location")}


def _finding(line: Mapping[str, Any], known: Mapping[str, Station]) -> Finding:
    station = known.get(line["station"])
    cleared = line["cleared"]
    return Finding(
        station=station.name if station else line["station"],
        station_id=station.pk if station else None,
        point=line["connector"],
        site=line["site"],
        severity=line["severity"],
        began_at=datetime.fromisoformat(line["began"]),
        cleared_at=datetime.fromisoformat(cleared) if cleared else None,
        zone=station.location.timezone if station else UTC_ZONE,
    )
