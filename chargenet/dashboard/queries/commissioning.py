"""How a station was set up: first contact, each step, and what is at risk."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chargenet.dashboard.queries import coverage
from chargenet.dashboard.queries.coverage import Coverage
from stations import variables
from stations.models import Commissioning, CommissioningStep, Connector, Station
from stations.variables import Address

RISKS = {
    "few_attempts": gettext_lazy(
        "It gives up delivering a session's data after a few attempts, and throws it away."
    ),
    "unknown_attempts": gettext_lazy(
        "We do not know how often it tries to deliver a session's data before it throws it away."
    ),
    "short_retry": gettext_lazy(
        "Its attempts to deliver a session's data end within minutes: a longer outage loses it."
    ),
    "no_register": gettext_lazy("It does not sample its energy register during a session."),
}
NOTES = {
    "restarts": gettext_lazy(
        "The station restarted twice when we asked it. We leave it alone: set it up again when"
        " its firmware is known to bear it."
    ),
}
ANSWERS = {
    "ReadOnly": gettext_lazy("can only be read"),
    "restarted": gettext_lazy("the station restarted when this was asked"),
    "incomplete": gettext_lazy("the report never came to its end"),
}
MOST_ROUNDS = 10
Kind = CommissioningStep.Kind


@dataclass(frozen=True)
class Contact:
    """One mark on the way to a working station."""

    label: str
    at: datetime | None
    is_done: bool


@dataclass(frozen=True)
class StepRow:
    """One step of a round as the page shows it."""

    what: str
    is_setting: bool
    wanted: str
    found: str | None
    state: str
    answer: str


@dataclass(frozen=True)
class CommissioningPage:
    """What the page shows."""

    newest: Commissioning | None
    state: str
    contacts: list[Contact]
    risks: list[str]
    note: str
    steps: list[StepRow]
    counts: list[tuple[str, int]]
    rounds: list[Commissioning]
    coverage: list[Coverage]


def commissioning_page(station: Station) -> CommissioningPage:
    """Return the page; the caller has looked the station up for the person."""
    rounds = list(
        Commissioning.objects.filter(station=station)
        .select_related("requested_by")
        .order_by("-pk")[:MOST_ROUNDS]
    )
    newest = rounds[0] if rounds else None
    steps = list(newest.steps.order_by("position")) if newest else []
    connectors = (
        Connector.objects.filter(station=station)
        .select_related("station__location", "evse")
        .order_by("evse__number", "number")
    )
    return CommissioningPage(
        newest=newest,
        state=state_of(newest),
        contacts=_contacts(station, rounds),
        risks=[str(RISKS.get(word, word)) for word in (newest.risks if newest else [])],
        note=str(NOTES.get(newest.note, newest.note)) if newest else "",
        steps=[_step(step) for step in steps],
        counts=list(Counter(step.state for step in steps if step.target).items()),
        rounds=rounds[1:],
        coverage=coverage.describe_coverage(list(connectors)),
    )


def state_at(station: Station) -> str:
    """Return the word of a station's newest round."""
    rounds = Commissioning.objects.filter(station=station)
    return state_of(rounds.order_by("-pk").first())


def state_of(newest: Commissioning | None) -> str:
    """Return the word of a round's mark: what is at risk is said before that it is done."""
    if newest is None:
        return ""
    is_at_risk = newest.risks and newest.state == Commissioning.State.DONE
    return "risk" if is_at_risk else newest.state


def _contacts(station: Station, rounds: list[Commissioning]) -> list[Contact]:
    done = next((each for each in rounds if each.state == Commissioning.State.DONE), None)
    steps = (
        (_("Registered"), station.created_at),
        (_("Connected"), station.connected_at),
        (_("Booted"), station.last_boot_at),
        (_("Set up"), done.finished_at if done else None),
    )
    return [Contact(label, at, at is not None) for label, at in steps]


def _step(step: CommissioningStep) -> StepRow:
    is_setting = bool(step.target)
    name = variables.shown_name(Address.of(step.target)) if is_setting else ""
    answer = str(ANSWERS.get(step.answer, step.answer))
    if step.kind == Kind.MEASURANDS and step.answer and step.state != "unknown":
        answer = _("without %(names)s") % {"names": step.answer}
    return StepRow(
        what=name or str(step.get_kind_display()),
        is_setting=is_setting,
        wanted=_wanted(step),
        found=step.found,
        state=step.state,
        answer="" if answer in {"Accepted", "Rejected"} else answer,
    )


def _wanted(step: CommissioningStep) -> str:
    low, high = step.rule.get("low"), step.rule.get("high")
    if low is not None and high is not None:
        return _("%(wanted)s (%(low)s to %(high)s will do)") % {
            "wanted": step.wanted,
            "low": low,
            "high": high,
        }
    if low is not None:
        return _("%(wanted)s or more") % {"wanted": step.wanted}
    return step.wanted
