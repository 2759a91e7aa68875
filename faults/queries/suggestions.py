"""Who fits a ticket best, and why: asked by its page, and where an operator wants it, obeyed."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chargenet.core.models import Membership, Role, User
from faults.models import CrewMember, Rank, Skill, Ticket
from faults.queries import crew
from stations.metering import registers
from stations.models import Connector

# What cannot wait for the morning goes first to who is on call, whatever they know best.
CANNOT_WAIT = 2
NETWORK_FAMILIES = frozenset({"link", "network"})
GRID_FAMILIES = frozenset({"grid"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """How one person fits a ticket."""

    user: User
    repairs: bool
    is_on_call: bool
    # None: the ticket needs no skill in particular.
    skill: Skill | None
    has_skill: bool
    is_own_site: bool
    open_tickets: int

    @property
    def reasons(self) -> list[str]:
        """Say why, in the reader's language, what weighed most first."""
        said = [
            (self.is_on_call, _("on call now")),
            (self.has_skill, str(self.skill.label) if self.skill else ""),
            (self.is_own_site, _("the site is theirs")),
        ]
        count = ngettext("%(count)d open ticket", "%(count)d open tickets", self.open_tickets)
        return [word for holds, word in said if holds] + [count % {"count": self.open_tickets}]


def best_for(ticket: Ticket, *, as_of: datetime) -> Candidate | None:
    """Return who fits a ticket best, in a fixed number of queries; None where nobody repairs."""
    ranked = candidates(ticket, as_of=as_of)
    return ranked[0] if ranked else None


def candidates(ticket: Ticket, *, as_of: datetime) -> list[Candidate]:
    """Return who of the crew can be given a ticket, the best first.

    Technicians before those who only operate. What cannot wait goes by duty, then skill; the rest
    by skill, then duty. Then whose site it is, who has least to do, and the name.
    """
    people = crew.crew_of(operator_id=ticket.operator_id, location_id=ticket.location_id)
    said = {one.user_id: one for one in CrewMember.objects.filter(operator_id=ticket.operator_id)}
    on_call = crew.duty_ids(ticket.operator_id, as_of=as_of)
    repairs, busy, skill = _repairers(ticket), _busy(ticket), skill_for(ticket)
    found = [
        Candidate(
            user=person,
            repairs=person.pk in repairs,
            is_on_call=person.pk in on_call,
            skill=skill,
            has_skill=skill is not None and skill in _member(said, person).skills,
            is_own_site=ticket.location_id in _member(said, person).site_ids,
            open_tickets=busy[person.pk],
        )
        for person in people
        if _member(said, person).rank != Rank.MANAGER
    ]
    is_urgent = ticket.severity <= CANNOT_WAIT
    return sorted(found, key=lambda one: _order(one, is_urgent=is_urgent))


def skill_for(ticket: Ticket) -> Skill | None:
    """Return what a person must know to repair a ticket, None where it does not say."""
    if ticket.family in NETWORK_FAMILIES:
        return Skill.NETWORK
    if ticket.family in GRID_FAMILIES:
        return Skill.HV
    if ticket.station_id is None:
        return None
    places = Connector.objects.filter(station_id=ticket.station_id).select_related("evse")
    if ticket.connector_id is not None:
        places = places.filter(pk=ticket.connector_id)
    is_dc = any(
        registers.is_dc(one.standard, one.max_power_w or one.evse.max_power_w) for one in places
    )
    return Skill.DC if is_dc else Skill.AC


def _order(one: Candidate, *, is_urgent: bool) -> tuple[object, ...]:
    duty, skill = not one.is_on_call, not one.has_skill
    first = (duty, skill) if is_urgent else (skill, duty)
    return (not one.repairs, *first, not one.is_own_site, one.open_tickets, str(one.user))


def _member(said: dict[int, CrewMember], person: User) -> CrewMember:
    return said.get(person.pk) or CrewMember()


def _repairers(ticket: Ticket) -> set[int]:
    rows = Membership.objects.filter(operator_id=ticket.operator_id, role=Role.TECHNICIAN)
    return set(rows.values_list("user_id", flat=True))


def _busy(ticket: Ticket) -> Counter[int]:
    """Return how much work each person has: what is repaired and waits for its proof is none."""
    rows = Ticket.objects.filter(
        operator_id=ticket.operator_id, state__in=Ticket.UNDONE, assignee__isnull=False
    ).exclude(pk=ticket.pk)
    return Counter(user_id for user_id in rows.values_list("assignee_id", flat=True) if user_id)
