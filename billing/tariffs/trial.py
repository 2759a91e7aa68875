"""A session nobody had yet: what so many kWh from an instant on would cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final
from zoneinfo import ZoneInfo

from billing.tariffs import formula
from billing.tariffs.bill import PricedSession
from billing.tariffs.formula import PriceList
from billing.tariffs.native.model import Given
from stations.metering.session_facts import Period, SessionFacts

S_PER_HOUR: Final = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody means to charge: Wh at a steady power in W, then so many s of standing."""

    started_at: datetime
    zone: ZoneInfo
    energy_wh: int
    power_w: int
    idle_s: int = 0

    @property
    def charging_s(self) -> int:
        """Return how long the charging takes, in whole seconds."""
        return max(1, round(Fraction(self.energy_wh * S_PER_HOUR, self.power_w)))


def facts_of(wish: Wish) -> SessionFacts:
    """Return the session as it would be measured."""
    charged_at = wish.started_at + timedelta(seconds=wish.charging_s)
    ended_at = charged_at + timedelta(seconds=wish.idle_s)
    charging = Period(
        wish.started_at,
        charged_at,
        energy_wh=wish.energy_wh,
        charging_s=wish.charging_s,
        min_power_w=wish.power_w,
        max_power_w=wish.power_w,
    )
    standing = Period(charged_at, ended_at, energy_wh=0, parking_s=wish.idle_s)
    return SessionFacts(
        time_zone=wish.zone,
        started_at=wish.started_at,
        ended_at=ended_at,
        periods=(charging, standing) if wish.idle_s else (charging,),
    )


def price_wish(
    wish: Wish, price_list: PriceList, spot: Mapping[datetime, Fraction] | None = None
) -> PricedSession:
    """Price what somebody means to charge, by the formula of every bill; raises Refused."""
    given = Given(spot=spot or {}, connector_power_w=wish.power_w)
    return formula.price_session(facts_of(wish), price_list, given)
