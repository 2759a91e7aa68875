"""What charging costs, in the words of stations that reckon or show it themselves."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import Q

from billing.models import Contract
from billing.queries.prices import PriceBook, price_book, tariffs_of
from billing.tariffs import station as station_words
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
    tariff_id = book.tariff_id_of(session)
    if tariff_id is None:
        return None
    if tariff_id in book.unreadable:
        return book.unreadable[tariff_id]
    try:
        return station_words.say_tariff(
            book.tariffs[tariff_id], scope=scope, as_of=as_of or session.started_at
        )
    except station_words.Unsayable as why:
        return str(why)


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
    tariffs, _ = tariffs_of([contract.tariff_id])
    try:
        return station_words.say_tariff(tariffs[contract.tariff_id], scope="driver", as_of=as_of)
    except (KeyError, station_words.Unsayable):
        return None
