"""What a session would cost by one price list or two, its lines explained, and over a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from billing.queries import markets, price_words
from billing.queries.markets import Market
from billing.queries.price_words import PriceLine
from billing.tariffs import formula, reading, trial
from billing.tariffs.bill import PricedSession
from billing.tariffs.formula import PriceList
from billing.tariffs.native.model import SLOT, NativeTariff
from billing.tariffs.native.spot import slot_of
from billing.tariffs.trial import Wish
from chargenet.core import formats, money
from chargenet.dashboard.parts import Chart, Series

KWH, KW, IDLE = Decimal(30), Decimal(50), 0
MOST_KWH, MOST_KW, MOST_IDLE = Decimal(500), Decimal(1000), 24 * 60
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
Spot = Mapping[datetime, Fraction]


@dataclass(frozen=True)
class Listed:
    """One price list to reckon by, None where nobody can read it; and whose spot prices hold."""

    name: str
    price_list: PriceList | None
    operator_id: int
    area: str = ""

    @property
    def market(self) -> Market | None:
        """Return the market whose prices it needs, None where it needs none."""
        ours = self.price_list
        if not isinstance(ours, NativeTariff) or ours.spot is None:
            return None
        return Market(self.operator_id, self.area, ours.base.currency)


@dataclass(frozen=True)
class Priced:
    """What one price list makes of the session; without a total it says why."""

    name: str
    currency: str
    total: Decimal | None
    lines: list[PriceLine]
    problem: str = ""
    per_kwh: Decimal | None = None
    difference: str = ""


@dataclass(frozen=True)
class Trial:
    """A session somebody asks the price of, as the form and the answer show it."""

    kwh: str
    kw: str
    idle: str
    start: str
    started_at: datetime
    ended_at: datetime
    zone: str
    sentence: str
    priced: list[Priced]
    chart: Chart | None


def trial_of(
    asked: Mapping[str, str], lists: Sequence[Listed], as_of: datetime, zone: ZoneInfo
) -> Trial:
    """Return what a session costs by each list that can be read, as the address asks for it.

    Hours are those on the wall of the operator's zone.
    """
    wish = _wish(asked, as_of.astimezone(zone), zone)
    known = [(each, _spot(each.market, wish)) for each in lists if each.price_list is not None]
    return Trial(
        kwh=_plain(Decimal(wish.energy_wh) / 1000),
        kw=_plain(Decimal(wish.power_w) / 1000),
        idle=str(wish.idle_s // 60),
        start=f"{wish.started_at.astimezone(zone):%Y-%m-%dT%H:%M}",
        started_at=wish.started_at,
        zone=str(zone),
        sentence=_sentence(wish),
        ended_at=wish.started_at + timedelta(seconds=wish.charging_s + wish.idle_s),
        priced=_beside([_priced(each, wish, spot) for each, spot in known]),
        chart=_chart(wish, known) if known else None,
    )


def _sentence(wish: Wish) -> str:
    """Return in words what is asked: how much, when, how long."""
    start = wish.started_at.astimezone(wish.zone)
    done = (wish.started_at + timedelta(seconds=wish.charging_s)).astimezone(wish.zone)
    told = {
        "energy": formats.energy(wish.energy_wh),
        "power": formats.power(wish.power_w),
        "day": str(WEEKDAYS[start.weekday()]),
        "start": f"{start:%Y-%m-%d %H:%M}",
        "done": f"{done:%H:%M}",
    }
    said = _("%(energy)s at %(power)s on %(day)s %(start)s, charged at %(done)s.") % told
    if wish.idle_s:
        said += " " + _("Then it stands for %(time)s.") % {"time": formats.duration(wish.idle_s)}
    return said


def _beside(found: list[Priced]) -> list[Priced]:
    """Return prices, the first with how it differs from the second."""
    if len(found) < 2 or found[0].currency != found[1].currency:
        return found
    new, old = found[0].total, found[1].total
    if new is None or old is None:
        return found
    if new == old:
        return [replace(found[0], difference=_("as published now")), *found[1:]]
    amount = formats.money(abs(new - old), found[0].currency)
    words = _("%(amount)s more than now") if new > old else _("%(amount)s less than now")
    return [replace(found[0], difference=words % {"amount": amount}), *found[1:]]


def _spot(market: Market | None, wish: Wish) -> Spot:
    """Return the exchange's prices that any start within the day of a wish may need."""
    if market is None:
        return {}
    first = _midnight(wish)
    lasts = timedelta(seconds=wish.charging_s)
    last = max(first + DAY + HOUR, wish.started_at) + lasts
    return markets.spot_between(market, first, last)


