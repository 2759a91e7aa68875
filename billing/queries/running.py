"""What sessions cost so far: the thin formula, for a driver's screen and never for a bill."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from billing.models import Cdr, Customer
from billing.queries.prices import PriceBook, price_book
from billing.tariffs import price
from chargenet.core import money
from stations import queries as station_queries
from stations.models import Session


def running_costs(session_ids: Sequence[int], as_of: datetime) -> Mapping[int, str]:
    """Return the cost of sessions as decimal text; one nobody can price yet is left out.

    A priced session costs what its Cdr says; one that goes on, what it would if it ended now.
    Free is 0.00. Incl. VAT for a consumer, excl. VAT for a business, as the Cdr will be.
    """
    sessions = list(
        Session.objects.filter(pk__in=session_ids).select_related("station__location", "connector")
    )
    billed = {cdr.session_id: cdr for cdr in Cdr.objects.filter(session_id__in=session_ids)}
    waiting = [session for session in sessions if session.pk not in billed]
    book = price_book(waiting) if waiting else None
    costs: dict[int, str] = {}
    for session in sessions:
        cdr = billed.get(session.pk)
        text = _billed(cdr) if cdr else _quoted(session, book, as_of) if book else None
        if text is not None:
            costs[session.pk] = text
    return costs


def _billed(cdr: Cdr) -> str:
    is_business = cdr.customer is not None and cdr.customer.kind == Customer.Kind.BUSINESS
    return str(cdr.total_excl_vat if is_business else cdr.total_incl_vat)


def _quoted(session: Session, book: PriceBook, as_of: datetime) -> str | None:
    if session.needs_review:
        return None
    tariff_id = book.tariff_id_of(session)
    if tariff_id is None or tariff_id in book.unreadable:
        return None
    is_over = session.ended_at is not None and session.energy_wh is not None
    facts = (
        station_queries.facts_of(session)
        if is_over
        else station_queries.facts_so_far(session, as_of)
    )
    if facts is None:
        return None
    priced = price.price_session(facts, book.tariffs[tariff_id])
    customer = book.customer_of(session)
    is_business = customer is not None and customer.kind == Customer.Kind.BUSINESS
    total = priced.total.excl if is_business else priced.total.incl
    return None if total is None else f"{money.round_minor(total, priced.currency):f}"
