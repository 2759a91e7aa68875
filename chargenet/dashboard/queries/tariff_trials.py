"""What a session would cost by one price list or two, its lines explained, and over a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from billing.queries import pages as price_pages
from billing.queries.pages import PriceLine
from billing.tariffs import reading, trial, writing
from billing.tariffs.bill import PricedSession
from billing.tariffs.native.model import NativeTariff
from billing.tariffs.trial import Wish
from chargenet.core import money
from chargenet.dashboard.parts import Chart, Series

KWH, KW, IDLE = Decimal(30), Decimal(50), 0
MOST_KWH, MOST_KW, MOST_IDLE = Decimal(500), Decimal(1000), 24 * 60
HOURS = 24
Lists = Sequence[tuple[str, NativeTariff | None]]


@dataclass(frozen=True)
class Priced:
    """What one price list makes of the session; without a total it says why."""

    name: str
    currency: str
    total: Decimal | None
    lines: list[PriceLine]
    problem: str = ""


@dataclass(frozen=True)
class Trial:
    """A session somebody asks the price of, as the form and the answer show it."""

    kwh: str
    kw: str
    idle: str
    start: str
    ended_at: datetime
    priced: list[Priced]
    chart: Chart | None


def trial_of(asked: Mapping[str, str], lists: Lists, as_of: datetime) -> Trial:
    """Return what a session costs by each list that can be read, as the address asks for it."""
    zone = timezone.get_default_timezone()
    assert isinstance(zone, ZoneInfo), "the operator's wall has a named zone"
    wish = _wish(asked, as_of.astimezone(zone), zone)
    known = [(name, tariff) for name, tariff in lists if tariff is not None]
    return Trial(
        kwh=f"{Decimal(wish.energy_wh) / 1000:f}",
        kw=f"{Decimal(wish.power_w) / 1000:f}",
        idle=str(wish.idle_s // 60),
        start=f"{wish.started_at.astimezone(zone):%Y-%m-%dT%H:%M}",
        ended_at=wish.started_at + timedelta(seconds=wish.charging_s + wish.idle_s),
        priced=[_priced(name, wish, tariff) for name, tariff in known],
        chart=_chart(wish, known, zone) if known else None,
    )


def _wish(asked: Mapping[str, str], now: datetime, zone: ZoneInfo) -> Wish:
    kwh = _number(asked.get("kwh", ""), KWH, MOST_KWH)
    kw = _number(asked.get("kw", ""), KW, MOST_KW)
    idle = _number(asked.get("idle", ""), Decimal(IDLE), Decimal(MOST_IDLE), may_be_0=True)
    return Wish(
        started_at=_instant(asked.get("start", ""), now, zone),
        zone=zone,
        energy_wh=max(1, int(kwh * 1000)),
        power_w=max(1, int(kw * 1000)),
        idle_s=int(idle) * 60,
    )


def _number(raw: str, usual: Decimal, most: Decimal, *, may_be_0: bool = False) -> Decimal:
    plain = raw.replace(",", ".").strip()
    if not plain.replace(".", "", 1).isdecimal() or len(plain) > 9 or not plain.isascii():
        return usual
    value = min(Decimal(plain), most)
    return value if value > 0 or may_be_0 else usual


def _instant(raw: str, now: datetime, zone: ZoneInfo) -> datetime:
    try:
        typed = parse_datetime(raw)
    except ValueError:
        typed = None
    if typed is None or not 2000 <= typed.year <= 2200 or timezone.is_aware(typed):
        return now.replace(minute=0, second=0, microsecond=0)
    return typed.replace(tzinfo=zone)


def _priced(name: str, wish: Wish, tariff: NativeTariff) -> Priced:
    currency = tariff.base.currency
    try:
        priced = trial.price_wish(wish, tariff)
    except reading.Refused as error:
        return Priced(name, currency, None, [], str(error))
    return Priced(name, currency, _total(priced), _lines(priced))


def _total(priced: PricedSession) -> Decimal | None:
    incl = priced.total.incl
    return None if incl is None else money.round_minor(incl, priced.currency)


def _lines(priced: PricedSession) -> list[PriceLine]:
    told = (writing.priced_line(line) for line in priced.lines)
    return [price_pages.price_line(line, priced.currency) for line in told]


def _chart(wish: Wish, lists: Sequence[tuple[str, NativeTariff]], zone: ZoneInfo) -> Chart:
    day = wish.started_at.astimezone(zone).date()
    starts = [datetime.combine(day, time(hour), zone) for hour in range(HOURS)]
    return Chart(
        name="trial",
        title=_("The same session begun at another hour"),
        labels=[f"{start:%H:%M}" for start in starts],
        series=[
            Series(name, [_at(wish, start, tariff) for start in starts], "line")
            for name, tariff in lists
        ],
        unit=lists[0][1].base.currency,
        label_head=_("Begun at"),
        digits=2,
    )


def _at(wish: Wish, start: datetime, tariff: NativeTariff) -> Decimal | None:
    moved = Wish(
        started_at=start,
        zone=wish.zone,
        energy_wh=wish.energy_wh,
        power_w=wish.power_w,
        idle_s=wish.idle_s,
    )
    try:
        return _total(trial.price_wish(moved, tariff))
    except reading.Refused:
        return None
