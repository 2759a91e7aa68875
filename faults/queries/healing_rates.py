"""How often healing helped, proved itself, and did harm: counted from the rows themselves."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _

from chargenet.core.access import Person
from chargenet.core.models import Operator
from faults.engine import ladder
from faults.models import Healing, HealingStep
from faults.rules.words import healing as words
from stations.models import Command, Session

COUNTED: Final = timedelta(days=90)
MOST_RATES: Final = 100
DONE: Final = Q(is_dry_run=False, command__state=Command.State.ACCEPTED)
HELPED: Final = DONE & Q(has_helped=True)


@dataclass(frozen=True, slots=True)
class Rate:
    """How often a step helped at a model, of the times the station did it."""

    station_model: str
    step: str
    done: int
    helped: int
    verified: int

    @property
    def share(self) -> Decimal:
        """How large a part of what was done has helped."""
        return Decimal(self.helped) / self.done


@dataclass(frozen=True, slots=True)
class Figures:
    """The last 90 days: steps that left, were done, helped; healings proven; harm."""

    sent: int
    done: int
    helped: int
    healed: int
    verified: int
    harm: int
    dry: int


def step_word(step: str) -> str:
    """Return what a step is called, in the reader's language."""
    return _(words.STEPS[step]) if step in words.STEPS else step


def figures_of(person: Person, operator: Operator, as_of: datetime) -> Figures:
    """Return how healing has gone, counted from the rows themselves."""
    steps = HealingStep.objects.visible_to(person).filter(
        operator=operator, at__gt=as_of - COUNTED
    )
    counted = steps.aggregate(
        sent=Count("pk", filter=Q(command__sent_at__isnull=False)),
        done=Count("pk", filter=DONE),
        helped=Count("pk", filter=HELPED),
        dry=Count("pk", filter=Q(is_dry_run=True)),
    )
    healings = Healing.objects.visible_to(person).filter(
        operator=operator, healed_at__gt=as_of - COUNTED
    )
    healed = healings.aggregate(
        healed=Count("pk"), verified=Count("pk", filter=Q(verified_at__isnull=False))
    )
    return Figures(**counted, **healed, harm=steps.filter(harm()).count())


def rates_of(person: Person, operator: Operator, as_of: datetime) -> list[Rate]:
    """Return how often each step helped at each model, the most used first."""
    rows = (
        HealingStep.objects.visible_to(person)
        .filter(DONE, operator=operator, at__gt=as_of - COUNTED)
        .exclude(step__in=("stop_session", "lock_out", "release"))
        .order_by()
        .values("healing__station_model", "step")
        .annotate(
            done=Count("pk"),
            helped=Count("pk", filter=Q(has_helped=True)),
            verified=Count("pk", filter=Q(has_helped=True, healing__verified_at__isnull=False)),
        )
        .order_by("-done", "healing__station_model", "step")
    )
    return [
        Rate(
            one["healing__station_model"],
            step_word(one["step"]),
            one["done"],
            one["helped"],
            one["verified"],
        )
        for one in rows[:MOST_RATES]
    ]


def harm() -> Q:
    """Return the steps that could end a charge and left while a session was open there."""
    sessions = Session.objects.filter(
        Q(ended_at__gt=OuterRef("command__sent_at")) | Q(state=Session.State.OPEN),
        station_id=OuterRef("healing__station_id"),
        started_at__lt=OuterRef("command__sent_at"),
    )
    return Q(
        Exists(sessions),
        is_dry_run=False,
        step__in=sorted(ladder.ENDS_SESSIONS),
        command__sent_at__isnull=False,
    )
