"""Charging profiles as a charger holds them, and the power they leave a connector now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from stations.simulator.connector import Connector
from stations.simulator.power import MAINS_V

STATION_MAX = ("ChargePointMaxProfile", "ChargingStationMaxProfile")
EXTERNAL = "ChargingStationExternalConstraints"
DAYS = {"Daily": 1, "Weekly": 7}
SLICE_S = 60
# Below 6 A on one phase no vehicle charges (IEC 61851-1).
LEAST_W = 6 * MAINS_V


@dataclass(frozen=True, slots=True)
class Held:
    """One profile; evse 0 is the whole station, tx the transaction a TxProfile is for."""

    number: int
    evse: int
    purpose: str
    stack_level: int
    kind: str
    recurrency: str
    starts_at: datetime | None
    valid_from: datetime | None
    valid_to: datetime | None
    duration_s: int | None
    unit: str
    periods: tuple[tuple[int, float, int], ...]
    tx: int | str | None

    def limit_w(self, connector: Connector, now: datetime) -> float | None:
        """Return the limit in W that holds now at a connector, None where nothing is said."""
        if (self.valid_from and now < self.valid_from) or (self.valid_to and now >= self.valid_to):
            return None
        began = self._began(connector, now)
        passed_s = (now - began).total_seconds()
        if passed_s < 0 or (self.duration_s is not None and passed_s >= self.duration_s):
            return None
        said = [period for period in self.periods if period[0] <= passed_s]
        if not said:
            return None
        _, limit, phases = said[-1]
        if self.unit == "W":
            return limit
        return limit * MAINS_V * (phases or connector.spec.phases)

    def _began(self, connector: Connector, now: datetime) -> datetime:
        if self.kind == "Relative":
            return connector.tx.started_at if connector.tx else now
        start = self.starts_at or self.valid_from or now
        if self.kind == "Recurring" and start <= now:
            every = timedelta(days=DAYS.get(self.recurrency, 1))
            start += (now - start) // every * every
        return start


def read_profile(evse: int, raw: dict[str, Any]) -> Held:
    """Return a profile of either version as the charger holds it."""
    schedule = raw["chargingSchedule"]
    if isinstance(schedule, list):
        schedule = schedule[0]
    return Held(
        number=int(raw.get("id", raw.get("chargingProfileId", 0))),
        evse=evse,
        purpose=str(raw["chargingProfilePurpose"]),
        stack_level=int(raw["stackLevel"]),
        kind=str(raw["chargingProfileKind"]),
        recurrency=str(raw.get("recurrencyKind", "")),
        starts_at=_instant(schedule.get("startSchedule")),
        valid_from=_instant(raw.get("validFrom")),
        valid_to=_instant(raw.get("validTo")),
        duration_s=schedule.get("duration"),
        unit=str(schedule["chargingRateUnit"]),
        periods=tuple(
            (int(row["startPeriod"]), float(row["limit"]), int(row.get("numberPhases") or 0))
            for row in schedule["chargingSchedulePeriod"]
        ),
        tx=raw.get("transactionId"),
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def take(held: list[Held], profile: Held, connectors: Iterable[Connector]) -> bool:
    """Keep a profile in the place of the one it replaces; False where its session is not here."""
    if profile.tx is not None or profile.purpose == "TxProfile":
        here = [one for one in connectors if one.tx is not None and one.tx.id == profile.tx]
        if not here or profile.tx is None:
            return False
    held[:] = [
        one
        for one in held
        if one.number != profile.number
        and (one.evse, one.purpose, one.stack_level, one.tx)
        != (profile.evse, profile.purpose, profile.stack_level, profile.tx)
    ]
    held.append(profile)
    return True


def clear(
    held: list[Held],
    *,
    number: int | None = None,
    evse: int | None = None,
    purpose: str | None = None,
    stack_level: int | None = None,
) -> bool:
    """Forget the profiles that fit every criterion, and tell whether there were any."""
    gone = [
        one
        for one in held
        if one.number == (one.number if number is None else number)
        and one.evse == (one.evse if evse is None else evse)
        and one.purpose == (one.purpose if purpose is None else purpose)
        and one.stack_level == (one.stack_level if stack_level is None else stack_level)
    ]
    held[:] = [one for one in held if one not in gone]
    return bool(gone)


def cap_w(held: list[Held], connector: Connector, now: datetime) -> float | None:
    """Return the power profiles leave a connector now, None where nothing limits it."""
    evse = connector.spec.evse
    here = [one for one in held if one.evse in (0, evse)]
    own = None
    if connector.tx is not None:
        mine = [one for one in here if one.tx is not None and one.tx == connector.tx.id]
        own = _leading(mine, connector, now)
    if own is None:
        own = _leading([o for o in here if o.purpose == "TxDefaultProfile"], connector, now)
    whole = _leading([o for o in here if o.purpose in STATION_MAX], connector, now)
    others = _leading([o for o in here if o.purpose == EXTERNAL], connector, now)
    return min((limit for limit in (own, whole, others) if limit is not None), default=None)


def _leading(held: list[Held], connector: Connector, now: datetime) -> float | None:
    for one in sorted(held, key=lambda each: (each.stack_level, each.evse), reverse=True):
        limit = one.limit_w(connector, now)
        if limit is not None:
            return limit
    return None


def composite(
    held: list[Held], connector: Connector, now: datetime, duration_s: int
) -> list[dict[str, Any]]:
    """Return the limits of the time to come in A, minute by minute, equal ones as one."""
    periods: list[dict[str, Any]] = []
    for second in range(0, max(duration_s, 1), SLICE_S):
        limit_w = cap_w(held, connector, now + timedelta(seconds=second))
        if limit_w is None:
            limit_w = connector.spec.max_power_w
        amperes = round(limit_w / MAINS_V / connector.spec.phases, 1)
        if not periods or periods[-1]["limit"] != amperes:
            phases = connector.spec.phases
            periods.append({"startPeriod": second, "limit": amperes, "numberPhases": phases})
    return periods


def forget_transaction(held: list[Held], tx_id: int | str | None) -> None:
    """Forget what was said for a transaction that ended."""
    if tx_id is not None:
        held[:] = [one for one in held if one.tx != tx_id]
