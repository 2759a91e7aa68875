"""Records that contradict themselves or each other, by connector, over one week."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import (
    Count,
    DateTimeField,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Window,
)
from django.db.models.functions import Coalesce, Extract, Lag, TruncDate

from stations.models import Connector, Session, Status, StatusChange

# The kind of the Observation a finding is kept as.
QUALITY: Final = "data_quality"
LONGEST: Final = timedelta(days=7)
MOST_SESSIONS_A_DAY: Final = 60
MOST_STATUSES_A_DAY: Final = 1440
AHEAD: Final = timedelta(hours=1)
OVER_RATED: Final = 1.1
# One session may be badly timed; several at this length are the master data's.
RATED_SESSIONS: Final = 3
RATED_DURATION: Final = timedelta(minutes=10)
NEW_FOR: Final = timedelta(days=30)
OUT_OF_SERVICE: Final = (Status.UNAVAILABLE, Status.FAULTED)
IN_USE: Final = (
    Status.OCCUPIED,
    Status.CHARGING,
    Status.SUSPENDED_EV,
    Status.SUSPENDED_EVSE,
    Status.FINISHING,
    Status.PREPARING,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of contradiction at one connector, how often, and when for example."""

    kind: str
    station_id: int
    connector_id: int
    count: int
    example_at: datetime | None = None


Check = Callable[[int, datetime, datetime], Iterable[Finding]]


def _sessions(operator_id: int, since: datetime, until: datetime) -> QuerySet[Session]:
    return Session.objects.filter(
        operator_id=operator_id, started_at__gte=since, started_at__lt=until
    )


def _by_connector(kind: str, rows: QuerySet[Any], at: str = "started_at") -> Iterator[Finding]:
    """Count rows a connector."""
    grouped = (
        rows.order_by()
        .values("station_id", "connector_id")
        .annotate(number=Count("pk"), first=Min(at))
        .order_by("connector_id")
    )
    for row in grouped:
        if row["connector_id"] is not None:
            yield Finding(
                kind, row["station_id"], row["connector_id"], row["number"], row["first"]
            )


def duplicates(operator_id: int, since: datetime, until: datetime) -> Iterator[Finding]:
    """Yield connectors at which two sessions begin at the same instant."""
    twins = Session.objects.filter(
        connector_id=OuterRef("connector_id"), started_at=OuterRef("started_at")
    ).exclude(pk__gte=OuterRef("pk"))
    rows = _sessions(operator_id, since, until).filter(Exists(twins))
    yield from _by_connector("duplicate_session", rows)


def overlaps(operator_id: int, since: datetime, until: datetime) -> Iterator[Finding]:
    """Yield connectors at which a session begins before the one before it ended."""
    before = Window(Lag("ended_at"), partition_by="connector_id", order_by=["started_at", "pk"])
    earlier = Window(Lag("started_at"), partition_by="connector_id", order_by=["started_at", "pk"])
    rows = (
        _sessions(operator_id, since, until)
        .annotate(ended_before=before, began_before=earlier)
        .filter(ended_before__gt=F("started_at"), began_before__lt=F("started_at"))
        .order_by("connector_id", "started_at")
        .values_list("station_id", "connector_id", "started_at")
    )
    found: dict[tuple[int, int], list[datetime]] = defaultdict(list)
    for station_id, connector_id, started_at in rows:
        found[station_id, connector_id].append(started_at)
    for (station_id, connector_id), times in found.items():
        yield Finding("overlapping_sessions", station_id, connector_id, len(times), times[0])


def durations(operator_id: int, since: datetime, until: datetime) -> Iterator[Finding]:
    """Yield connectors with sessions of no, of negative or of beyond all length."""
    rows = _sessions(operator_id, since, until)
    yield from _by_connector("no_duration", rows.filter(ended_at__lte=F("started_at")))
    ended = Session.objects.filter(
        operator_id=operator_id, ended_at__gte=since, ended_at__lt=until
    )
    long = ended.filter(ended_at__gt=F("started_at") + LONGEST)
    yield from _by_connector("very_long_session", long)


def floods(operator_id: int, since: datetime, until: datetime) -> Iterator[Finding]:
    """Yield connectors with more sessions or states in a day than can be."""
    yield from _a_day(
        "too_many_sessions",
        _sessions(operator_id, since, until).annotate(at=F("started_at")),
        MOST_SESSIONS_A_DAY,
    )
    yield from _a_day(
        "too_many_states",
        _states(operator_id, since, until).annotate(at=F("received_at")),
        MOST_STATUSES_A_DAY,
    )


def _states(operator_id: int, since: datetime, until: datetime) -> QuerySet[StatusChange]:
    return StatusChange.objects.filter(
        operator_id=operator_id,
        received_at__gte=since,
        received_at__lt=until,
        connector__isnull=False,
    )


