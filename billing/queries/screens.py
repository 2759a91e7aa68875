"""What charging costs, in the words of stations that reckon or show it themselves."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import Q

from billing.models import Contract
from billing.queries.lists import price_lists
from billing.queries.prices import PriceBook, price_book
from billing.tariffs import formula
from billing.tariffs import station as station_words
from billing.tariffs.formula import PriceList
from billing.tariffs.native.model import NativeTariff
from billing.tariffs.station import StationTariff
from stations.models import Connector, Session, Station

Sayable = StationTariff | str | None


def station_tariffs(connectors: Iterable[Connector], as_of: datetime) -> Mapping[int, Sayable]:
    """Return per connector the tariff of whoever has none of his own, as OCPP 2.1 says it.

    A text instead is why it cannot be said; None is no tariff at all. Connectors of one EVSE share
    its words, or have none.
    """
    asked = {
        each.pk: Session(
            operator_id=each.operator_id, station=each.station, connector=each, started_at=as_of
        )
        for each in connectors
    }
    book = price_book(list(asked.values()))
    return {
        connector_id: _say(book, session, f"default {session.connector.evse_id}")
        for connector_id, session in asked.items()
    }


def session_tariff(session: Session, as_of: datetime) -> Sayable:
    """Return the tariff a session will be billed by, as OCPP 2.1 says it; a text is why not."""
    return _say(price_book([session]), session, f"session {session.pk}", as_of)


def _say(book: PriceBook, session: Session, scope: str, as_of: datetime | None = None) -> Sayable:
    choice = book.choice_of(session)
    if choice is None:
        return None
    if choice.tariff_id in book.lists.unreadable:
        return book.lists.unreadable[choice.tariff_id]
    price_list = book.lists.readable[choice.tariff_id]
    try:
        return _said(price_list, scope, as_of or session.started_at)
    except station_words.Unsayable as why:
        return str(why)


def _said(price_list: PriceList, scope: str, as_of: datetime) -> StationTariff:
    """Return a price list as a station can reckon it; raises Unsayable.

    A station knows neither the exchange's prices nor what a day has cost: of ours it is told
    nothing, rather than half.
    """
    if isinstance(price_list, NativeTariff):
        raise station_words.Unsayable("a tariff of our own: no station can reckon it")
    return station_words.say_tariff(formula.base_of(price_list), scope=scope, as_of=as_of)


def driver_tariff(station_id: int, uid: str, as_of: datetime) -> StationTariff | None:
    """Return the tariff of a token's own contract (I08), where it has one that can be said."""
    operator = Station.objects.filter(pk=station_id).values("operator_id")[:1]
    contract = (
        Contract.objects.filter(
            Q(valid_until=None) | Q(valid_until__gt=as_of),
            operator_id__in=operator,
            token__uid_key=uid.lower(),
            tariff__isnull=False,
            valid_from__lte=as_of,
        )
        .order_by("-valid_from", "-pk")
        .first()
    )
    if contract is None or contract.tariff_id is None:
        return None
    lists = price_lists([contract.tariff_id])
    try:
        return _said(lists.readable[contract.tariff_id], "driver", as_of)
    except (KeyError, station_words.Unsayable):
        return None
