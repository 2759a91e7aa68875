"""What charging costs in a driver's words, before it begins: one function for every page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.utils import formats as django_formats
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from billing.models import Tariff, TariffDraft
from billing.queries.lists import price_lists
from billing.queries.markets import Market, spot_between
from billing.queries.prices import price_book
from billing.tariffs import shown
from billing.tariffs.formula import PriceList
from billing.tariffs.model import Restrictions
from billing.tariffs.native.model import NativeTariff
from billing.tariffs.shown import Kind, Shown
from billing.tariffs.writing import decimal_text
from chargenet.core import formats
from stations.models import Connector, Session

A_DAY = timedelta(days=1)
Spot = Mapping[datetime, Fraction]


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One price in words: what for, how much, and when it holds."""

    what: str
    price: str
    when: str
    is_now: bool
    is_ahead: bool = False


@dataclass(frozen=True, slots=True)
class PriceBefore:
    """The prices of a place before somebody charges, in the order the law asks for."""

    rows: list[PriceRow]
    name: str
    version: int
    rule: str


def price_before(connector: Connector, as_of: datetime) -> PriceBefore | None:
    """Return what somebody without a contract pays at a connector; None where nobody can say."""
    nobody = Session(
        operator_id=connector.operator_id,
        station=connector.station,
        connector=connector,
        started_at=as_of,
    )
    return price_of(nobody, as_of)


def price_of(session: Session, as_of: datetime) -> PriceBefore | None:
    """Return the prices a session has, for whoever charges; None where nobody can say."""
    choice = price_book([session]).choice_of(session)
    if choice is None:
        return None
    tariff = Tariff.objects.get(pk=choice.tariff_id)
    found = native_of([tariff.pk]).get(tariff.pk)
    if found is None:
        return None
    rows = rows_of(
        found,
        local=as_of.astimezone(ZoneInfo(session.station.location.timezone)),
        power_w=session.connector.max_power_w,
        spot=spot_ahead(tariff, found, as_of),
    )
    return PriceBefore(rows, tariff.name, tariff.version, choice.rule) if rows else None


def spot_ahead(row: Tariff | TariffDraft, ours: NativeTariff, as_of: datetime) -> Spot:
    """Return the exchange's prices of a day from an instant on; none where it asks for none."""
    if ours.spot is None:
        return {}
    market = Market(row.operator_id, row.spot_area, ours.base.currency)
    return spot_between(market, as_of, as_of + A_DAY)


def native_of(tariff_ids: list[int]) -> dict[int, NativeTariff]:
    """Return tariffs as our engine prices them; those nobody can read are left out."""
    return {pk: as_ours(found) for pk, found in price_lists(tariff_ids).readable.items()}


def as_ours(price_list: PriceList) -> NativeTariff:
    """Return a price list as one of our own, OCPI's with nothing around it."""
    if isinstance(price_list, NativeTariff):
        return price_list
    return NativeTariff(base=price_list)


def rows_of(
    tariff: NativeTariff, *, local: datetime, power_w: int | None, spot: Spot | None = None
) -> list[PriceRow]:
    """Return a tariff's prices with VAT, in words; what is free and has no other hour is out."""
    found = shown.shown_prices(tariff, local=local, power_w=power_w, spot=spot)
    return _merged(
        _row(each, tariff.base.currency, local) for each in found if each.incl is not None
    )


def _merged(rows: Iterable[PriceRow]) -> list[PriceRow]:
    """Return one row for each price, with all its hours."""
    found: dict[tuple[str, str], PriceRow] = {}
    for row in rows:
        before = found.setdefault((row.what, row.price), row)
        if before is not row:
            when = "; ".join((before.when, row.when)) if before.when and row.when else ""
            found[row.what, row.price] = replace(
                before, when=when, is_now=before.is_now or row.is_now
            )
    return list(found.values())


def _row(each: Shown, currency: str, local: datetime) -> PriceRow:
    assert each.incl is not None, "the caller left out what cannot be said"
    unit = _units().get(each.kind, "")
    price = amount(each.incl, currency)
    if each.highest is not None and each.highest != each.incl:
        price = formats.money_with(f"{_figure(each.incl)}–{_figure(each.highest)}", currency)
    return PriceRow(
        what=_words()[each.kind],
        price=f"{price}{unit}",
        when=_when(each, currency, local),
        is_now=each.is_now,
        is_ahead=each.until is not None,
    )


def amount(value: Fraction, currency: str) -> str:
    """Write a price, two decimals and up to four where two do not say it."""
    return formats.money_with(_figure(value), currency)


def _figure(value: Fraction) -> str:
    exact = round(Decimal(decimal_text(value)), 4).normalize()
    exponent = exact.as_tuple().exponent
    assert isinstance(exponent, int), "a price is a finite number"
    return formats.number(exact, digits=max(-exponent, 2))


def _words() -> dict[Kind, str]:
    return {
        Kind.PER_KWH: _("Energy"),
        Kind.SPOT_NOW: _("Energy, this quarter of an hour"),
        Kind.SPOT_AHEAD: _("Energy, each quarter of an hour that follows"),
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
        Kind.SPOT_NOW: _("/kWh"),
        Kind.SPOT_AHEAD: _("/kWh"),
        Kind.SPOT: _("/kWh"),
        Kind.PER_MINUTE: _("/min"),
        Kind.IDLE_MINUTE: _("/min"),
    }


def _when(each: Shown, currency: str, local: datetime) -> str:
    parts = [] if each.rules is None else when_words(each.rules)
    if each.until is not None:
        told = {"time": f"{each.until.astimezone(local.tzinfo):%Y-%m-%d %H:%M}"}
        parts.append(_("known until %(time)s") % told)
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
