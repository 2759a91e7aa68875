"""What charging costs in a driver's words, before it begins: one function for every page."""

from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.utils import formats as django_formats
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from billing.models import Tariff
from billing.queries.lists import price_lists
from billing.queries.prices import price_book
from billing.tariffs import shown
from billing.tariffs.model import Restrictions
from billing.tariffs.native.model import NativeTariff
from billing.tariffs.shown import Kind, Shown
from billing.tariffs.writing import decimal_text
from chargenet.core import formats
from stations.models import Connector, Session

WEEK = 7


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One price in words: what for, how much, and when it holds."""

    what: str
    price: str
    when: str
    is_now: bool


@dataclass(frozen=True, slots=True)
class PriceBefore:
    """The prices of a place before somebody charges, in the order the law asks for."""

    rows: list[PriceRow]
    name: str
    version: int


def price_before(connector: Connector, as_of: datetime) -> PriceBefore | None:
    """Return what somebody without a contract pays at a connector; None where nobody can say."""
    session = Session(
        operator_id=connector.operator_id,
        station=connector.station,
        connector=connector,
        started_at=as_of,
    )
    choice = price_book([session]).choice_of(session)
    if choice is None:
        return None
    found = native_of([choice.tariff_id]).get(choice.tariff_id)
    row = Tariff.objects.filter(pk=choice.tariff_id).first()
    if found is None or row is None:
        return None
    zone = ZoneInfo(connector.station.location.timezone)
    rows = rows_of(found, local=as_of.astimezone(zone), power_w=connector.max_power_w)
    return PriceBefore(rows, row.name, row.version) if rows else None


def native_of(tariff_ids: list[int]) -> dict[int, NativeTariff]:
    """Return tariffs as our engine prices them; those nobody can read are left out."""
    return {
        pk: found if isinstance(found, NativeTariff) else NativeTariff(base=found)
        for pk, found in price_lists(tariff_ids).readable.items()
    }


def rows_of(tariff: NativeTariff, *, local: datetime, power_w: int | None) -> list[PriceRow]:
    """Return a tariff's prices with VAT, in words; what is free and has no other hour is out."""
    found = shown.shown_prices(tariff, local=local, power_w=power_w)
    return [_row(each, tariff.base.currency) for each in found if each.incl is not None]


def _row(each: Shown, currency: str) -> PriceRow:
    assert each.incl is not None, "the caller left out what cannot be said"
    unit = _units().get(each.kind, "")
    return PriceRow(
        what=_words()[each.kind],
        price=f"{amount(each.incl, currency)}{unit}",
        when=_when(each, currency),
        is_now=each.is_now,
    )


def amount(value: Fraction, currency: str) -> str:
    """Write a price, two decimals and up to four where two do not say it."""
    exact = round(Decimal(decimal_text(value)), 4).normalize()
    exponent = exact.as_tuple().exponent
    assert isinstance(exponent, int), "a price is a finite number"
    return formats.money_with(formats.number(exact, digits=max(-exponent, 2)), currency)


def _words() -> dict[Kind, str]:
    return {
        Kind.PER_KWH: _("Energy"),
        Kind.SPOT: _("Energy: the exchange's price of the hour, and"),
        Kind.PER_MINUTE: _("While charging"),
        Kind.IDLE_MINUTE: _("Standing after charging"),
        Kind.PER_SESSION: _("Start fee"),
        Kind.RESERVATION: _("Reservation"),
        Kind.LEAST: _("At least"),
        Kind.MOST: _("At most"),
        Kind.MOST_A_DAY: _("At most a day"),
    }


def _units() -> dict[Kind, str]:
    return {
        Kind.PER_KWH: _("/kWh"),
        Kind.SPOT: _("/kWh"),
        Kind.PER_MINUTE: _("/min"),
        Kind.IDLE_MINUTE: _("/min"),
    }


def _when(each: Shown, currency: str) -> str:
    parts = [] if each.rules is None else when_words(each.rules)
    if each.grace_s:
        told = {"time": formats.duration(each.grace_s)}
        parts.append(_("the first %(time)s are free") % told)
    if each.cap is not None:
        parts.append(_("at most %(amount)s") % {"amount": amount(each.cap, currency)})
    return ", ".join(parts)


def when_words(rules: Restrictions) -> list[str]:
    """Return when a price holds, in words."""
    parts = []
    if rules.weekdays:
        parts.append(_days(sorted(rules.weekdays)))
    if rules.start_time or rules.end_time:
        parts.append(f"{rules.start_time or time(0):%H:%M}–{_end(rules.end_time)}")
    if rules.start_date:
        parts.append(_("from %(day)s") % {"day": rules.start_date.isoformat()})
    if rules.end_date:
        parts.append(_("until %(day)s") % {"day": rules.end_date.isoformat()})
    return parts + _thresholds(rules)


def _thresholds(rules: Restrictions) -> list[str]:
    words = (
        (rules.min_energy_wh, _("from %(figure)s kWh on"), 1000),
        (rules.max_energy_wh, _("up to %(figure)s kWh"), 1000),
        (rules.min_duration_s, _("after %(figure)s min"), 60),
        (rules.max_duration_s, _("the first %(figure)s min"), 60),
        (rules.min_power_w, _("from %(figure)s kW"), 1000),
        (rules.max_power_w, _("below %(figure)s kW"), 1000),
        (rules.min_current_a, _("from %(figure)s A"), 1),
        (rules.max_current_a, _("below %(figure)s A"), 1),
    )
    return [
        template % {"figure": django_formats.localize(_short(value / size))}
        for value, template, size in words
        if value is not None
    ]


def _short(value: Fraction) -> Decimal:
    """Return a threshold without the noughts at its end."""
    exact = round(Decimal(decimal_text(value)), 2)
    return exact.quantize(Decimal(1)) if exact == exact.to_integral_value() else exact


def _end(end: time | None) -> str:
    return "24:00" if end is None else f"{end:%H:%M}"


def _days(days: list[int]) -> str:
    """Return days of the week in words; three or more in a row as a span."""
    names = [str(WEEKDAYS_ABBR[day]) for day in days]
    is_row = len(days) > 2 and days == list(range(days[0], days[0] + len(days)))
    return f"{names[0]}–{names[-1]}" if is_row else ", ".join(names)
