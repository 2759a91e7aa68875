"""How an operator's crew works: who can what, who is on call, promises, silences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction

from chargenet.core import audit
from chargenet.core.models import Operator
from faults.models import (
    CrewMember,
    Duty,
    MaintenanceWindow,
    Rank,
    ServiceLevel,
    Skill,
    TicketPolicy,
)
from faults.queries import crew
from stations.models import Location, Station

LONGEST_DUTY = timedelta(days=31)
LONGEST_WINDOW = timedelta(days=14)
LONGEST_PROMISE = timedelta(days=365)


class UpkeepUnfit(ValueError):
    """What was asked for cannot hold; nothing was changed."""


@dataclass(frozen=True, slots=True)
class By:
    """Who changes how an operator's crew works, and when."""

    operator: Operator
    actor_id: int
    as_of: datetime


def set_member(
    by: By, *, user_id: int, rank: str, skills: list[str], site_ids: Sequence[int] = ()
) -> CrewMember:
    """Say what a person of the crew can do, and which sites are theirs first.

    Raises UpkeepUnfit for one who is not of the crew.
    """
    known = {person.pk for person in crew.people_of(by.operator.pk)}
    if user_id not in known or rank not in Rank.values or not set(skills) <= set(Skill.values):
        raise UpkeepUnfit("not of the crew, or not a skill")
    own = Location.objects.filter(operator=by.operator, pk__in=site_ids)
    sites = sorted(own.values_list("pk", flat=True))
    with transaction.atomic():
        member, _is_new = CrewMember.objects.update_or_create(
            operator=by.operator,
            user_id=user_id,
            defaults={"rank": rank, "skills": sorted(set(skills)), "site_ids": sites},
        )
        _record(by, "member", member.pk, {"rank": rank, "skills": member.skills, "sites": sites})
    return member


def add_duty(by: By, *, user_id: int, starts_at: datetime, ends_at: datetime) -> Duty:
    """Put a person on call; raises UpkeepUnfit."""
    known = {person.pk for person in crew.people_of(by.operator.pk)}
    if user_id not in known or not starts_at < ends_at <= starts_at + LONGEST_DUTY:
        raise UpkeepUnfit("not of the crew, or not a time")
    with transaction.atomic():
        duty, _is_new = Duty.objects.update_or_create(
            operator=by.operator,
            user_id=user_id,
            starts_at=starts_at,
            defaults={"ends_at": ends_at},
        )
        _record(by, "duty", duty.pk, {"user_id": user_id, "until": ends_at.isoformat()})
    return duty


def remove_duty(by: By, *, duty_id: int) -> None:
    """Take a person off call."""
    with transaction.atomic():
        if Duty.objects.filter(operator=by.operator, pk=duty_id).delete()[0]:
            _record(by, "duty_removed", duty_id, {})


def set_level(
    by: By, *, severity: int, is_rural: bool, acknowledge: timedelta, restore: timedelta
) -> None:
    """Promise how soon a severity is answered and restored; raises UpkeepUnfit.

    Tickets that are open keep what was promised when they opened.
    """
    if severity not in range(1, 6) or not timedelta(0) < acknowledge <= restore <= LONGEST_PROMISE:
        raise UpkeepUnfit("an answer comes before the repair, both within a year")
    with transaction.atomic():
        level, _is_new = ServiceLevel.objects.update_or_create(
            operator=by.operator,
            severity=severity,
            is_rural=is_rural,
            defaults={
                "acknowledge_s": int(acknowledge.total_seconds()),
                "restore_s": int(restore.total_seconds()),
            },
        )
        said = {"acknowledge_s": level.acknowledge_s, "restore_s": level.restore_s}
        _record(by, "level", level.pk, {"severity": severity, "is_rural": is_rural, **said})


def set_policy(
    by: By,
    *,
    quiet_from: time | None,
    quiet_until: time | None,
    rural_site_ids: list[int],
    assigns_by_itself: bool,
) -> None:
    """Say when the crew may sleep, which sites are far away, and whether tickets are given away.

    Raises UpkeepUnfit.
    """
    if (quiet_from is None) != (quiet_until is None):
        raise UpkeepUnfit("quiet hours have a beginning and an end")
    own = Location.objects.filter(operator=by.operator, pk__in=rural_site_ids)
    with transaction.atomic():
        policy, _is_new = TicketPolicy.objects.update_or_create(
            operator=by.operator,
            defaults={
                "quiet_from": quiet_from,
                "quiet_until": quiet_until,
                "rural_site_ids": sorted(own.values_list("pk", flat=True)),
                "assigns_by_itself": assigns_by_itself,
            },
        )
        said = {
            "quiet_from": str(quiet_from),
            "rural": policy.rural_site_ids,
            "assigns_by_itself": assigns_by_itself,
        }
        _record(by, "policy", policy.pk, said)


def open_window(
    by: By,
    *,
    location: Location,
    station: Station | None,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
) -> MaintenanceWindow:
    """Silence a place for a time with an end and a reason; raises UpkeepUnfit.

    Faults are recorded all the same, and danger is told all the same. The same one asked for
    twice is one.
    """
    is_time = starts_at < ends_at <= starts_at + LONGEST_WINDOW and ends_at > by.as_of
    is_there = location.operator_id == by.operator.pk and (
        station is None or station.location_id == location.pk
    )
    if not is_time or not is_there or not reason.strip():
        raise UpkeepUnfit("a window has a place, a reason and an end within 14 days")
    with transaction.atomic():
        # a form sent twice finds what it made: both wait for the site
        Location.objects.select_for_update(no_key=True).get(pk=location.pk)
        asked = {
            "operator": by.operator,
            "location": location,
            "station": station,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "reason": reason.strip()[:255],
        }
        same = MaintenanceWindow.objects.filter(**asked).first()
        if same is not None:
            return same
        window = MaintenanceWindow.objects.create(
            **asked, created_by_id=by.actor_id, created_at=by.as_of
        )
        _record(by, "window", window.pk, {"until": ends_at.isoformat(), "reason": window.reason})
    return window


def end_window(by: By, *, window_id: int) -> None:
    """End a window now, or forget one that has not begun."""
    with transaction.atomic():
        mine = MaintenanceWindow.objects.filter(operator=by.operator, pk=window_id)
        is_done = mine.filter(starts_at__gte=by.as_of).delete()[0]
        is_done = is_done or mine.filter(ends_at__gt=by.as_of).update(ends_at=by.as_of)
        if is_done:
            _record(by, "window_ended", window_id, {})


def _record(by: By, verb: str, object_id: int, details: Mapping[str, object]) -> None:
    audit.record(
        operator_id=by.operator.pk,
        user_id=by.actor_id,
        action=f"crew.{verb}",
        object_type=f"crew_{verb}"[:40],
        object_id=object_id,
        as_of=by.as_of,
        details=dict(details),
    )
