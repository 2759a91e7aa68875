"""What sessions cost so far: the thin formula, for a driver's screen and never for a bill."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction

from billing.models import Cdr
from billing.queries.handed import Handed, hand_out
from billing.queries.prices import Choice, PriceBook, price_book
from billing.queries.rounding import rounded_parts, sums
from billing.queries.snapshots import basis_of
from billing.tariffs import bill, formula, reading
from billing.tariffs.formula import PriceList
from billing.tariffs.model import Dimension
from billing.tariffs.native.model import NativeTariff
from billing.vat.parts import Basis
from chargenet.core import money
from stations import queries as station_queries
from stations.metering.session_facts import SessionFacts
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
    costs = {session_id: _billed(cdr) for session_id, cdr in billed.items()}
    waiting = [each for each in sessions if each.pk not in billed and not each.needs_review]
    for session, text in _quoted(waiting, as_of):
        costs[session.pk] = text
    return costs


def _billed(cdr: Cdr) -> str:
    is_business = cdr.customer is not None and cdr.customer.is_company
    total = cdr.total_excl_vat if is_business else cdr.total_incl_vat
    return f"{total.amount:f}"


def _quoted(sessions: Sequence[Session], as_of: datetime) -> Iterator[tuple[Session, str]]:
    """Yield what sessions without a Cdr would cost if they ended now, those that can be priced."""
    if not sessions:
        return
    book = price_book(sessions)
    chosen = {session: book.choice_of(session) for session in sessions}
    readable = book.lists.readable
    choices = {
        session: choice
        for session, choice in chosen.items()
        if choice is not None and choice.tariff_id in readable
    }
    handed = hand_out(choices, book.lists, as_of, to_bill=False)
    sampled = [
        session.pk
        for session, choice in choices.items()
        if formula.needs_samples(readable[choice.tariff_id])
    ]
    for session, facts in station_queries.facts_by_now(choices, as_of, sampled=sampled):
        text = _text(facts, session, choices[session], book, handed)
        if text is not None:
            yield session, text


def _text(
    facts: SessionFacts, session: Session, choice: Choice, book: PriceBook, handed: Handed
) -> str | None:
    """Return a price rounded as the Cdr will be."""
    price_list = book.lists.readable[choice.tariff_id]
    try:
        priced = formula.price_session(facts, price_list, handed.given(session, choice))
    except reading.Refused:
        return None
    basis = basis_of(book.customer_of(session))
    rounded = rounded_parts(priced, basis)
    if rounded is None:
        return None
    excl, vat = sums(rounded, priced.currency)
    return f"{excl if basis is Basis.NET else excl + vat:f}"


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
        choice = book.choice_of(session)
        price_list = None if choice is None else book.lists.readable.get(choice.tariff_id)
        text = "" if price_list is None else _words(price_list)
        if text:
            found[connector_id] = text
    return found


def _words(price_list: PriceList) -> str:
    if isinstance(price_list, NativeTariff):
        return ""
    tariff = formula.base_of(price_list)
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
