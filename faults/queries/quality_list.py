"""The weekly list of contradictions in the records, as people read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from chargenet.core.access import Person
from chargenet.core.listing import Column, Filter, Spec
from faults.queries.quality import QUALITY
from stations.models import Observation

# What each finding is called, and what it means for whoever reads figures built on it.
KINDS: Final[dict[str, tuple[str, str]]] = {
    "duplicate_session": (
        gettext_noop("Same session twice"),
        gettext_noop("Two sessions began at the same instant. Only one of them can be true."),
    ),
    "overlapping_sessions": (
        gettext_noop("Overlapping sessions"),
        gettext_noop("A session began before the one before it had ended."),
    ),
    "no_duration": (
        gettext_noop("No duration"),
        gettext_noop("The session ended when it began, or before."),
    ),
    "very_long_session": (
        gettext_noop("Longer than a week"),
        gettext_noop("The end of the session was probably never told when it happened."),
    ),
    "too_many_sessions": (
        gettext_noop("Too many sessions in a day"),
        gettext_noop("More than 60 in a day: the connector starts and stops by itself."),
    ),
    "too_many_states": (
        gettext_noop("Too many states in a day"),
        gettext_noop("More than one a minute all day: the station repeats itself."),
    ),
    "future_time": (
        gettext_noop("Times in the future"),
        gettext_noop("The station told of what had not happened yet: its clock is ahead."),
    ),
    "used_while_unavailable": (
        gettext_noop("Used while out of service"),
        gettext_noop("Somebody charged while the connector said it is out of service."),
    ),
    "busy_without_session": (
        gettext_noop("Busy without a session"),
        gettext_noop("Days on which the connector said it is busy, and no session is known."),
    ),
    "session_without_busy": (
        gettext_noop("Session without being busy"),
        gettext_noop("Days with sessions on which the connector never said it is busy."),
    ),
    "power_above_rating": (
        gettext_noop("More power than it is rated for"),
        gettext_noop("Its sessions give more than the rated power. Check what is entered."),
    ),
    "price_differs": (
        gettext_noop("Price would differ now"),
        gettext_noop("Priced again from what was kept, a session would cost something else."),
    ),
    "never_used": (
        gettext_noop("Never used"),
        gettext_noop("Nobody has charged here since it was put up a month ago or more."),
    ),
}


@dataclass(frozen=True, slots=True)
class QualityRow:
    """One finding as the page and the file show it."""

    id: int
    week: str
    name: str
    meaning: str
    count: int
    example_at: datetime
    station_id: int
    station: str
    site: str
    point: str


def findings_for(person: Person) -> QuerySet[Observation]:
    """Return the findings a person may see."""
    rows = Observation.objects.visible_to(person).filter(kind=QUALITY)
    return rows.select_related("station__location", "connector__evse")


def quality_spec() -> Spec:
    """Return what the list of findings can do."""
    return Spec(
        name="quality",
        columns=(
            Column("week", _("Week"), ("detail__week",), csv=lambda r: r.week),
            Column("what", _("Finding"), ("detail__word",), csv=lambda r: r.name),
            Column("where", _("Where"), ("station__name",), csv=_place),
            Column(
                "count",
                _("How often"),
                ("detail__count",),
                is_number=True,
                csv=lambda r: r.count,
            ),
            Column(
                "example",
                _("For example"),
                ("occurred_at",),
                is_number=True,
                csv=lambda r: r.example_at,
            ),
        ),
        default_sort="-week",
        filters=(
            Filter(
                "kind",
                _("All findings"),
                [(word, _(name)) for word, (name, _meaning) in KINDS.items()],
                lambda value: Q(detail__word=value),
            ),
        ),
        search=lambda text: (
            Q(station__name__istartswith=text) | Q(station__location__name__istartswith=text)
        ),
        search_label=_("Search station or site"),
    )


def describe_findings(rows: Sequence[Observation]) -> list[QualityRow]:
    """Return findings as people read them."""
    return [_row(one) for one in rows]


def _row(one: Observation) -> QualityRow:
    name, meaning = KINDS.get(str(one.detail.get("word")), ("", ""))
    connector = one.connector
    return QualityRow(
        id=one.pk,
        week=str(one.detail.get("week", "")),
        name=_(name) if name else str(one.detail.get("word", "")),
        meaning=_(meaning) if meaning else "",
        count=int(one.detail.get("count", 0)),
        example_at=one.occurred_at,
        station_id=one.station_id,
        station=one.station.name,
        site=one.station.location.name,
        point=connector.public_code if connector else "",
    )


def _place(row: QualityRow) -> str:
    return " · ".join(part for part in (row.site, row.station, row.point) if part)
