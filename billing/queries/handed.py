"""What a price needs beside the session and its list: spot prices, power, what the day cost."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from fractions import Fraction
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Q

from billing.models import Cdr, SpotPrice
from billing.queries.lists import PriceLists
from billing.queries.prices import Choice
from billing.tariffs import formula
from billing.tariffs.bill import Amount
from billing.tariffs.native.model import SLOT, Given, NativeTariff
from chargenet.core import locks
from stations.models import Session

DAY_LOCK: Final = 4631
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
            spent_today=Amount() if purse is None else self._spent(session, purse),
        )

    def spend(self, session: Session, choice: Choice, amount: Amount) -> None:
        """Note what a session came to, for those of the same day that are priced after it."""
        purse = self._purse_of(session, choice)
        if purse is not None:
            self.spent[purse] = self._spent(session, purse) + amount

    def _market_of(self, session: Session, choice: Choice) -> Market:
        area = self.lists.areas[choice.tariff_id]
        currency = formula.base_of(self.lists.readable[choice.tariff_id]).currency
        return session.operator_id, area, currency

    def _purse_of(self, session: Session, choice: Choice) -> Purse | None:
        """Return whose cap of the day counts; nobody known has a cap for each session alone."""
        ours = self.lists.readable[choice.tariff_id]
        if not isinstance(ours, NativeTariff) or ours.max_per_day is None:
            return None
        if session.driver_id is not None:
            who = f"driver:{session.driver_id}"
        elif session.token_id is not None:
            who = f"token:{session.token_id}"
        else:
            return None
        code = self.lists.codes[choice.tariff_id]
        return session.operator_id, code, who, _day_of(session)

    def _spent(self, session: Session, purse: Purse) -> Amount:
        if purse not in self.spent:
            self.spent[purse] = _spent_before(session, purse)
        return self.spent[purse]


def hand_out(choices: Mapping[Session, Choice], lists: PriceLists, as_of: datetime) -> Handed:
    """Read what prices need beside the sessions and their lists."""
    handed = Handed(lists, as_of)
    spans: dict[Market, list[datetime]] = defaultdict(list)
    for session, choice in choices.items():
        ours = lists.readable[choice.tariff_id]
        if isinstance(ours, NativeTariff) and ours.spot is not None:
            until = session.ended_at or as_of
            spans[handed._market_of(session, choice)] += [session.started_at - SLOT, until]
    for market, instants in spans.items():
        operator_id, area, currency = market
        rows = SpotPrice.objects.filter(
            operator_id=operator_id,
            area=area,
            currency=currency,
            starts_at__range=(min(instants), max(instants)),
        )
        handed.spot[market] = {
            starts_at: Fraction(value)
            for starts_at, value in rows.values_list("starts_at", "price")
        }
    return handed


def _day_of(session: Session) -> datetime:
    zone = ZoneInfo(session.station.location.timezone)
    day = session.started_at.astimezone(zone).date()
    return datetime.combine(day, time(0), zone)


def _spent_before(session: Session, purse: Purse) -> Amount:
    """Return what the same person was billed by the same tariff for sessions begun that day.

    Two workers at two sessions of one person take turns: each sees what the other billed.
    """
    operator_id, code, who, day = purse
    kind, number = who.split(":")
    locks.hold(DAY_LOCK, int(number))
    own = Q(driver_id=int(number)) if kind == "driver" else Q(session__token_id=int(number))
    next_day = (day + DAY).replace(fold=0)
    rows = Cdr.objects.filter(
        own,
        operator_id=operator_id,
        tariff__code=code,
        started_at__gte=day,
        started_at__lt=next_day,
    ).exclude(session_id=session.pk)
    return _sum(rows)


def _sum(rows: Iterable[Cdr]) -> Amount:
    total = Amount()
    for cdr in rows:
        total += Amount(Fraction(cdr.total_excl_vat.amount), Fraction(cdr.total_incl_vat.amount))
    return total
