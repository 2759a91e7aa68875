"""Who repairs: who may, who is on call, who leads, and by which ways they are told."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from chargenet.core.models import Membership, Role, User
from faults.models import (
    CrewMember,
    Duty,
    Fault,
    MaintenanceWindow,
    Rank,
    TellingChoice,
    Ticket,
    TicketPolicy,
)

ROLES = (Role.OPERATOR, Role.TECHNICIAN)


def policy_of(operator_id: int) -> TicketPolicy:
    """Return an operator's policy, or the usual one, not written."""
    found = TicketPolicy.objects.select_related("operator").filter(operator_id=operator_id)
    return found.first() or TicketPolicy(operator_id=operator_id)


def crew_of(*, operator_id: int, location_id: int | None) -> list[User]:
    """Return everybody who repairs or operates a site, by name."""
    members = Membership.objects.filter(
        operator_id=operator_id, role__in=ROLES, user__is_active=True
    ).select_related("user")
    here = {one.user_id: one.user for one in members if _may_enter(one, location_id)}
    return sorted(here.values(), key=str)


def people_of(operator_id: int) -> list[User]:
    """Return everybody who repairs or operates anything of an operator, by name."""
    members = Membership.objects.filter(
        operator_id=operator_id, role__in=ROLES, user__is_active=True
    ).select_related("user")
    return sorted({one.user_id: one.user for one in members}.values(), key=str)


def on_duty(ticket: Ticket, *, as_of: datetime) -> list[User]:
    """Return who of a ticket's crew is on call; everybody where nobody is."""
    crew = crew_of(operator_id=ticket.operator_id, location_id=ticket.location_id)
    ids = duty_ids(ticket.operator_id, as_of=as_of)
    return [person for person in crew if person.pk in ids] or crew


def duty_ids(operator_id: int, *, as_of: datetime) -> set[int]:
    """Return who is on call at an operator."""
    now = Duty.objects.filter(operator_id=operator_id, starts_at__lte=as_of, ends_at__gt=as_of)
    return set(now.values_list("user_id", flat=True))


def of_rank(ticket: Ticket, rank: Rank) -> list[User]:
    """Return a ticket's leads or managers; without any, those of the role operator."""
    crew = crew_of(operator_id=ticket.operator_id, location_id=ticket.location_id)
    ranked = CrewMember.objects.filter(operator_id=ticket.operator_id, rank=rank)
    ids = set(ranked.values_list("user_id", flat=True))
    if not ids:
        heads = Membership.objects.filter(operator_id=ticket.operator_id, role=Role.OPERATOR)
        ids = set(heads.values_list("user_id", flat=True))
    return [person for person in crew if person.pk in ids]


def windows_over(work: Ticket | Fault, *, as_of: datetime) -> QuerySet[MaintenanceWindow]:
    """Return the maintenance windows open over the place of a ticket or a fault."""
    if work.location_id is None:
        return MaintenanceWindow.objects.none()
    return MaintenanceWindow.objects.filter(
        Q(station__isnull=True) | Q(station_id=work.station_id),
        location_id=work.location_id,
        starts_at__lte=as_of,
        ends_at__gt=as_of,
    )


def window_end(ticket: Ticket, *, as_of: datetime) -> datetime | None:
    """Return when the last maintenance window over a ticket's place ends, None for no window."""
    now = windows_over(ticket, as_of=as_of)
    return now.order_by("-ends_at").values_list("ends_at", flat=True).first()


def quiet_end(
    policy: TicketPolicy | TellingChoice, *, zone: str, as_of: datetime
) -> datetime | None:
    """Return when quiet hours, a network's or a person's, end; None outside them.

    They may pass midnight.
    """
    begins, ends = policy.quiet_from, policy.quiet_until
    if begins is None or ends is None or begins == ends:
        return None
    local = as_of.astimezone(ZoneInfo(zone))
    if not _is_between(local.time(), begins, ends):
        return None
    day = local.date() if local.time() < ends else local.date() + timedelta(days=1)
    return datetime.combine(day, ends, tzinfo=local.tzinfo).astimezone(as_of.tzinfo)


def _is_between(at: time, begins: time, ends: time) -> bool:
    if begins < ends:
        return begins <= at < ends
    return at >= begins or at < ends


def _may_enter(member: Membership, location_id: int | None) -> bool:
    return member.site_ids is None or location_id in member.site_ids


def users(ids: Iterable[int]) -> list[User]:
    """Return people who can still sign in."""
    return list(User.objects.filter(pk__in=list(ids), is_active=True).order_by("name"))
