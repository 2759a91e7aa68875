"""What sessions cost so far: the thin formula, for a driver's screen and never for a bill."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction

from billing.models import Cdr
from billing.queries.prices import PriceBook, price_book
from billing.tariffs import bill, model, price
from billing.tariffs.model import Dimension
from chargenet.core import money
from stations import queries as station_queries
from stations.models import Connector, Session

UNITS: Mapping[Dimension, str] = {
    Dimension.ENERGY: "/kWh",
    Dimension.TIME: "/h",
    Dimension.PARKING_TIME: "/h P",
    Dimension.FLAT: "",
}
MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)


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
    is_business = cdr.customer is not None and cdr.customer.is_company
    total = cdr.total_excl_vat if is_business else cdr.total_incl_vat
    return f"{total.amount:f}"


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
    is_business = customer is not None and customer.is_company
    total = priced.total.excl if is_business else priced.total.incl
    return None if total is None else f"{money.round_minor(total, priced.currency):f}"


def price_texts(connectors: Iterable[Connector], as_of: datetime) -> Mapping[int, str]:
    """Return what charging costs at connectors in a few words, incl. VAT, for their screens.

    A price that depends on the hour or on anything else is left out: a screen that shows half of
    it would mislead.
    """
    asked = {
        each.pk: Session(
            operator_id=each.operator_id,
            station=each.station,
            connector=each,
            started_at=as_of,
        )
        for each in connectors
    }
    book = price_book(list(asked.values()))
    found: dict[int, str] = {}
    for connector_id, session in asked.items():
        tariff_id = book.tariff_id_of(session)
        tariff = None if tariff_id is None else book.tariffs.get(tariff_id)
        text = _words(tariff) if tariff else ""
        if text:
            found[connector_id] = text
    return found


def _words(tariff: model.Tariff) -> str:
    parts = []
    for dimension, unit in UNITS.items():
        offers = tariff.offers[dimension]
        if any(offer.restrictions is not None for offer in offers):
            return ""
        if offers and offers[0].component.price:
            component = offers[0].component
            line = bill.with_amount(
                bill.PricedLine(
                    kind=bill.LineKind(dimension.value),
                    element=None,
                    component=None,
                    started_at=MIDNIGHT,
                    ended_at=MIDNIGHT,
                    quantity=Fraction(1),
                    billed_quantity=Fraction(1),
                    price=component.price,
                    vat=component.vat,
                ),
                tariff.tax_included,
            )
            if line.amount.incl is None:
                return ""
            amount = money.round_minor(line.amount.incl, tariff.currency)
            parts.append(f"{amount:f} {tariff.currency}{unit}")
    return " + ".join(parts)
