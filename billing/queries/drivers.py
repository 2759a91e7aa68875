"""What a driver sees of their own: sessions, the one that runs, what to pay, cards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from djmoney.money import Money

from billing.models import Cdr, RatingHold
from billing.queries import fair_words, price_words
from billing.queries.price_words import PriceLine, VatRow
from chargenet.core import access
from chargenet.core.models import User
from stations.models import Session, Token


@dataclass(frozen=True)
class OwnSession:
    """One of a driver's sessions."""

    id: int
    place: str
    address: str
    operator: str
    started_at: datetime
    ended_at: datetime | None
    zone: str
    seconds: int
    energy_wh: int | None
    power_w: int | None
    soc_percent: int | None
    measured_at: datetime | None
    is_open: bool
    state: str
    price: Money | None


@dataclass(frozen=True)
class OwnSessionPage:
    """One of a driver's sessions with its price explained."""

    session: OwnSession
    cdr: Cdr | None
    lines: list[PriceLine]
    vat: list[VatRow]
    currency: str
    waits: bool
    invoice_id: str
    invoice_label: str
    # Why it costs less than its price list says.
    fair: str


def own_sessions(driver: User) -> QuerySet[Session]:
    """Return the sessions of a driver, the newest first."""
    return (
        Session.objects.filter(driver_id=driver.pk)
        .select_related("station__location", "operator", "connector__evse")
        .order_by("-started_at", "-pk")
    )


def describe_own(sessions: Sequence[Session], as_of: datetime) -> list[OwnSession]:
    """Return some of a driver's sessions; prices are read in one query."""
    ids = [session.pk for session in sessions]
    cdrs = Cdr.objects.filter(session_id__in=ids).only("session_id", "total_incl_vat", "currency")
    prices = {cdr.session_id: cdr.total_incl_vat for cdr in cdrs}
    return [_own(session, prices.get(session.pk), as_of) for session in sessions]


def _own(session: Session, price: Money | None, as_of: datetime) -> OwnSession:
    site = session.station.location
    end = session.ended_at or as_of
    return OwnSession(
        id=session.pk,
        place=_place(session),
        address=", ".join(part for part in (site.street, site.city) if part),
        operator=session.operator.name,
        started_at=session.started_at,
        ended_at=session.ended_at,
        zone=site.timezone,
        seconds=max(int((end - session.started_at).total_seconds()), 0),
        energy_wh=_energy(session),
        power_w=session.last_power_w,
        soc_percent=session.last_soc_percent,
        measured_at=session.last_meter_at,
        is_open=session.state == Session.State.OPEN,
        state=session.state,
        price=price,
    )


def _place(session: Session) -> str:
    station, site = session.station.name, session.station.location.name
    name = station if station.startswith(site) else f"{site}, {station}"
    return f"{name} · {session.connector.evse.number}"


def _energy(session: Session) -> int | None:
    if session.energy_wh is not None:
        return session.energy_wh
    if session.last_register_wh is None or session.meter_start_wh is None:
        return None
    return max(session.last_register_wh - session.meter_start_wh, 0)


def own_session_page(driver: User, session_id: int, as_of: datetime) -> OwnSessionPage:
    """Return one session of a driver; raises Http404 for anybody else's."""
    session = access.get_or_404(own_sessions(driver), driver, pk=session_id)
    cdr = Cdr.objects.filter(session=session).first()
    line = cdr.invoice_lines.select_related("invoice").first() if cdr else None
    return OwnSessionPage(
        session=_own(session, cdr.total_incl_vat if cdr else None, as_of),
        cdr=cdr,
        lines=price_words.price_lines(cdr) if cdr else [],
        vat=price_words.vat_rows(cdr.vat_breakdown) if cdr else [],
        currency=str(cdr.total_incl_vat.currency) if cdr else "",
        waits=RatingHold.objects.filter(session=session).exists(),
        invoice_id=str(line.invoice.public_id) if line else "",
        invoice_label=line.invoice.label if line else "",
        fair=fair_words.told_to_driver(cdr) if cdr else "",
    )


def own_tokens(driver: User) -> list[Token]:
    """Return the cards and tags of a driver."""
    return list(
        Token.objects.filter(driver_id=driver.pk).select_related("operator").order_by("pk")
    )
