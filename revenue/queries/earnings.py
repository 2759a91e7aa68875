"""What charging earned, by place and by day."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from django.db.models import Count, DateField, DateTimeField, F, Func, Sum
from django.db.models.functions import Cast

from billing.models import Cdr
from revenue.models import Posting
from revenue.posting import lines
from revenue.queries.balances import ZERO, accounts_for
from stations.models import Cable, Connector, Location, Station

Place = int | date | None
Key = tuple[Place, str]


class Dimension(StrEnum):
    """What revenue can be seen by: the name of a posting's column."""

    LOCATION = "location"
    STATION = "station"
    CONNECTOR = "connector"
    CABLE = "cable"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Revenue:
    """What charging earned at one place or on one day, in one currency.

    `net` is what the books say; `vat` is as the sessions were priced, before an invoice rounds it
    once for all its lines; energy in Wh. The key is a row's id, or a date for Dimension.DAY; None
    gathers what has no such tag, as a socket has no cable.
    """

    key: int | date | None
    label: str
    currency: str
    net: Decimal
    vat: Decimal
    sessions: int
    energy_wh: int

    @property
    def gross(self) -> Decimal:
        """Return the amount with VAT."""
        return self.net + self.vat


def revenue_by(
    dimension: Dimension,
    *,
    operator_ids: Collection[int],
    start: date,
    end: date,
    location_ids: Collection[int] | None = None,
) -> list[Revenue]:
    """Return what charging earned in [start, end) per place or day, the highest net first.

    Dates are the sites' own; days come in order. Currencies are never added together.
    """
    earned = _earned(dimension, operator_ids, start, end, location_ids)
    charged = _charged(dimension, operator_ids, start, end, location_ids)
    labels = _labels(dimension, {key for key, _ in (*earned, *charged)})
    rows = []
    for key, currency in {**earned, **charged}:
        vat, sessions, energy_wh = charged.get((key, currency), (ZERO, 0, 0))
        net = earned.get((key, currency), ZERO)
        rows.append(Revenue(key, labels.get(key, ""), currency, net, vat, sessions, energy_wh))
    if dimension is Dimension.DAY:
        return sorted(rows, key=lambda row: (str(row.key), row.currency))
    return sorted(rows, key=lambda row: (-row.net, row.label, row.currency))


def local_date(instant: str, zone: str) -> Cast:
    """Return the calendar day of an instant in a time zone, both named as columns."""
    local = Func(F(zone), F(instant), function="timezone", output_field=DateTimeField())
    return Cast(local, DateField())


def _earned(
    dimension: Dimension,
    operator_ids: Collection[int],
    start: date,
    end: date,
    location_ids: Collection[int] | None,
) -> dict[Key, Decimal]:
    """Return net sales of sessions per key and currency, from the postings."""
    rows = Posting.objects.filter(
        account_id__in=accounts_for(lines.SALES, operator_ids),
        operator_id__in=operator_ids,
        date__gte=start,
        date__lt=end,
        session__isnull=False,
    )
    if location_ids is not None:
        rows = rows.filter(location_id__in=location_ids)
    column = "date" if dimension is Dimension.DAY else f"{dimension}_id"
    sums = rows.order_by().values_list(column, "currency").annotate(net=-Sum("amount"))
    return {(key, currency): net for key, currency, net in sums}


def _charged(
    dimension: Dimension,
    operator_ids: Collection[int],
    start: date,
    end: date,
    location_ids: Collection[int] | None,
) -> dict[Key, tuple[Decimal, int, int]]:
    """Return VAT as priced, sessions and energy per key and currency, from the Cdrs."""
    # No clock is more than a day away from UTC: the index finds these, the local date decides.
    rows = Cdr.objects.filter(
        operator_id__in=operator_ids,
        ended_at__gte=datetime.combine(start, time(0), UTC) - timedelta(days=1),
        ended_at__lt=datetime.combine(end, time(0), UTC) + timedelta(days=1),
    ).annotate(day=local_date("ended_at", "location__timezone"))
    rows = rows.filter(day__gte=start, day__lt=end)
    if location_ids is not None:
        rows = rows.filter(location_id__in=location_ids)
    column = "day" if dimension is Dimension.DAY else f"{dimension}_id"
    sums = (
        rows.order_by()
        .values_list(column, "currency")
        .annotate(vat=Sum("vat_amount"), sessions=Count("pk"), energy=Sum("energy_wh"))
    )
    return {(key, currency): (vat, count, wh) for key, currency, vat, count, wh in sums}


def _labels(dimension: Dimension, keys: Iterable[Place]) -> dict[Place, str]:
    """Return what people call the keys."""
    ids = [key for key in keys if isinstance(key, int)]
    match dimension:
        case Dimension.LOCATION:
            return dict(Location.objects.filter(pk__in=ids).values_list("pk", "name"))
        case Dimension.STATION:
            return dict(Station.objects.filter(pk__in=ids).values_list("pk", "name"))
        case Dimension.CABLE:
            return dict(Cable.objects.filter(pk__in=ids).values_list("pk", "serial_number"))
        case Dimension.CONNECTOR:
            found = Connector.objects.filter(pk__in=ids)
            rows = found.values_list("pk", "station__name", "evse__number", "number")
            # In OCPP 1.6 every connector is an EVSE of its own: its number is the EVSE's.
            return {
                pk: f"{station} · {evse}" + (f".{number}" if number > 1 else "")
                for pk, station, evse, number in rows
            }
        case Dimension.DAY:
            return {key: str(key) for key in keys}
