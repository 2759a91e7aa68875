"""What was tried from afar, as pages show it: the steps, and what waits for what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from chargenet.core.access import Person
from chargenet.core.listing import Column, Filter, Spec
from chargenet.core.models import Operator
from faults.models import Fault, Healing, HealingPolicy, HealingStep
from faults.queries import healing_rates as rates
from faults.queries import pages
from faults.rules.words import healing as words
from stations import commands
from stations.models import Command

MOST_WAITING: Final = 20
UNDER_WAY: Final = Q(command__state__in=commands.UNDER_WAY)
# How a step came out, each with the rows it means; the first that fits is the one.
OUTCOMES: Final[dict[str, Q]] = {
    "dry": Q(is_dry_run=True),
    "none": Q(is_dry_run=False, command__isnull=True),
    "under_way": Q(is_dry_run=False) & UNDER_WAY,
    "helped": rates.HELPED,
    "in_vain": rates.DONE & Q(has_helped=False),
    "done": rates.DONE & Q(has_helped__isnull=True),
    "not_done": Q(is_dry_run=False, command__state__in=Command.FINAL)
    & ~Q(command__state=Command.State.ACCEPTED),
}


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step as the page and the file show it."""

    id: int
    at: datetime
    zone: str
    code: str
    title: str
    station_id: int
    station: str
    point: str
    site: str
    step: str
    outcome: str
    ticket_id: int | None
    ticket_number: int | None


@dataclass(frozen=True, slots=True)
class HealingRow:
    """One fault's healing: where it stands, until when it waits, and what was tried."""

    fault_id: int
    code: str
    title: str
    station_id: int
    station: str
    ticket_id: int | None
    why: str
    check_at: datetime | None
    healed_at: datetime | None
    verified_at: datetime | None
    steps: tuple[StepRow, ...] = ()


def steps_for(person: Person, operator: Operator) -> QuerySet[HealingStep]:
    """Return the steps a person may see of one operator's stations."""
    rows = HealingStep.objects.visible_to(person).filter(operator=operator)
    return rows.select_related(
        "command",
        "healing__station__location",
        "healing__fault__ticket",
        "healing__fault__connector__evse",
    )


def why_word(why: str) -> str:
    """Return what a healing waits for or why it ended, in the reader's language."""
    return _(words.WHY[why]) if why in words.WHY else why


def step_spec() -> Spec:
    """Return what the list of steps can do."""
    words_of = {**dict(_outcome_choices()), "none": _("Nothing to send")}
    return Spec(
        name="healing",
        columns=(
            Column("at", _("When"), ("at",), csv=lambda r: r.at),
            Column("step", _("Step"), ("step",), csv=lambda r: r.step),
            Column("fault", _("Fault"), ("healing__code",), csv=lambda r: f"{r.code} {r.title}"),
            Column("where", _("Where"), ("healing__station__name",), csv=_place),
            Column("outcome", _("Outcome"), csv=lambda r: words_of[r.outcome]),
            Column("ticket", _("Ticket"), csv=lambda r: r.ticket_number),
        ),
        default_sort="-at",
        filters=(
            Filter(
                "step",
                _("All steps"),
                [(step, _(word)) for step, word in words.STEPS.items()],
                lambda value: Q(step=value),
            ),
            Filter("outcome", _("All outcomes"), _outcome_choices(), _outcome),
        ),
        search=lambda text: (
            Q(healing__code__iexact=text)
            | Q(healing__station__name__istartswith=text)
            | Q(healing__station_model__istartswith=text)
        ),
        search_label=_("Search station, model or fault code"),
    )


def describe_steps(rows: Sequence[HealingStep]) -> list[StepRow]:
    """Return steps, read by `steps_for`, as people read them."""
    return [_step_row(one) for one in rows]


def waiting_for(person: Person, operator: Operator) -> list[HealingRow]:
    """Return the healings under way, the next to be looked at first."""
    rows = _healings(person).filter(
        operator=operator, check_at__isnull=False, fault__state=Fault.State.FIRING
    )
    return [_healing_row(one) for one in rows.order_by("check_at")[:MOST_WAITING]]


def healings_of_ticket(person: Person, ticket_id: int) -> list[HealingRow]:
    """Return what was tried about the faults of a ticket, each with its steps in order."""
    rows = _healings(person).filter(fault__ticket_id=ticket_id).order_by("began_at")
    found = []
    for one in rows:
        steps = steps_for(person, one.operator).filter(healing=one).order_by("at", "pk")
        found.append(_healing_row(one, tuple(describe_steps(list(steps)))))
    return found


def policy_for(operator: Operator) -> HealingPolicy:
    """Return an operator's setting with who set it; the product's own where nobody did."""
    rows = HealingPolicy.objects.select_related("changed_by")
    return rows.filter(operator=operator).first() or HealingPolicy(operator=operator)


def _healings(person: Person) -> QuerySet[Healing]:
    return Healing.objects.visible_to(person).select_related("station", "fault", "operator")


def _outcome_choices() -> list[tuple[str, str]]:
    return [
        ("dry", _("Dry run")),
        ("under_way", _("Under way")),
        ("done", _("Done")),
        ("helped", _("Helped")),
        ("in_vain", _("Did not help")),
        ("not_done", _("Not done")),
        ("sent", _("Sent")),
        ("harm", _("While a session was open")),
    ]


def _outcome(value: str) -> Q:
    if value == "harm":
        return rates.harm()
    return Q(command__sent_at__isnull=False) if value == "sent" else OUTCOMES[value]


def _outcome_of(one: HealingStep) -> str:
    if one.is_dry_run:
        return "dry"
    if one.command is None:
        return "none"
    state = one.command.state
    if state in Command.FINAL and state != Command.State.ACCEPTED:
        return "not_done"
    if state != Command.State.ACCEPTED:
        return "under_way"
    return {True: "helped", False: "in_vain", None: "done"}[one.has_helped]


def _step_row(one: HealingStep) -> StepRow:
    healing = one.healing
    fault, station = healing.fault, healing.station
    ticket = fault.ticket
    return StepRow(
        id=one.pk,
        at=one.at,
        zone=station.location.timezone,
        code=healing.code,
        title=pages.title_of(healing.code),
        station_id=station.pk,
        station=station.name,
        point=str(fault.connector.evse.number) if fault.connector else "",
        site=station.location.name,
        step=rates.step_word(one.step),
        outcome=_outcome_of(one),
        ticket_id=ticket.pk if ticket else None,
        ticket_number=ticket.number if ticket else None,
    )


def _healing_row(one: Healing, steps: tuple[StepRow, ...] = ()) -> HealingRow:
    return HealingRow(
        fault_id=one.fault_id,
        code=one.code,
        title=pages.title_of(one.code),
        station_id=one.station_id,
        station=one.station.name,
        ticket_id=one.fault.ticket_id,
        why=why_word(one.why),
        check_at=one.check_at,
        healed_at=one.healed_at,
        verified_at=one.verified_at,
        steps=steps,
    )


def _place(row: StepRow) -> str:
    return " · ".join(part for part in (row.site, row.station, row.point) if part)