def _midnight(wish: Wish) -> datetime:
    return datetime.combine(wish.started_at.astimezone(wish.zone).date(), time(0), wish.zone)


def _plain(value: Decimal) -> str:
    """Return a figure as it is typed, in the reader's language, without noughts at its end."""
    text = f"{value.normalize():f}"
    return text.replace(".", ",") if formats.is_swedish() else text


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


def _priced(listed: Listed, wish: Wish, spot: Spot) -> Priced:
    price_list = _read(listed)
    currency = formula.base_of(price_list).currency
    try:
        priced = trial.price_wish(wish, price_list, spot)
    except reading.Refused as error:
        problem = _unknown(listed.market, wish, spot) or str(error)
        return Priced(listed.name, currency, None, [], problem)
    total = _total(priced)
    per_kwh = None if total is None else total * 1000 / wish.energy_wh
    return Priced(listed.name, currency, total, _lines(priced), per_kwh=per_kwh)


def _unknown(market: Market | None, wish: Wish, spot: Spot) -> str:
    """Return in words that the exchange's prices lack for a wish; nothing where they do not."""
    if market is None:
        return ""
    ended_at = wish.started_at + timedelta(seconds=wish.charging_s)
    slot = slot_of(wish.started_at.astimezone(UTC))
    while slot < ended_at and slot in spot:
        slot += SLOT
    if slot >= ended_at:
        return ""
    until = markets.known_until(market)
    if until is None:
        return _("No spot prices of %(area)s have been taken in yet.") % {"area": market.area}
    told = {"area": market.area, "time": f"{timezone.localtime(until):%Y-%m-%d %H:%M}"}
    return (
        _("The spot prices of %(area)s lack for this time. They are known until %(time)s.") % told
    )


def _total(priced: PricedSession) -> Decimal | None:
    incl = priced.total.incl
    return None if incl is None else money.round_minor(incl, priced.currency)


def _lines(priced: PricedSession) -> list[PriceLine]:
    told = (formula.priced_line(line) for line in priced.lines)
    return [price_words.price_line(line, priced.currency) for line in told]


def _chart(wish: Wish, lists: Sequence[tuple[Listed, Spot]]) -> Chart:
    step = SLOT if any(each.market is not None for each, _spot in lists) else HOUR
    midnight = _midnight(wish)
    starts = [midnight + number * step for number in range(DAY // step)]
    return Chart(
        name="trial",
        title=_("The same session begun at another hour"),
        labels=[f"{start:%H:%M}" for start in starts],
        series=[
            Series(each.name, [_at(wish, start, each, spot) for start in starts], "line")
            for each, spot in lists
        ],
        unit=formula.base_of(_read(lists[0][0])).currency,
        label_head=_("Begun at"),
        digits=2,
    )


def _read(listed: Listed) -> PriceList:
    assert listed.price_list is not None, "the caller left out what cannot be read"
    return listed.price_list


def _at(wish: Wish, start: datetime, listed: Listed, spot: Spot) -> Decimal | None:
    try:
        return _total(trial.price_wish(replace(wish, started_at=start), _read(listed), spot))
    except reading.Refused:
        return None
