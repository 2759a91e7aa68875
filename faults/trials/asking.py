"""Trials a person asks for on a page: a row, a worker that plays it, an answer to come back to."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction

from chargenet.core import audit, events
from chargenet.core.events import Event
from faults import rules
from faults.models import Fault, RuleTrial
from faults.rules import thresholds
from faults.trials import playing
from faults.tuning import RuleUnknown, Where

# The spans a person chooses from.
DAYS: Final = (7, 14, 31)
# A worker is done or given up well before: what still runs then has lost its worker.
LOST_AFTER: Final = timedelta(minutes=10)
KEPT_FOR: Final = timedelta(days=90)
# The first of each kind are shown; how many there are is counted.
MOST_SHOWN: Final = 20
State = RuleTrial.State
Problem = RuleTrial.Problem


class TrialUnderWay(Exception):
    """Another trial of the operator has not ended."""


def ask_trial(
    *,
    where: Where,
    code: str,
    values: Mapping[str, Any],
    days: int,
    actor_id: int | None,
    as_of: datetime,
) -> RuleTrial:
    """Ask what a rule would have found in the last days under other thresholds.

    Raises RuleUnknown, ThresholdsRefused and TrialUnderWay.
    """
    _check(code, values)
    trial = RuleTrial(
        code=code,
        values=dict(values),
        begin=as_of - timedelta(days=min(days, DAYS[-1])),
        end=as_of,
        asked_at=as_of,
        asked_by_id=actor_id,
        **asdict(where),
    )
    with transaction.atomic():
        try:
            with transaction.atomic():
                trial.save(force_insert=True)
        except IntegrityError as error:
            raise TrialUnderWay from error
        audit.record(
            operator_id=where.operator_id,
            user_id=actor_id,
            action="rule.try",
            object_type="ruletrial",
            object_id=trial.pk,
            as_of=as_of,
            details={"code": code, "values": trial.values, "days": days},
        )
        events.publish(Event.TRIAL_ASKED, trial_id=trial.pk)
    return trial


def _check(code: str, values: Mapping[str, Any]) -> None:
    rule = rules.BY_CODE.get(code)
    if rule is None:
        raise RuleUnknown(code)
    thresholds.tuned(rule.thresholds, values, code)


def run_trial(*, trial_id: int, as_of: datetime) -> None:
    """Play a trial that waits, and keep what it found; asked twice it is played once."""
    mine = RuleTrial.objects.filter(pk=trial_id, state=State.WAITING)
    if mine.update(state=State.RUNNING, started_at=as_of) != 1:
        return
    trial = RuleTrial.objects.get(pk=trial_id)
    try:
        found = playing.try_thresholds(
            operator_id=trial.operator_id,
            location_id=trial.location_id,
            station_model=trial.station_model,
            changed={trial.code: trial.values},
            begin=trial.begin,
            end=trial.end,
        )
    except playing.TooMuch:
        _end(trial_id, State.FAILED, problem=Problem.TOO_MUCH)
        return
    result = _written(next(one for one in found if one.code == trial.code))
    _end(trial_id, State.DONE, result={**result, "in_truth": _in_truth(trial)})


def give_up(*, trial_id: int) -> None:
    """End a trial that took too long."""
    _end(trial_id, State.FAILED, problem=Problem.TOO_SLOW)


def sweep_trials(*, as_of: datetime) -> list[int]:
    """Return the trials nobody began, end those whose worker was lost, forget the old."""
    RuleTrial.objects.filter(asked_at__lt=as_of - KEPT_FOR).exclude(
        state__in=RuleTrial.OPEN
    ).delete()
    lost = RuleTrial.objects.filter(state=State.RUNNING, started_at__lt=as_of - LOST_AFTER)
    lost.update(state=State.FAILED, problem=Problem.LOST)
    waiting = RuleTrial.objects.filter(state=State.WAITING).order_by("pk")
    return list(waiting.values_list("pk", flat=True))


def _end(trial_id: int, state: str, **values: Any) -> None:
    rows = RuleTrial.objects.filter(pk=trial_id, state=State.RUNNING)
    rows.update(state=state, **values)


def _written(found: playing.Comparison) -> dict[str, Any]:
    """Return a comparison as the row keeps it."""
    return {
        "before": found.before,
        "after": found.after,
        "same": found.same,
        "new_count": len(found.new),
        "gone_count": len(found.gone),
        "new": [_line(one) for one in found.new[:MOST_SHOWN]],
        "gone": [_line(one) for one in found.gone[:MOST_SHOWN]],
    }


def _line(found: Mapping[str, Any]) -> dict[str, Any]:
    place = found["connector"]
    began, cleared = found["began"], found["cleared"]
    return {
        "site": found["site"],
        "station": found["station"],
        "connector": "" if place is None else str(place),
        "began": began.isoformat(),
        "cleared": cleared.isoformat() if cleared else "",
        "severity": found["severity"],
    }


def _in_truth(trial: RuleTrial) -> int:
    """Return how many findings of the rule there were, where and when it was tried."""
    rows = Fault.objects.filter(
        operator_id=trial.operator_id,
        code=trial.code,
        opened_at__gte=trial.begin,
        opened_at__lt=trial.end,
    )
    if trial.location_id is not None:
        rows = rows.filter(location_id=trial.location_id)
    if trial.station_model:
        rows = rows.filter(station__model=trial.station_model)
    return rows.count()
