"""Held sessions as a queue: what is wrong, how long it waits, and what it would come to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from billing.models import RatingHold, SessionRuling
from billing.queries import gate_words
from billing.queries import pages as price_pages
from billing.queries.documents import NOT_RATED_YET
from chargenet.core import access
from chargenet.core.access import Person
from chargenet.core.listing import Column, Filter, Spec
from chargenet.dashboard.queries.revenue import connector_name

AGES = {"day": 1, "week": 7, "month": 30}


@dataclass(frozen=True)
class HoldRow:
    """One held session of the queue."""

    session_id: int
    place: str
    site: str
    zone: str
    reason: str
    detail: str
    ended_at: datetime | None
    held_at: datetime
    energy_wh: int | None
    at_risk: Decimal | None
    currency: str


@dataclass(frozen=True)
class Finding:
    """What one check found, in words; `is_holding` where it holds the session."""

    words: str
    figures: str
    is_holding: bool


@dataclass(frozen=True)
class Waiting:
    """How many sessions one reason holds, and what they would come to."""

    reason: str
    words: str
    count: int
    at_risk: Decimal | None
    currency: str


def hold_spec(as_of: datetime) -> Spec:
    """Return what the queue can do."""
    return Spec(
        name="holds",
        columns=(
            Column("held", _("Waits since"), ("held_at",), csv=lambda row: row.held_at),
            Column("reason", _("Why"), ("reason",), csv=lambda row: row.reason),
            Column(
                "place", _("Connector"), ("session__station__name",), csv=lambda row: row.place
            ),
            Column("energy", _("Energy"), is_number=True, csv=lambda row: row.energy_wh),
            Column(
                "at_risk",
                _("Money at risk"),
                ("at_risk",),
                is_number=True,
                csv=lambda row: row.at_risk,
            ),
        ),
        default_sort="held",
        filters=(_reason_filter(), _age_filter(as_of)),
        search=lambda text: Q(session__station__name__istartswith=text),
        search_label=_("Search station"),
    )


def _reason_filter() -> Filter:
    words = [
        (name, price_pages.reason_word(name))
        for name in price_pages.REASONS
        if name != NOT_RATED_YET
    ]
    return Filter("reason", _("All reasons"), words, lambda value: Q(reason=value))


def _age_filter(as_of: datetime) -> Filter:
    words = [
        ("day", _("Over a day")),
        ("week", _("Over 7 days")),
        ("month", _("Over 30 days")),
    ]
    return Filter(
        "age",
        _("Any age"),
        words,
        lambda value: Q(held_at__lt=as_of - timedelta(days=AGES[value])),
    )


def holds_of(person: Person) -> QuerySet[RatingHold]:
    """Return the held sessions a person may see; what has its Cdr waits no more."""
    return (
        RatingHold.objects.in_charge(person)
        .filter(session__cdr__isnull=True)
        .select_related(
            "session__station__location", "session__connector__station", "session__connector__evse"
        )
    )


def describe_holds(holds: Sequence[RatingHold]) -> list[HoldRow]:
    """Return the rows of some held sessions."""
    return [row_of(hold) for hold in holds]


def row_of(hold: RatingHold) -> HoldRow:
    """Return one held session as the queue shows it."""
    session = hold.session
    figures = [gate_words.evidence_words(each["evidence"]) for each in hold.findings[:1]]
    amount = None if hold.at_risk is None else hold.at_risk.amount
    return HoldRow(
        session_id=session.pk,
        place=connector_name(session.connector),
        site=session.station.location.name,
        zone=session.station.location.timezone,
        reason=price_pages.reason_word(hold.reason),
        detail=figures[0] if figures else hold.detail,
        ended_at=session.ended_at,
        held_at=hold.held_at,
        energy_wh=session.energy_wh,
        at_risk=amount,
        currency="" if hold.at_risk is None else str(hold.at_risk.currency),
    )


def findings_of(hold: RatingHold) -> list[Finding]:
    """Return everything the gate found in a session, what holds it first."""
    return [
        Finding(
            words=gate_words.check_word(each["check"]),
            figures=gate_words.evidence_words(each["evidence"]),
            is_holding=each["action"] == "hold",
        )
        for each in hold.findings
    ]


def waiting_of(person: Person) -> list[Waiting]:
    """Return what waits per reason and currency, the dearest first."""
    groups = (
        RatingHold.objects.in_charge(person)
        .filter(session__cdr__isnull=True)
        .values_list("reason", "currency")
        .annotate(count=Count("pk"), total=Sum("at_risk"))
        .order_by("-total", "reason")
    )
    return [
        Waiting(reason, price_pages.reason_word(reason), count, total, currency or "")
        for reason, currency, count, total in groups
    ]


def hold_for(person: Person, session_id: int) -> RatingHold:
    """Return the hold of a session; raises Http404 where it is not held, or is a stranger's."""
    return access.get_or_404(
        RatingHold.objects.filter(session__cdr__isnull=True).select_related(
            "session__station__location", "session__connector__station", "session__connector__evse"
        ),
        person,
        session_id=session_id,
    )


def rulings_of(person: Person, session_id: int) -> list[SessionRuling]:
    """Return what people decided of a session, the newest first."""
    rows = SessionRuling.objects.visible_to(person).filter(session_id=session_id)
    return list(rows.select_related("made_by").order_by("-turn"))
