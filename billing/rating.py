"""Rating: one frozen Cdr per session, or a hold that says why there is none."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from django.db import transaction
from django.db.models import Q

from billing import queries
from billing.models import Cdr, Customer, RatingHold
from billing.queries import PriceBook
from billing.tariffs import price, writing
from billing.tariffs.bill import PricedSession
from billing.vat import parts
from billing.vat.parts import Basis, Part
from chargenet.core import events, money
from chargenet.core.events import Event
from chargenet.core.models import User
from stations import queries as station_queries
from stations import status
from stations.models import Session

CHUNK = 2000
SWEPT = 20_000
TRY_AGAIN_AFTER = timedelta(minutes=15)
NO_TARIFF = queries.NO_TARIFF
TARIFF_UNREADABLE = "tariff_unreadable"
TAX_UNKNOWN = "tax_unknown"
NEEDS_REVIEW = "needs_review"
# The books keep 12 digits before the point; a session this dear is a slip in its price list.
BEYOND_BOOKS, MOST = "amount_beyond_books", Decimal(10**9)
# What a price list lacks is for a rule to see; what a session lacks is for a person.
UNPRICED = frozenset({NO_TARIFF, TARIFF_UNREADABLE, TAX_UNKNOWN})


class SessionNotRateable(Exception):
    """The session is open or flagged: it has no facts to price."""


@dataclass(frozen=True, slots=True)
class _Held:
    """Why a session cannot be priced now."""

    reason: str
    detail: str = ""


def rate_session(*, session_id: int, as_of: datetime) -> Cdr | None:
    """Price one completed session once; returns its Cdr, or None where a hold says why not.

    Raises SessionNotRateable, Session.DoesNotExist.
    """
    state = Session.objects.values_list("state", flat=True).get(pk=session_id)
    if state != Session.State.COMPLETED:
        raise SessionNotRateable(f"session {session_id} is {state}")
    rate_sessions(session_ids=[session_id], as_of=as_of)
    return Cdr.objects.filter(session_id=session_id).first()


def rate_sessions(
    *, session_ids: Sequence[int], as_of: datetime, announce: bool = True
) -> Counter[str]:
    """Price many completed sessions once each; counts `rated` and every reason of a hold.

    What is open, flagged or rated already is left alone. Without `announce` nobody is woken: the
    caller posts what it rated. Commits by chunks.
    """
    counts: Counter[str] = Counter()
    for start in range(0, len(session_ids), CHUNK):
        with transaction.atomic():
            counts += _rate_chunk(session_ids[start : start + CHUNK], as_of, announce=announce)
    return counts


def sweep_unrated_sessions(*, as_of: datetime) -> Counter[str]:
    """Price what a lost nudge left, and try again what was held, now and then."""
    rows = Session.objects.filter(state=Session.State.COMPLETED, cdr__isnull=True).filter(
        Q(rating_hold__isnull=True) | Q(rating_hold__tried_at__lt=as_of - TRY_AGAIN_AFTER)
    )
    ids = list(rows.order_by("ended_at", "pk").values_list("pk", flat=True)[:SWEPT])
    return rate_sessions(session_ids=ids, as_of=as_of)


def _rate_chunk(session_ids: Sequence[int], as_of: datetime, *, announce: bool) -> Counter[str]:
    sessions = list(
        Session.objects.filter(
            pk__in=session_ids, state=Session.State.COMPLETED, cdr__isnull=True
        ).prefetch_related("station__location", "connector")
    )
    _ensure_customers(sessions)
    book = queries.price_book(sessions)
    tariffs: dict[int, int] = {}
    held: dict[int, _Held] = {}
    # a listed session has no register readings: nothing to compare, and tens of thousands to ask
    metered = [session.pk for session in sessions if session.meter_start_wh is not None]
    twice = station_queries.metered_twice(metered)
    for session in sessions:
        found = _price_of(session, book, twice)
        if isinstance(found, _Held):
            held[session.pk] = found
        else:
            tariffs[session.pk] = found
    sampled = [key for key, tariff_id in tariffs.items() if book.tariffs[tariff_id].restrictions]
    priced = [session for session in sessions if session.pk in tariffs]
    cdrs = []
    facts_of = station_queries.facts_of_many(priced, sampled=sampled)
    for session, facts in zip(priced, facts_of, strict=True):
        tariff_id = tariffs[session.pk]
        result = price.price_session(facts, book.tariffs[tariff_id])
        cdr = _cdr(session, tariff_id, result, book.customer_of(session), as_of)
        if isinstance(cdr, _Held):
            held[session.pk] = cdr
        else:
            cdrs.append(cdr)
    _store(cdrs, announce=announce)
    _hold([session for session in sessions if session.pk in held], held, as_of)
    return Counter(rated=len(cdrs)) + Counter(each.reason for each in held.values())


def _ensure_customers(sessions: Iterable[Session]) -> None:
    """Give every driver a customer record at the operator they charged at."""
    drivers = {
        (session.operator_id, session.driver_id): session.driver_id
        for session in sessions
        if session.driver_id is not None
    }
    if not drivers:
        return
    known = set(
        Customer.objects.filter(user_id__in=drivers.values()).values_list("operator_id", "user_id")
    )
    missing = sorted(set(drivers) - known)
    people = User.objects.in_bulk([user_id for _, user_id in missing])
    Customer.objects.bulk_create(
        [
            Customer(
                operator_id=operator_id,
                user_id=user_id,
                reference=f"driver-{user_id}",
                name=people[user_id].name or people[user_id].email,
                email=people[user_id].email,
                language=people[user_id].language,
            )
            for operator_id, user_id in missing
            if user_id in people
        ],
        ignore_conflicts=True,
    )


def _price_of(session: Session, book: PriceBook, twice: Mapping[int, int]) -> int | _Held:
    if session.needs_review:
        return _Held(NEEDS_REVIEW, ", ".join(session.flags)[:255])
    if session.pk in twice:
        return _Held(NEEDS_REVIEW, f"overlap: session {twice[session.pk]} counts the same energy")
    tariff_id = book.tariff_id_of(session)
    if tariff_id is None:
        return _Held(NO_TARIFF, "no tariff was assigned when the session began")
    if tariff_id in book.unreadable:
        return _Held(TARIFF_UNREADABLE, book.unreadable[tariff_id][:255])
    return tariff_id


def _cdr(
    session: Session,
    tariff_id: int,
    priced: PricedSession,
    customer: Customer | None,
    as_of: datetime,
) -> Cdr | _Held:
    """Return the Cdr with its price rounded once, half up, to the minor unit."""
    assert session.ended_at is not None, "only completed sessions are rated"
    assert session.energy_wh is not None, "only completed sessions are rated"
    is_business = customer is not None and customer.kind == Customer.Kind.BUSINESS
    rounded = _rounded(priced, Basis.NET if is_business else Basis.GROSS)
    if rounded is None:
        return _Held(TAX_UNKNOWN, "the tariff's prices hold a tax it does not name")
    digits = money.minor_digits(priced.currency)
    excl, vat = (Decimal(sum(side)).scaleb(-digits) for side in _sides(rounded))
    if max(abs(excl), abs(vat), abs(excl + vat)) >= MOST:
        return _Held(BEYOND_BOOKS, f"{excl + vat:.2e} {priced.currency}")
    return Cdr(
        operator_id=session.operator_id,
        session_id=session.pk,
        location_id=session.station.location_id,
        station_id=session.station_id,
        connector_id=session.connector_id,
        cable_id=session.cable_id,
        driver_id=session.driver_id,
        customer=customer,
        tariff_id=tariff_id,
        started_at=session.started_at,
        ended_at=session.ended_at,
        energy_wh=session.energy_wh,
        parking_s=session.parking_s,
        currency=priced.currency,
        total_excl_vat=excl,
        vat_amount=vat,
        total_incl_vat=excl + vat,
        vat_breakdown=[_breakdown(part, digits) for part in rounded],
        lines=[writing.priced_line(line) for line in priced.lines],
        rated_at=as_of,
    )


def _sides(rounded: Sequence[Part]) -> tuple[list[int], list[int]]:
    return [part.excl for part in rounded], [part.vat for part in rounded]


def _rounded(priced: PricedSession, basis: Basis) -> tuple[Part, ...] | None:
    """Return the price per rate in minor units; None where a tax cannot be known."""
    factor = 10 ** money.minor_digits(priced.currency)
    amounts: dict[Fraction, Fraction] = {}
    for vat, amount in priced.totals_by_vat().items():
        if amount.excl is None or amount.incl is None:
            return None
        rate = vat or Fraction(0)
        agreed = amount.incl if basis is Basis.GROSS else amount.excl
        amounts[rate] = amounts.get(rate, Fraction(0)) + agreed * factor
    # What nothing prices is free, and says so in one part.
    return parts.parts_of(amounts or {Fraction(0): Fraction(0)}, basis)


def _breakdown(part: Part, digits: int) -> dict[str, str]:
    return {
        "rate": writing.decimal_text(part.rate),
        "excl_vat": str(Decimal(part.excl).scaleb(-digits)),
        "vat": str(Decimal(part.vat).scaleb(-digits)),
        "incl_vat": str(Decimal(part.incl).scaleb(-digits)),
    }


def _store(cdrs: list[Cdr], *, announce: bool) -> None:
    """Write the Cdrs; a session somebody rated meanwhile keeps the Cdr it has."""
    if not cdrs:
        return
    Cdr.objects.bulk_create(cdrs, ignore_conflicts=True)
    session_ids = [cdr.session_id for cdr in cdrs]
    RatingHold.objects.filter(session_id__in=session_ids).delete()
    if not announce:
        return
    cdr_ids = list(Cdr.objects.filter(session_id__in=session_ids).values_list("pk", flat=True))
    for cdr_id in cdr_ids:
        events.publish(Event.CDR_RATED, cdr_id=cdr_id)


def _hold(sessions: list[Session], held: dict[int, _Held], as_of: datetime) -> None:
    """Write why sessions wait, and tell the rules once per connector what lacks a price.

    What was tried again in vain was told before.
    """
    rows = RatingHold.objects.filter(session__in=sessions, reason__in=UNPRICED)
    told = set(rows.values_list("session_id", flat=True))
    RatingHold.objects.bulk_create(
        [
            RatingHold(
                operator_id=session.operator_id,
                session_id=session.pk,
                reason=held[session.pk].reason,
                detail=held[session.pk].detail,
                held_at=as_of,
                tried_at=as_of,
            )
            for session in sessions
        ],
        update_conflicts=True,
        unique_fields=["session"],
        update_fields=["reason", "detail", "tried_at"],
    )
    unpriced = {
        session.connector_id: session
        for session in sessions
        if held[session.pk].reason in UNPRICED and session.pk not in told
    }
    for session in unpriced.values():
        status.record_observation(
            kind=NO_TARIFF,
            station_id=session.station_id,
            connector_id=session.connector_id,
            occurred_at=session.ended_at or as_of,
            source_id=f"session:{session.pk}",
            as_of=as_of,
        )
