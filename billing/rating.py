"""Rating: one frozen Cdr per session, or a hold that says why there is none."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from billing import charges, queries
from billing.charges import Held
from billing.models import Cdr, Customer, RatingHold
from billing.queries import PriceBook, gating
from billing.tariffs import price
from chargenet.core import events
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
# What a price list lacks is for a rule to see; what a session lacks is for a person.
UNPRICED = frozenset({NO_TARIFF, TARIFF_UNREADABLE, charges.TAX_UNKNOWN})


class SessionNotRateable(Exception):
    """The session is open or flagged: it has no facts to price."""


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
        ).prefetch_related("station__location", "connector", "operator")
    )
    _ensure_customers(sessions)
    gate = gating.open_gate(sessions, as_of=as_of)
    sessions = [gate.as_ruled(session) for session in sessions]
    book = queries.price_book(sessions)
    tariffs: dict[int, int] = {}
    held: dict[int, Held] = {}
    cdrs = []
    for session in sessions:
        if gate.is_waived(session):
            cdrs.append(charges.waived(session, _payer(book, session), as_of))
            continue
        found = _price_of(session, book)
        if isinstance(found, Held):
            held[session.pk] = found
        else:
            tariffs[session.pk] = found
    sampled = [key for key, tariff_id in tariffs.items() if book.tariffs[tariff_id].restrictions]
    priced = [session for session in sessions if session.pk in tariffs]
    facts_of = station_queries.facts_of_many(priced, sampled=sampled)
    for session, facts in zip(priced, facts_of, strict=True):
        tariff_id = tariffs[session.pk]
        result = price.price_session(facts, book.tariffs[tariff_id])
        payer = _payer(book, session)
        verdict = gate.judge(session, result, payer.customer)
        cdr = charges.charge_of(session, tariff_id, result, payer, verdict, as_of)
        if isinstance(cdr, Held):
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


def _payer(book: PriceBook, session: Session) -> charges.Payer:
    return charges.Payer(book.customer_of(session), book.cost_centre_id_of(session))


def _price_of(session: Session, book: PriceBook) -> int | Held:
    tariff_id = book.tariff_id_of(session)
    if tariff_id is None:
        return Held(NO_TARIFF, "no tariff was assigned when the session began")
    if tariff_id in book.unreadable:
        return Held(TARIFF_UNREADABLE, book.unreadable[tariff_id][:255])
    return tariff_id


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


def _hold(sessions: list[Session], held: dict[int, Held], as_of: datetime) -> None:
    """Write why sessions wait, and tell the rules once per connector what lacks a price.

    What was tried again in vain was told before; what a person decided meanwhile waits no more.
    """
    ids = [session.pk for session in sessions]
    rated = set(Cdr.objects.filter(session_id__in=ids).values_list("session_id", flat=True))
    sessions = [session for session in sessions if session.pk not in rated]
    rows = RatingHold.objects.filter(session__in=sessions, reason__in=UNPRICED)
    told = set(rows.values_list("session_id", flat=True))
    RatingHold.objects.bulk_create(
        [_hold_of(session, held[session.pk], as_of) for session in sessions],
        update_conflicts=True,
        unique_fields=["session"],
        update_fields=["reason", "detail", "tried_at", "findings", "at_risk", "currency"],
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


def _hold_of(session: Session, why: Held, as_of: datetime) -> RatingHold:
    return RatingHold(
        operator_id=session.operator_id,
        session_id=session.pk,
        reason=why.reason,
        detail=why.detail,
        findings=list(why.findings),
        at_risk=why.at_risk,
        currency=why.currency,
        held_at=as_of,
        tried_at=as_of,
    )
