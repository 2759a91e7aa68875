"""Stations that must be looked at, found by query: what a lost nudge left behind."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import (
    CharField,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Concat

from faults import rules
from faults.engine.looking import ONLY_USAGE
from faults.models import Fault, RuleState, Ticket
from faults.queries.facts import FIRST_LOOK, LOOK_BACK, Mark
from faults.queries.snapshots import EXAMINED
from faults.rules import station_offline
from stations.models import LoadGroup, Observation, Session, Station, StatusChange

# A nudge gets this long before a sweep does its work.
NUDGE_MAY_TAKE = timedelta(seconds=60)
# Gateways and workers have clocks of their own.
CLOCKS_DIFFER = timedelta(seconds=5)
SESSIONS_BACK = timedelta(hours=6)
# What is asked in the hourly look waits for that one.
USAGE_CODES = frozenset(rule.code for rule in rules.RULES if rule.wakes == ONLY_USAGE)


def silent_station_ids(as_of: datetime, limit: int) -> list[int]:
    """Return stations whose silence has become a question, the longest silent first."""
    due = Station.objects.filter(is_active=True, check_after__lte=as_of).order_by("check_after")
    return list(due.values_list("pk", flat=True)[:limit])


def waiting_station_ids(as_of: datetime, limit: int) -> list[int]:
    """Return stations where waiting alone has changed something, for a fault or for a rule."""
    faults = Fault.objects.exclude(state=Fault.State.CLEARED).filter(
        check_at__lte=as_of, station_id__isnull=False
    )
    memories = RuleState.objects.filter(check_at__lte=as_of, station_id__isnull=False)
    # silence itself is waited for in Station.check_after, which the gateway moves
    memories = memories.exclude(code=station_offline.CODE)
    found: list[int | None] = []
    for due in (faults, memories):
        rows = due.exclude(code__in=USAGE_CODES).order_by("check_at")
        found += rows.values_list("station_id", flat=True)[:limit]
    return list(dict.fromkeys(station_id for station_id in found if station_id is not None))[
        :limit
    ]


def due_sites(as_of: datetime, limit: int) -> list[int]:
    """Return the sites whose stations came or went, or where waiting has changed something.

    One that shares a fuse waits always: where it does not yet, it is due.
    """
    sites = RuleState.objects.filter(code=EXAMINED, station=None, scope_key__startswith="site:")
    due = sites.filter(check_at__lte=as_of).order_by("check_at")
    keys = due.values_list("scope_key", flat=True)[:limit]
    found = [int(key.removeprefix("site:")) for key in keys]
    key = Concat(Value("site:"), Cast(OuterRef("location_id"), CharField()))
    waits = sites.filter(check_at__isnull=False, scope_key=key)
    fuses = LoadGroup.objects.filter(~Exists(waits), is_active=True).order_by("location_id")
    found += fuses.values_list("location_id", flat=True).distinct()[:limit]
    return list(dict.fromkeys(found))[:limit]


def has_news(station_id: int) -> bool:
    """Return whether a station said anything that no look has counted yet."""
    row = RuleState.objects.filter(
        station_id=station_id, code=EXAMINED, scope_key=f"station:{station_id}"
    ).first()
    if row is None:
        return True
    signs, told, ended = (
        Mark.read(row.state.get(name), row.updated_at) for name in ("signs", "events", "sessions")
    )
    mine = {"station_id": station_id}
    fresh = (
        StatusChange.objects.filter(**mine, **_since(signs)).exclude(pk__in=signs.ids),
        Observation.objects.filter(**mine, **_since(told)).exclude(pk__in=told.ids),
        Session.objects.filter(
            connector__station_id=station_id,
            source="ocpp",
            started_at__gt=ended.to - timedelta(days=3),
            completed_at__gt=ended.to - LOOK_BACK,
        ).exclude(pk__in=ended.ids),
    )
    return any(rows.exists() for rows in fresh)


def is_examined_since(station_id: int, asked_at: datetime) -> bool:
    """Return whether a station was looked at as of an instant or later."""
    return RuleState.objects.filter(
        station_id=station_id, code=EXAMINED, updated_at__gte=asked_at
    ).exists()


def _since(mark: Mark) -> dict[str, datetime]:
    return {"received_at__gt": mark.to - LOOK_BACK}


def unexamined_station_ids(as_of: datetime, limit: int) -> list[int]:
    """Return stations with facts, or a repaired ticket, younger than their last examination."""
    examined = RuleState.objects.filter(station=OuterRef("pk"), code=EXAMINED)
    at = Coalesce(Subquery(examined.values("updated_at")[:1]), as_of - FIRST_LOOK)
    quiet = Station.objects.filter(is_active=True).annotate(
        examined_at=at, since=ExpressionWrapper(at - CLOCKS_DIFFER, DateTimeField())
    )
    quiet = quiet.filter(examined_at__lt=as_of - NUDGE_MAY_TAKE)
    since, until = OuterRef("since"), as_of - NUDGE_MAY_TAKE
    mine = {"station_id": OuterRef("pk")}
    signs = StatusChange.objects.filter(**mine, received_at__gt=since, received_at__lt=until)
    told = Observation.objects.filter(**mine, received_at__gt=since, received_at__lt=until)
    repaired = Ticket.objects.filter(
        **mine, state=Ticket.State.RESOLVED, resolved_at__gt=since, resolved_at__lt=until
    )
    # whoever spoke first is looked at first
    first = Subquery(signs.order_by("received_at").values("received_at")[:1])
    spoke = quiet.filter(Exists(signs) | Exists(told) | Exists(repaired)).annotate(first=first)
    rows = spoke.order_by(F("first").asc(nulls_last=True), "pk")
    found = list(rows.values_list("pk", flat=True)[:limit])
    ended = Session.objects.filter(
        completed_at__gt=as_of - SESSIONS_BACK, completed_at__lt=until, source="ocpp"
    )
    newest = _newest(ended.values_list("station_id", "completed_at"))
    behind = quiet.filter(pk__in=newest).values_list("pk", "since")
    found += [station_id for station_id, since in behind if newest[station_id] > since]
    return list(dict.fromkeys(found))[:limit]


def _newest(ended: Iterable[tuple[int, datetime | None]]) -> dict[int, datetime]:
    """Return when the newest session of each station was completed."""
    newest: dict[int, datetime] = {}
    for station_id, completed_at in ended:
        assert completed_at is not None, "only completed sessions were asked for"
        newest[station_id] = max(completed_at, newest.get(station_id, completed_at))
    return newest
