"""How drivers fared: attempts, the visits they belong to, and the share that went well.

Source: the customer-focused indicators of the ChargeX consortium; AFIREV's successful session.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import quantiles
from typing import Final, Literal

Attribution = Literal[
    "charger", "cable", "vehicle", "user", "payment", "network", "grid", "unknown"
]
# What no charger can be blamed for: figures are shown with and without these.
NOT_THE_CHARGERS: Final[frozenset[Attribution]] = frozenset({"vehicle", "user"})
SAME_VISIT: Final = timedelta(minutes=20)
SAME_STRANGER: Final = timedelta(minutes=5)
LEAST_START_WH: Final = 100
LEAST_FLOW: Final = timedelta(seconds=60)
AFIREV_WH, AFIREV_TIME = 500, timedelta(minutes=2)
INTENDED: Final = frozenset(
    {
        "",
        "Local",
        "Remote",
        "EVDisconnected",
        "StoppedByEV",
        "SOCLimitReached",
        "TimeLimitReached",
        "EnergyLimitReached",
        "MasterPass",
        "LocalOutOfCredit",
        "DeAuthorized",
        "UnlockCommand",
    }
)
CUSTOMER_STOPS: Final = frozenset({"Local", "Remote", "EVDisconnected", "StoppedByEV"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to charge, from the first act of the driver; token empty where nobody is known.

    `flow` is how long power flowed, at a tenth or more of what was offered.
    """

    site_id: int
    connector_id: int
    token: str
    began_at: datetime
    ended_at: datetime
    first_energy_at: datetime | None = None
    energy_wh: int = 0
    flow: timedelta = timedelta(0)
    stop_reason: str = ""
    has_session: bool = True
    attribution: Attribution = "unknown"

    @property
    def has_started(self) -> bool:
        """Return whether energy flowed."""
        return self.energy_wh >= LEAST_START_WH or self.flow >= LEAST_FLOW

    @property
    def has_succeeded(self) -> bool:
        """Return whether it started and ended as somebody wished."""
        return self.has_started and self.stop_reason in INTENDED

    @property
    def is_afirev_success(self) -> bool:
        """Return whether it gave more than half a kWh in more than two minutes, or was ended."""
        is_long = self.ended_at - self.began_at > AFIREV_TIME and self.energy_wh > AFIREV_WH
        return is_long or (self.has_started and self.stop_reason in CUSTOMER_STOPS)


@dataclass(frozen=True, slots=True)
class Visit:
    """The attempts of one driver at one site, one soon after the other."""

    attempts: tuple[Attempt, ...]

    @property
    def has_succeeded(self) -> bool:
        """Return whether any attempt did."""
        return any(one.has_succeeded for one in self.attempts)

    @property
    def succeeds_at_once(self) -> bool:
        """Return whether the first attempt did."""
        return self.attempts[0].has_succeeded


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many; the share is None of none."""

    good: int
    of: int

    @property
    def share(self) -> float | None:
        """Return the share, 0 to 1."""
        return self.good / self.of if self.of else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFigures:
    """The indicators of a set of attempts; times to first energy in seconds."""

    start_success: Share
    end_success: Share
    session_success: Share
    afirev_success: Share
    visit_success: Share
    first_attempt_success: Share
    start_time_median_s: float | None
    start_time_p90_s: float | None
    failures: dict[str, int]


def visits_of(attempts: Iterable[Attempt]) -> list[Visit]:
    """Return the visits that attempts make up, in the order they began."""
    open_visits: dict[tuple[int, str], list[Attempt]] = {}
    done: list[list[Attempt]] = []
    for attempt in sorted(attempts, key=lambda one: (one.began_at, one.connector_id)):
        key = (attempt.site_id, attempt.token)
        before = open_visits.get(key)
        if before is None or not _goes_on(before[-1], attempt):
            before = open_visits[key] = []
            done.append(before)
        before.append(attempt)
    return [Visit(tuple(found)) for found in done]


def _goes_on(before: Attempt, attempt: Attempt) -> bool:
    gap = attempt.began_at - before.ended_at
    if attempt.token:
        return gap < SAME_VISIT
    # Two strangers may follow each other: only who was sent away tries again at once.
    return gap < SAME_STRANGER and not before.has_succeeded


def figures(attempts: Sequence[Attempt], *, without: frozenset[Attribution]) -> CustomerFigures:
    """Return the indicators, failures put down to some causes left out of all of them."""
    counted = [one for one in attempts if one.has_succeeded or one.attribution not in without]
    started = [one for one in counted if one.has_started]
    sessions = [one for one in counted if one.has_session]
    visits = visits_of(counted)
    waits = sorted(
        (one.first_energy_at - one.began_at).total_seconds()
        for one in started
        if one.first_energy_at is not None and one.first_energy_at >= one.began_at
    )
    failures: dict[str, int] = {}
    for one in counted:
        if not one.has_succeeded:
            failures[one.attribution] = failures.get(one.attribution, 0) + 1
    return CustomerFigures(
        start_success=Share(len(started), len(counted)),
        end_success=Share(sum(one.has_succeeded for one in started), len(started)),
        session_success=Share(sum(one.has_succeeded for one in counted), len(counted)),
        afirev_success=Share(sum(one.is_afirev_success for one in sessions), len(sessions)),
        visit_success=Share(sum(one.has_succeeded for one in visits), len(visits)),
        first_attempt_success=Share(sum(one.succeeds_at_once for one in visits), len(visits)),
        start_time_median_s=_quantile(waits, 50),
        start_time_p90_s=_quantile(waits, 90),
        failures=failures,
    )


def _quantile(values: Sequence[float], percent: int) -> float | None:
    if not values:
        return None
    if len(values) == 1:
        return values[0]
    return quantiles(values, n=100, method="inclusive")[percent - 1]