def _a_day(kind: str, rows: QuerySet[Any], most: int) -> Iterator[Finding]:
    days = (
        rows.annotate(day=TruncDate("at"))
        .order_by()
        .values("station_id", "connector_id", "day")
        .annotate(number=Count("pk"), first=Min("at"))
        .filter(number__gt=most)
        .order_by("connector_id", "-number")
    )
    seen: set[int] = set()
    for row in days:
        if row["connector_id"] not in seen:
            seen.add(row["connector_id"])
            yield Finding(
                kind, row["station_id"], row["connector_id"], row["number"], row["first"]
            )


def futures(operator_id: int, since: datetime, until: datetime) -> Iterator[Finding]:
    """Yield connectors that told of what had not happened yet."""
    told = _states(operator_id, since, until).filter(occurred_at__gt=F("received_at") + AHEAD)
    yield from _by_connector("future_time", told, at="received_at")


def contradictions(operator_id: int, since: datetime, until: datetime) -> Iterator[Finding]:
    """Yield connectors that were charged at while they said they are out of service."""
    last = (
        StatusChange.objects.filter(
            station_id=OuterRef("station_id"),
            connector_id=OuterRef("connector_id"),
            received_at__gte=since - timedelta(days=7),
            received_at__lt=until,
            occurred_at__lte=OuterRef("started_at"),
        )
        .order_by("-occurred_at")
        .values("status")[:1]
    )
    rows = _sessions(operator_id, since, until).annotate(said=Subquery(last))
    yield from _by_connector("used_while_unavailable", rows.filter(said__in=OUT_OF_SERVICE))


def days_apart(operator_id: int, since: datetime, until: datetime) -> Iterator[Finding]:
    """Yield connectors whose states and sessions do not tell of the same days."""
    busy: dict[tuple[int, int], set[date]] = defaultdict(set)
    told: set[int] = set()
    states = _states(operator_id, since, until).annotate(day=TruncDate("occurred_at"))
    days = states.order_by().values_list("station_id", "connector_id", "status", "day").distinct()
    for station_id, connector_id, status, day in days:
        told.add(connector_id)
        if status in IN_USE:
            busy[station_id, connector_id].add(day)
    used: dict[tuple[int, int], set[date]] = defaultdict(set)
    over = Coalesce("ended_at", "started_at", output_field=DateTimeField())
    near = _sessions(operator_id, since - timedelta(days=1), until).annotate(
        first=TruncDate("started_at"), last=TruncDate(over)
    )
    for station_id, connector_id, first, last in near.values_list(
        "station_id", "connector_id", "first", "last"
    ):
        length = min(max((last - first).days, 0), 8)
        used[station_id, connector_id].update(first + timedelta(days=n) for n in range(length + 1))
    yield from _apart("busy_without_session", busy, used)
    quiet = {place: days for place, days in used.items() if place[1] in told}
    weeks = {place: {one for one in days if one >= since.date()} for place, days in quiet.items()}
    yield from _apart("session_without_busy", weeks, busy)


def _apart(
    kind: str,
    have: dict[tuple[int, int], set[date]],
    lack: dict[tuple[int, int], set[date]],
) -> Iterator[Finding]:
    for (station_id, connector_id), days in sorted(have.items()):
        missing = days - lack.get((station_id, connector_id), set())
        if missing:
            yield Finding(kind, station_id, connector_id, len(missing))


def over_rated(operator_id: int, since: datetime, until: datetime) -> Iterator[Finding]:
    """Yield connectors whose sessions gave more on average than they are said to be able to."""
    rated = Coalesce(
        "connector__max_power_w", "connector__evse__max_power_w", "station__max_power_w"
    )
    rows = (
        _sessions(operator_id, since, until)
        .filter(state=Session.State.COMPLETED, ended_at__gt=F("started_at") + RATED_DURATION)
        .annotate(rated_w=rated, lasted_s=Extract(F("ended_at") - F("started_at"), "epoch"))
        .filter(rated_w__gt=0, energy_wh__gt=F("rated_w") * F("lasted_s") * OVER_RATED / 3600)
    )
    for finding in _by_connector("power_above_rating", rows):
        if finding.count >= RATED_SESSIONS:
            yield finding


def never_used(operator_id: int, since: datetime, until: datetime) -> Iterator[Finding]:
    """Yield connectors nobody ever charged at since they were put up a month ago or more."""
    used = Session.objects.filter(connector_id=OuterRef("pk"))
    rows = Connector.objects.filter(
        ~Exists(used),
        Q(station__is_active=True),
        operator_id=operator_id,
        station__created_at__lt=min(since, until - NEW_FOR),
    )
    for pk, station_id in rows.order_by("pk").values_list("pk", "station_id"):
        yield Finding("never_used", station_id, pk, 1)


CHECKS: Final[tuple[Check, ...]] = (
    duplicates,
    overlaps,
    durations,
    floods,
    futures,
    contradictions,
    days_apart,
    over_rated,
    never_used,
)
