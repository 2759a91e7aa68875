"""Held sessions as a queue: what is wrong, how long it waits, and what it would come to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from billing.models import Cdr, RatingHold, SessionRuling
from billing.queries import fair_words, gate_words, price_words
from billing.queries.documents import NOT_RATED_YET
from chargenet.core import access
from chargenet.core.access import Person
from chargenet.core.listing import Column, Filter, Spec
from chargenet.dashboard import session_flags
from chargenet.dashboard.queries import sessions
from chargenet.dashboard.queries.revenue import connector_name
from stations.models import MeterValue

MOST_READINGS = 200
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
            Column("ended", _("Session"), ("session__ended_at",), csv=lambda row: row.session_id),
            Column(
                "reason",
                _("Why"),
                ("reason",),
                csv=lambda row: f"{row.reason}: {row.detail}" if row.detail else row.reason,
            ),
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
            Column("held", _("Waits since"), ("held_at",), csv=lambda row: row.held_at),
        ),
        default_sort="held",
        filters=(_reason_filter(), _age_filter(as_of)),
        search=lambda text: Q(session__station__name__istartswith=text),
        search_label=_("Search station"),
    )


def _reason_filter() -> Filter:
    words = [
        (name, price_words.reason_word(name))
        for name in price_words.REASONS
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
    figures = [_figures(each["evidence"]) for each in hold.findings[:1]]
    amount = None if hold.at_risk is None else hold.at_risk.amount
    return HoldRow(
        session_id=session.pk,
        place=connector_name(session.connector),
        site=session.station.location.name,
        zone=session.station.location.timezone,
        reason=price_words.reason_word(hold.reason),
        detail=figures[0] if figures else gate_words.detail_words(hold.reason, hold.detail),
        ended_at=session.ended_at,
        held_at=hold.held_at,
        energy_wh=session.energy_wh,
        at_risk=amount,
        currency="" if hold.at_risk is None else str(hold.at_risk.currency),
    )


def findings_of(findings: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """Return everything the gate found in a session, in its own order, in words."""
    return [
        Finding(
            words=gate_words.check_word(each["check"]),
            figures=_figures(each["evidence"]),
            is_holding=each["action"] == "hold",
        )
        for each in findings
    ]


@dataclass(frozen=True)
class Reading:
    """One reading of a session's meter, and how much more it is than the one before, Wh."""

    at: datetime
    energy_wh: int
    step_wh: int | None


def readings_of(hold: RatingHold) -> list[Reading]:
    """Return the first readings of a held session, as somebody looks through them."""
    rows = (
        MeterValue.objects.filter(session_id=hold.session_id, energy_wh__isnull=False)
        .order_by("occurred_at", "id")
        .values_list("occurred_at", "energy_wh")[:MOST_READINGS]
    )
    found: list[Reading] = []
    for at, energy_wh in rows:
        if energy_wh is None:
            continue
        before = found[-1].energy_wh if found else None
        found.append(Reading(at, energy_wh, None if before is None else energy_wh - before))
    return found


def _figures(evidence: Mapping[str, Any]) -> str:
    """Return the figures of a finding in words; flags as the session's own page says them."""
    told = dict(evidence)
    flags = str(told.pop("flags", "")).split(", ")
    words = [*session_flags.in_words(flag for flag in flags if flag)]
    return ", ".join(part for part in (gate_words.evidence_words(told), *words) if part)


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
        Waiting(reason, price_words.reason_word(reason), count, total, currency or "")
        for reason, currency, count, total in groups
    ]


def totals_of(waiting: Sequence[Waiting]) -> tuple[int, list[tuple[str, Decimal]]]:
    """Return how many wait in all, and what they would come to in each currency."""
    at_risk: dict[str, Decimal] = {}
    for each in waiting:
        if each.at_risk is not None:
            at_risk[each.currency] = at_risk.get(each.currency, Decimal(0)) + each.at_risk
    return sum(each.count for each in waiting), sorted(at_risk.items())


def hold_for(person: Person, session_id: int) -> RatingHold:
    """Return the hold of a session; raises Http404 where it is not held, or is a stranger's."""
    return access.get_or_404(
        RatingHold.objects.filter(session__cdr__isnull=True).select_related(
            *("session__station__location", "session__connector__station"),
            *("session__connector__evse", "session__driver", "session__token"),
        ),
        person,
        session_id=session_id,
    )


def rulings_of(person: Person, session_id: int) -> list[SessionRuling]:
    """Return what people decided of a session, the newest first."""
    rows = SessionRuling.objects.visible_to(person).filter(session_id=session_id)
    return list(rows.select_related("made_by").order_by("-turn"))


@dataclass(frozen=True)
class GateNote:
    """What the gate did to a session that has its price: told, found, decided."""

    told: str
    findings: list[Finding]
    rulings: list[SessionRuling]


def gate_note(person: Person, cdr: Cdr | None) -> GateNote | None:
    """Return what the gate did to a session; None where there is nothing to say."""
    if cdr is None:
        return None
    note = GateNote(
        told=fair_words.told_to_driver(cdr),
        findings=findings_of(cdr.gate.get("findings", ())),
        rulings=rulings_of(person, cdr.session_id),
    )
    return note if note.told or note.findings or note.rulings else None


def who_of(hold: RatingHold) -> str:
    """Return who charged, as the list of sessions calls them."""
    return sessions.who_of(hold.session)
