"""Revenue as the ledger has it: income postings by place and by day."""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.urls import reverse
from django.utils.translation import gettext as _

from billing.models import Cdr
from chargenet.core import access
from chargenet.core.access import Person
from revenue.models import EntryKind, LedgerAccount, Posting
from stations.models import Cable, Connector, Station

PLACES = ("station", "connector", "cable")
MAX_ROWS = 1000
# An invoice may move an öre of a session it bills; the session was charged when it was rated.
EARNED = Q(entry__kind=EntryKind.CDR.value)


@dataclass(frozen=True)
class Period:
    """A calendar month, quarter or year, [start, end), with the name it has in an address."""

    name: str
    start: date
    end: date

    @property
    def is_year(self) -> bool:
        """Whether days would be too many to draw."""
        return (self.end - self.start).days > 100

    def same_days_before(self, today: date) -> "Period":
        """Return the period before, only as far as this one has come."""
        before = self.before()
        passed = (min(today + timedelta(days=1), self.end) - self.start).days
        end = min(before.start + timedelta(days=max(passed, 0)), before.end)
        return Period(before.name, before.start, end)

    def before(self) -> "Period":
        """Return the period of the same kind before this one."""
        return _containing(self.kind, self.start - timedelta(days=1))

    def after(self) -> "Period":
        """Return the period of the same kind after this one."""
        return _containing(self.kind, self.end)

    @property
    def instants(self) -> tuple[datetime, datetime]:
        """Its first instant and the first after it, in UTC."""
        start, end = (datetime.combine(day, time(), tzinfo=UTC) for day in (self.start, self.end))
        return start, end

    @property
    def kind(self) -> str:
        """One of month, quarter, year."""
        return "quarter" if "q" in self.name else "month" if "-" in self.name else "year"


def kind_word(period: Period) -> str:
    """Return what a period is, in a word."""
    return {"month": _("Month"), "quarter": _("Quarter"), "year": _("Year")}[period.kind]


def month_of(day: date) -> Period:
    """Return the calendar month of a day."""
    return _containing("month", day)


