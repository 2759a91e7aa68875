"""Sessions as lists and pages show them, with their price where they have one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from djmoney.money import Money

from billing.models import Cdr, RatingHold
from billing.queries import explaining, price_words
from billing.queries.documents import NOT_RATED_YET
from billing.queries.price_words import PriceLine, VatRow
from chargenet.core import access, units
from chargenet.core.access import Person
from chargenet.core.listing import Column, Filter, Spec
from chargenet.dashboard.parts import Chart, Series
from chargenet.dashboard.queries.revenue import connector_name
from stations.models import MeterValue, Session

MAX_POINTS = 400


@dataclass(frozen=True)
class SessionRow:
    """One session of a list."""

    id: int
    href: str
    place: str
    outlet: int
    site: str
    who: str
    state: str
    started_at: datetime
    zone: str
    seconds: int | None
    energy_wh: int | None
    power_w: int | None
    price: Money | None
    needs_review: bool


@dataclass(frozen=True)
class UnbilledRow:
    """One completed session without a price, and why."""

    id: int
    href: str
    place: str
    site: str
    ended_at: datetime | None
    zone: str
    energy_wh: int | None
    reason: str
    detail: str


def _when(value: str) -> Q:
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    days = {"today": 0, "week": 6, "month": 29}[value]
    return Q(started_at__gte=midnight - timedelta(days=days))


def _search(text: str) -> Q:
    found = Q(station__name__istartswith=text) | Q(ocpp_transaction_id=text)
    return found | Q(pk=int(text)) if text.isdecimal() and len(text) < 18 else found


def session_spec() -> Spec:
    """Return what the session list can do."""
    return Spec(
        name="sessions",
        columns=(
            Column("started", _("Started"), ("started_at",), csv=lambda row: row.started_at),
            Column("state", _("State"), csv=lambda row: row.state),
            Column("place", _("Connector"), ("station__name",), csv=lambda row: row.place),
            Column("who", _("Driver"), csv=lambda row: row.who),
            Column("time", _("Length"), is_number=True, csv=lambda row: row.seconds),
            _energy_column(),
            Column("price", _("Price incl. VAT"), is_number=True, csv=_price_of),
        ),
        default_sort="-started",
        filters=(
            Filter(
                "state",
                _("All states"),
                [(value, str(label)) for value, label in Session.State.choices],
                lambda value: Q(state=value),
            ),
            Filter(
                "when",
                _("All days"),
                [("today", _("Today")), ("week", _("7 days")), ("month", _("30 days"))],
                _when,
            ),
        ),
        search=_search,
        search_label=_("Search station or session number"),
    )


def _price_of(row: SessionRow) -> Decimal | None:
    return None if row.price is None else row.price.amount


def sessions_of(person: Person) -> QuerySet[Session]:
    """Return the sessions a person may see, with what a row needs."""
    return Session.objects.in_charge(person).select_related(
        "station__location", "connector__station", "connector__evse", "driver", "token"
    )


def describe_sessions(sessions: Sequence[Session], as_of: datetime) -> list[SessionRow]:
    """Return the rows of some sessions; prices are read in one query."""
    ids = [session.pk for session in sessions]
    cdrs = Cdr.objects.filter(session_id__in=ids).only("session_id", "total_incl_vat", "currency")
    prices = {cdr.session_id: cdr.total_incl_vat for cdr in cdrs}
    return [_row(session, prices.get(session.pk), as_of) for session in sessions]


def _row(session: Session, price: Money | None, as_of: datetime) -> SessionRow:
    end = session.ended_at or as_of
    return SessionRow(
        id=session.pk,
        href=reverse("session_page", args=[session.pk]),
        place=connector_name(session.connector),
        outlet=session.connector.evse.number,
        site=session.station.location.name,
        who=who_of(session),
        state=session.state,
        started_at=session.started_at,
        zone=session.station.location.timezone,
        seconds=max(int((end - session.started_at).total_seconds()), 0),
        energy_wh=energy_of(session),
        power_w=session.last_power_w if session.state == Session.State.OPEN else None,
        price=price,
        needs_review=session.needs_review,
    )


def who_of(session: Session) -> str:
    """Return the driver, else the token's label; the token's number is masked."""
    if session.driver is not None:
        return str(session.driver)
    if session.token is not None and session.token.label:
        return session.token.label
    return f"…{session.id_tag[-4:]}" if session.id_tag else _("Unknown")


def energy_of(session: Session) -> int | None:
    """Return the energy of a session; an open one says what it has so far."""
    if session.energy_wh is not None:
        return session.energy_wh
    if session.last_register_wh is None or session.meter_start_wh is None:
        return None
    return max(session.last_register_wh - session.meter_start_wh, 0)


@dataclass(frozen=True)
class SessionPage:
    """One session with its price, explained."""

    session: Session
    row: SessionRow
    cdr: Cdr | None
    lines: list[PriceLine]
    vat: list[VatRow]
    currency: str
    why: str
    hold_reason: str
    hold_detail: str
    power: Chart | None


def session_page(person: Person, session_id: int, as_of: datetime) -> SessionPage:
    """Return one session; raises Http404 for an outsider."""
    session = access.get_or_404(sessions_of(person), person, pk=session_id)
    cdr = Cdr.objects.visible_to(person).select_related("tariff").filter(session=session).first()
    hold = RatingHold.objects.visible_to(person).filter(session=session).first()
    return SessionPage(
        session=session,
        row=_row(session, cdr.total_incl_vat if cdr else None, as_of),
        cdr=cdr,
        lines=price_words.price_lines(cdr) if cdr else [],
        vat=price_words.vat_rows(cdr.vat_breakdown) if cdr else [],
        currency=str(cdr.total_incl_vat.currency) if cdr else "",
        why=explaining.why_chosen(cdr.chosen) if cdr else "",
        hold_reason=price_words.reason_word(hold.reason) if hold else "",
        hold_detail=hold.detail if hold else "",
        power=power_chart(session, as_of),
    )


def power_chart(session: Session, as_of: datetime) -> Chart | None:
    """Return the power over a session's time, thinned to what a screen can show."""
    end = max(session.received_at, session.completed_at or as_of) + timedelta(days=1)
    samples = list(
        MeterValue.objects.filter(
            station_id=session.station_id,
            session_id=session.pk,
            power_w__isnull=False,
            received_at__range=(session.started_at - timedelta(days=1), end),
        )
        .order_by("occurred_at")
        .values_list("occurred_at", "power_w")[:10_000]
    )
    if len(samples) < 2:
        return None
    samples = samples[:: len(samples) // MAX_POINTS + 1]
    zone = session.station.location.timezone
    return Chart(
        name="power",
        title=_("Power"),
        labels=[f"{_local(at, zone):%Y-%m-%d %H:%M:%S}" for at, _power in samples],
        series=[Series(_("Power"), [(power or 0) / 1000 for _at, power in samples], "line")],
        unit="kW",
        label_head=_("Time"),
        digits=1,
        is_time=True,
    )


def _local(at: datetime, zone: str) -> datetime:
    return timezone.localtime(at, ZoneInfo(zone))


def _energy_column() -> Column:
    return Column(
        "energy",
        _("Energy"),
        ("energy_wh",),
        is_number=True,
        csv=lambda row: units.kwh_from_wh(row.energy_wh or 0),
    )


def unbilled_spec() -> Spec:
    """Return what the list of unbilled sessions can do."""
    return Spec(
        name="unbilled",
        columns=(
            Column("ended", _("Ended"), ("ended_at",), csv=lambda row: row.ended_at),
            Column("reason", _("Why it has no price"), csv=lambda row: row.reason),
            Column("place", _("Connector"), ("station__name",), csv=lambda row: row.place),
            _energy_column(),
        ),
        default_sort="ended",
        filters=(
            Filter(
                "reason",
                _("All reasons"),
                [(reason, price_words.reason_word(reason)) for reason in price_words.REASONS],
                _with_reason,
            ),
        ),
        search=lambda text: Q(station__name__istartswith=text),
        search_label=_("Search station"),
    )


def _with_reason(reason: str) -> Q:
    if reason == NOT_RATED_YET:
        return Q(rating_hold__isnull=True)
    return Q(rating_hold__reason=reason)


def unbilled_of(person: Person) -> QuerySet[Session]:
    """Return the completed sessions without a price, with the reason."""
    return sessions_of(person).filter(state=Session.State.COMPLETED, cdr__isnull=True)


def describe_unbilled(sessions: Sequence[Session]) -> list[UnbilledRow]:
    """Return the rows of some unbilled sessions."""
    ids = [session.pk for session in sessions]
    holds = {hold.session_id: hold for hold in RatingHold.objects.filter(session_id__in=ids)}
    rows = []
    for session in sessions:
        hold = holds.get(session.pk)
        reason = hold.reason if hold else NOT_RATED_YET
        rows.append(
            UnbilledRow(
                id=session.pk,
                href=reverse("session_page", args=[session.pk]),
                place=connector_name(session.connector),
                site=session.station.location.name,
                ended_at=session.ended_at,
                zone=session.station.location.timezone,
                energy_wh=session.energy_wh,
                reason=price_words.reason_word(reason),
                detail=hold.detail if hold else "",
            )
        )
    return rows
