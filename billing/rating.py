"""Rating: one frozen Cdr per session, or a hold that says why there is none."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from billing import charges, queries
from billing.charges import Held
from billing.models import Cdr, Customer, RatingHold
from billing.queries import Choice, PriceBook, gating
from billing.queries.gating import Gate
from billing.tariffs import formula, reading
from chargenet.core import events, many
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
SPOT_MISSING, POWER_UNKNOWN = "spot_missing", "power_unknown"
# What the engine refuses to guess, by the name it gives it.
LACKING = {"spot": SPOT_MISSING, "connector_power_w": POWER_UNKNOWN}
# What a price list lacks is for a rule to see; what a session lacks is for a person.
UNPRICED = frozenset({NO_TARIFF, TARIFF_UNREADABLE, charges.TAX_UNKNOWN, POWER_UNKNOWN})


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
    choices: dict[Session, Choice] = {}
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
            choices[session] = found
    cdrs += _priced(choices, held, book, gate)
    _store(cdrs, announce=announce)
    _hold([session for session in sessions if session.pk in held], held, as_of)
    return Counter(rated=len(cdrs)) + Counter(each.reason for each in held.values())


def _priced(
    choices: Mapping[Session, Choice], held: dict[int, Held], book: PriceBook, gate: Gate
) -> list[Cdr]:
    """Return the Cdrs of sessions whose tariff is known; who gets none is put into `held`."""
    lists = book.lists
    snapshots = queries.snapshots_of({each.tariff_id for each in choices.values()}, lists)
    handed = queries.hand_out(choices, lists, gate.as_of)
    sampled = [
        session.pk
        for session, choice in choices.items()
        if formula.needs_samples(lists.readable[choice.tariff_id])
    ]
    cdrs = []
    facts_of = station_queries.facts_of_many(choices, sampled=sampled)
    for (session, choice), facts in zip(choices.items(), facts_of, strict=True):
        price_list, given = lists.readable[choice.tariff_id], handed.given(session, choice)
        try:
            result = formula.price_session(facts, price_list, given)
        except reading.Refused as error:
            held[session.pk] = Held(LACKING.get(error.where, TARIFF_UNREADABLE), str(error)[:255])
            continue
        payer = _payer(book, session)
        verdict = gate.judge(session, result, payer.customer)
        cdr = charges.charge_of(session, choice.tariff_id, result, payer, verdict, gate.as_of)
        if isinstance(cdr, Held):
            held[session.pk] = cdr
            continue
        cdr.chosen, cdr.snapshot_id = choice.told, snapshots.get(choice.tariff_id)
        cdr.given = formula.store(facts, price_list, given) | {"basis": payer.basis.name.lower()}
        handed.spend(session, choice, queries.billed_amount(cdr))
        cdrs.append(cdr)
    return cdrs


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


def _price_of(session: Session, book: PriceBook) -> Choice | Held:
    choice = book.choice_of(session)
    if choice is None and book.lacks_power(session):
        return Held(POWER_UNKNOWN, "the tariff is told by the connector's power")
    if choice is None:
        return Held(NO_TARIFF, "no tariff was assigned when the session began")
    if choice.tariff_id in book.lists.unreadable:
        return Held(TARIFF_UNREADABLE, book.lists.unreadable[choice.tariff_id][:255])
    return choice


def _store(cdrs: list[Cdr], *, announce: bool) -> None:
    """Write the Cdrs; a session somebody rated meanwhile keeps the Cdr it has."""
    if not cdrs:
        return
    many.insert_new(cdrs)
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