def _containing(kind: str, day: date) -> Period:
    if kind == "year":
        return Period(f"{day.year}", date(day.year, 1, 1), date(day.year + 1, 1, 1))
    if kind == "quarter":
        first = 3 * ((day.month - 1) // 3) + 1
        end = date(day.year + (first == 10), (first + 3) % 12, 1)
        return Period(f"{day.year}-q{first // 3 + 1}", date(day.year, first, 1), end)
    days = calendar.monthrange(day.year, day.month)[1]
    start = day.replace(day=1)
    return Period(f"{day:%Y-%m}", start, start + timedelta(days=days))


def read_period(text: str, today: date) -> Period:
    """Return the period an address names: 2026-11, 2026-q4 or 2026; else this month."""
    found = re.fullmatch(r"(20\d\d|19\d\d)(?:-(0[1-9]|1[0-2])|-q([1-4]))?", text)
    if not found:
        return month_of(today)
    year, month, quarter = found.groups()
    if month:
        return _containing("month", date(int(year), int(month), 1))
    if quarter:
        return _containing("quarter", date(int(year), 3 * int(quarter) - 2, 1))
    return _containing("year", date(int(year), 1, 1))


def kinds_of(period: Period, today: date) -> list[Period]:
    """Return the month, quarter and year around a period, today's where it is the present."""
    day = today if period.start <= today < period.end else period.start
    return [_containing(kind, day) for kind in ("month", "quarter", "year")]


@dataclass(frozen=True)
class PlaceRow:
    """What one station, connector or cable earned, excluding VAT."""

    name: str
    under: str
    href: str
    sessions: int
    energy_wh: int
    amount: Decimal
    share: Decimal

    @property
    def per_kwh(self) -> Decimal | None:
        """Revenue for each kWh."""
        return self.amount * 1000 / self.energy_wh if self.energy_wh else None


def currency_of(person: Person) -> str:
    """Return the currency of a person's first operator."""
    memberships = access.memberships_of(person)
    return memberships[0].operator.currency if memberships else "SEK"


def income(person: Person, currency: str, period: Period) -> QuerySet[Posting]:
    """Return the income postings of a period; credit is negative."""
    return Posting.objects.visible_to(person).filter(
        account__kind=LedgerAccount.Kind.INCOME,
        currency=currency,
        date__gte=period.start,
        date__lt=period.end,
    )


def total(person: Person, currency: str, period: Period) -> Decimal:
    """Return the revenue of a period, excluding VAT."""
    found: Decimal | None = income(person, currency, period).aggregate(sum=Sum("amount"))["sum"]
    return -(found or Decimal(0))


def by_place(person: Person, currency: str, period: Period, place: str) -> list[PlaceRow]:
    """Return the revenue per station, connector or cable, the highest first."""
    assert place in PLACES, "a place is a station, a connector or a cable"
    rows = income(person, currency, period)
    earned = list(
        rows.values_list(f"{place}_id")
        .annotate(
            amount=Sum("amount"),
            sessions=Count("session_id", distinct=True, filter=EARNED),
        )
        .order_by("amount")[:MAX_ROWS]
    )
    cdrs = Cdr.objects.filter(session_id__in=rows.filter(EARNED).values("session_id"))
    energy = dict(cdrs.values_list(f"{place}_id").annotate(energy_wh=Sum("energy_wh")))
    names = _names(place, [pk for pk, _amount, _sessions in earned if pk is not None])
    whole = -sum((amount for _pk, amount, _sessions in earned), Decimal(0))
    nowhere = (_("Not tied to a place") if place != "cable" else _("No cable (socket)"), "", "")
    return [
        PlaceRow(
            *names.get(pk, nowhere),
            sessions=sessions,
            energy_wh=energy.get(pk, 0),
            amount=-amount,
            share=-amount / whole if whole else Decimal(0),
        )
        for pk, amount, sessions in earned
    ]


def _names(place: str, ids: list[int]) -> dict[int, tuple[str, str, str]]:
    """Return name, the line under it and the address of each place."""
    if place == "station":
        stations = Station.objects.filter(pk__in=ids).select_related("location")
        return {
            station.pk: (station.name, station.location.name, _station_href(station.pk))
            for station in stations
        }
    if place == "connector":
        connectors = Connector.objects.filter(pk__in=ids).select_related("station", "evse")
        return {
            connector.pk: (
                connector_name(connector),
                str(connector.get_kind_display()),
                _station_href(connector.station_id),
            )
            for connector in connectors
        }
    cables = Cable.objects.filter(pk__in=ids)
    return {cable.pk: (cable.serial_number, cable.get_type_display(), "") for cable in cables}


def connector_name(connector: Connector) -> str:
    """Return station, EVSE and, where an EVSE has several, connector."""
    number = f"{connector.evse.number}"
    if connector.number > 1:
        number = f"{number}.{connector.number}"
    return f"{connector.station.name} ·\u00a0{number}"


def _station_href(station_id: int) -> str:
    return reverse("station_page", args=[station_id])


def over_time(person: Person, currency: str, period: Period) -> dict[date, Decimal]:
    """Return the revenue of each day, or of each month of a year; empty days are 0."""
    rows = income(person, currency, period)
    if period.is_year:
        months = rows.annotate(month=TruncMonth("date")).values_list("month")
        found = dict(months.annotate(amount=Sum("amount")).order_by("month"))
        days = [date(period.start.year, month, 1) for month in range(1, 13)]
    else:
        found = dict(rows.values_list("date").annotate(amount=Sum("amount")).order_by("date"))
        length = (period.end - period.start).days
        days = [period.start + timedelta(days=number) for number in range(length)]
    return {day: -found.get(day, Decimal(0)) for day in days}


def sums(rows: QuerySet[Posting], key: str) -> dict[int | None, Decimal]:
    """Return the revenue of some postings per key."""
    return {pk: -amount for pk, amount in rows.values_list(key).annotate(amount=Sum("amount"))}
