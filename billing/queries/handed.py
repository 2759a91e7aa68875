"""What a price needs beside the session and its list: spot prices, power, what the day cost."""

import zlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from fractions import Fraction
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Q

from billing.models import Cdr, SpotPrice
from billing.queries.lists import PriceLists
from billing.queries.prices import Choice
from billing.queries.snapshots import billed_amount
from billing.tariffs import formula
from billing.tariffs.bill import Amount
from billing.tariffs.native.model import SLOT, Given, NativeTariff
from chargenet.core import locks
from stations.models import Session

DAY_LOCK, DAY_LOCKS = 4631, 64
DRIVER, TOKEN = "driver", "token"
DAY: Final = timedelta(days=1)
Market = tuple[int, str, str]
# Operator, tariff code, who, and the start of their day: what one cap is for.
Purse = tuple[int, str, str, datetime]


@dataclass(slots=True)
class Handed:
    """The values for some sessions, read once; `spend` tells it what was priced meanwhile."""

    lists: PriceLists
    as_of: datetime
    spot: dict[Market, dict[datetime, Fraction]] = field(default_factory=dict)
    spent: dict[Purse, Amount] = field(default_factory=dict)

    def given(self, session: Session, choice: Choice) -> Given:
        """Return what is handed to the engine with one session."""
        ours = self.lists.readable[choice.tariff_id]
        if not isinstance(ours, NativeTariff):
            return formula.NOTHING
        purse = self._purse_of(session, choice)
        return Given(
            spot=self.spot.get(self._market_of(session, choice), {}),
            connector_power_w=session.connector.max_power_w,
            spent_today=Amount() if purse is None else self.spent[purse],
        )

    def spend(self, session: Session, choice: Choice, amount: Amount) -> None:
        """Note what a session came to, for those of the same day that are priced after it."""
        purse = self._purse_of(session, choice)
        if purse is not None:
            self.spent[purse] += amount

    def _market_of(self, session: Session, choice: Choice) -> Market:
        area = self.lists.areas[choice.tariff_id]
        currency = formula.base_of(self.lists.readable[choice.tariff_id]).currency
        return session.operator_id, area, currency

    def _purse_of(self, session: Session, choice: Choice) -> Purse | None:
        """Return whose cap of the day counts; nobody known has a cap for each session alone."""
        ours = self.lists.readable[choice.tariff_id]
        if not isinstance(ours, NativeTariff) or ours.max_per_day is None:
            return None
        who = _who(session.driver_id, session.token_id)
        if who is None:
            return None
        code = self.lists.codes[choice.tariff_id]
        return session.operator_id, code, who, _day_of(session)


def hand_out(
    choices: Mapping[Session, Choice], lists: PriceLists, as_of: datetime, *, to_bill: bool = True
) -> Handed:
    """Read what prices need beside the sessions and their lists, in a few queries however many.

    What is only shown, not billed, waits for nobody who bills the same person just now.
    """
    handed = Handed(lists, as_of)
    spans: dict[Market, list[datetime]] = defaultdict(list)
    purses = set()
    for session, choice in choices.items():
        ours = lists.readable[choice.tariff_id]
        if not isinstance(ours, NativeTariff):
            continue
        if ours.spot is not None:
            until = session.ended_at or as_of
            spans[handed._market_of(session, choice)] += [session.started_at - SLOT, until]
        if (purse := handed._purse_of(session, choice)) is not None:
            purses.add(purse)
    handed.spot.update({market: _exchange(market, each) for market, each in spans.items()})
    if purses:
        handed.spent.update(_spent_before(purses, to_bill=to_bill))
    return handed


def _exchange(market: Market, instants: Sequence[datetime]) -> dict[datetime, Fraction]:
    operator_id, area, currency = market
    rows = SpotPrice.objects.filter(
        operator_id=operator_id,
        area=area,
        currency=currency,
        starts_at__range=(min(instants), max(instants)),
    )
    return {at: Fraction(value) for at, value in rows.values_list("starts_at", "price")}


def _day_of(session: Session) -> datetime:
    zone = ZoneInfo(session.station.location.timezone)
    day = session.started_at.astimezone(zone).date()
    return datetime.combine(day, time(0), zone)


def _spent_before(purses: Collection[Purse], *, to_bill: bool) -> dict[Purse, Amount]:
    """Return what the same people were billed by the same tariffs for sessions begun that day.

    Two workers at two sessions of one person take turns: each sees what the other billed. They
    take their locks in one order, and so few that a night's work does not fill the table of locks.
    """
    if to_bill:
        for number in sorted({zlib.crc32(purse[2].encode()) % DAY_LOCKS for purse in purses}):
            locks.hold(DAY_LOCK, number)
    days = [purse[3] for purse in purses]
    first, last = min(days), max(days) + 2 * DAY
    rows = Cdr.objects.filter(
        Q(driver_id__in=_numbers(purses, DRIVER))
        | Q(session__token_id__in=_numbers(purses, TOKEN)),
        operator_id__in={purse[0] for purse in purses},
        tariff__code__in={purse[1] for purse in purses},
        started_at__gte=first,
        started_at__lt=last,
    ).select_related("tariff", "session", "location")
    spent: dict[Purse, Amount] = dict.fromkeys(purses, Amount())
    for cdr in rows:
        assert cdr.tariff is not None, "asked of what a tariff priced"
        zone = ZoneInfo(cdr.location.timezone)
        day = datetime.combine(cdr.started_at.astimezone(zone).date(), time(0), zone)
        who = _who(cdr.driver_id, cdr.session.token_id)
        purse = (cdr.operator_id, cdr.tariff.code, who or "", day)
        if purse in spent:
            spent[purse] += billed_amount(cdr)
    return spent


def _numbers(purses: Iterable[Purse], kind: str) -> list[int]:
    named = (purse[2].split(":") for purse in purses)
    return sorted({int(number) for word, number in named if word == kind})


def _who(driver_id: int | None, token_id: int | None) -> str | None:
    """Return whose day it is; nobody known has none."""
    if driver_id is not None:
        return f"{DRIVER}:{driver_id}"
    return None if token_id is None else f"{TOKEN}:{token_id}"
