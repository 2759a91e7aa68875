"""What stations say of power themselves: profiles they hold, others' limits, vehicles' needs."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.utils.dateparse import parse_datetime

from stations import commands
from stations.charging import profiles
from stations.charging.profiles import ProfileRefused, Wish
from stations.metering import plans
from stations.models import (
    ChargingNeed,
    ChargingProfile,
    Command,
    ExternalLimit,
    LoadMember,
    Session,
    Station,
    StationReport,
)

Purpose, State = ChargingProfile.Purpose, ChargingProfile.State
PURPOSES: Final = {
    "ChargePointMaxProfile": Purpose.STATION_MAX,
    "ChargingStationMaxProfile": Purpose.STATION_MAX,
    "TxDefaultProfile": Purpose.TX_DEFAULT,
    "TxProfile": Purpose.TX,
    "PriorityCharging": Purpose.PRIORITY,
    "ChargingStationExternalConstraints": Purpose.EXTERNAL,
}
AC, DC = "acChargingParameters", "dcChargingParameters"
NEEDS_NUMBER: Final = 500_000


def ask_profiles(*, station: Station, as_of: datetime) -> Command:
    """Ask a station which profiles it holds (K09); raises ProfileRefused before OCPP 2."""
    if station.ocpp_version not in ("2.0.1", "2.1"):
        raise ProfileRefused("a station of OCPP 1.6 cannot name its profiles")
    criterion = {"chargingLimitSource": ["CSO", "EMS", "SO", "Other"]}
    return commands.send_command(
        station=station,
        action="GetChargingProfiles",
        payload={"requestId": int(as_of.timestamp()) % 2**31, "chargingProfile": criterion},
        as_of=as_of,
    )


def apply_profiles(report: StationReport, _as_of: datetime) -> None:
    """Take in the profiles a station says it holds; one not ours is kept as found."""
    evse = int(report.payload.get("evseId") or 0)
    for raw in report.payload.get("chargingProfile") or []:
        schedule = read_schedule(raw)
        found = {"reported_at": report.received_at, "accepted": schedule}
        ChargingProfile.objects.update_or_create(
            station_id=report.station_id,
            number=int(raw["id"]),
            defaults=found | {"state": State.INSTALLED},
            create_defaults=found
            | {
                "operator_id": report.operator_id,
                "evse_number": evse,
                "purpose": PURPOSES.get(
                    str(raw.get("chargingProfilePurpose")), Purpose.TX_DEFAULT
                ),
                "stack_level": int(raw.get("stackLevel") or 0),
                "transaction": str(raw.get("transactionId") or "")[:64],
                "maker": ChargingProfile.Maker.STATION,
                "schedule": schedule,
                "state": State.INSTALLED,
                "asked_at": report.received_at,
            },
        )


def read_schedule(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return a profile of the wire in our words; of several schedules the first."""
    schedules = raw.get("chargingSchedule") or []
    first = schedules[0] if isinstance(schedules, list) and schedules else schedules or {}
    told = {
        "kind": raw.get("chargingProfileKind", "Absolute"),
        "recurrency": raw.get("recurrencyKind"),
        "valid_from": raw.get("validFrom"),
        "valid_to": raw.get("validTo"),
        "start": first.get("startSchedule"),
        "duration": first.get("duration"),
        "unit": first.get("chargingRateUnit", "A"),
        "periods": read_periods(first.get("chargingSchedulePeriod") or []),
    }
    return {name: value for name, value in told.items() if value is not None}


def read_periods(rows: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a schedule's periods in our words."""
    return [
        {
            "start": int(row.get("startPeriod") or 0),
            "limit": str(row.get("limit", 0)),
            **({"phases": row["numberPhases"]} if row.get("numberPhases") else {}),
        }
        for row in rows
    ]


def apply_limit(report: StationReport, _as_of: datetime) -> None:
    """Take in a limit somebody else set (K12, K14); it stands until it is cleared."""
    told = report.payload.get("chargingLimit") or {}
    ExternalLimit.objects.update_or_create(
        station_id=report.station_id,
        evse_number=int(report.payload.get("evseId") or 0),
        source=str(told.get("chargingLimitSource", ""))[:20],
        cleared_at=None,
        defaults={
            "operator_id": report.operator_id,
            "is_grid_critical": told.get("isGridCritical") is True,
            "schedules": [
                read_schedule({"chargingSchedule": [each]})
                for each in report.payload.get("chargingSchedule") or []
            ],
            "set_at": report.received_at,
        },
    )


def apply_limit_cleared(report: StationReport, _as_of: datetime) -> None:
    """Take note that a limit of somebody else is gone (K13)."""
    limits = ExternalLimit.objects.filter(
        station_id=report.station_id,
        source=str(report.payload.get("chargingLimitSource", ""))[:20],
        cleared_at=None,
    )
    evse = report.payload.get("evseId")
    if evse is not None:
        limits = limits.filter(evse_number=int(evse))
    limits.update(cleared_at=report.received_at)


def apply_needs(report: StationReport, as_of: datetime) -> None:
    """Keep what a vehicle needs, and answer it with a profile (K15.FR.07, K16).

    Under a shared limit that profile is the site's; elsewhere the vehicle gets what it can take.
    """
    if ChargingNeed.objects.filter(
        station_id=report.station_id, received_at=report.received_at
    ).exists():
        return
    evse = int(report.payload.get("evseId") or 1)
    session = (
        Session.objects.filter(
            station_id=report.station_id,
            connector__evse__number=evse,
            state=Session.State.OPEN,
        )
        .order_by("-started_at")
        .first()
    )
    need = _need(report, evse, session)
    need.save(force_insert=True)
    if session is not None:
        _answer_need(need, session, as_of)


def _need(report: StationReport, evse: int, session: Session | None) -> ChargingNeed:
    needs = report.payload.get("chargingNeeds") or {}
    limits = needs.get(AC) or needs.get(DC) or {}
    departs = needs.get("departureTime")
    return ChargingNeed(
        operator_id=report.operator_id,
        station_id=report.station_id,
        evse_number=evse,
        session=session,
        mode=str(needs.get("requestedEnergyTransfer", ""))[:30],
        energy_wh=limits.get("energyAmount"),
        max_current_a=limits.get("evMaxCurrent"),
        departs_at=parse_datetime(str(departs)) if departs else None,
        detail=dict(needs),
        received_at=report.received_at,
    )


def _answer_need(need: ChargingNeed, session: Session, as_of: datetime) -> None:
    if LoadMember.objects.filter(station_id=need.station_id, group__is_active=True).exists():
        return
    station = Station.objects.get(pk=need.station_id)
    amperes = need.max_current_a or 0
    if amperes <= 0 or DC in need.detail:
        return
    wish = Wish(
        purpose=Purpose.TX,
        schedule={
            "kind": "Relative",
            "unit": "A",
            "periods": [{"start": 0, "limit": str(amperes)}],
        },
        evse_number=need.evse_number,
        transaction=session.ocpp_transaction_id,
        maker=ChargingProfile.Maker.NEEDS,
        number=NEEDS_NUMBER + need.evse_number,
    )
    try:
        profiles.set_profile(station=station, wish=wish, as_of=as_of)
    except ProfileRefused:
        # A person's profile stands there already, or the session ended: theirs holds.
        return


def apply_plan(report: StationReport, as_of: datetime) -> None:
    """Keep the vehicle's own plan beside what it needed (K17).

    Its first plan beyond its limits has them sent again, so that it plans anew (K15.FR.13).
    """
    evse = int(report.payload.get("evseId") or 1)
    plan = report.payload.get("chargingSchedule") or {}
    need = (
        ChargingNeed.objects.filter(station_id=report.station_id, evse_number=evse)
        .order_by("-received_at")
        .first()
    )
    if need is None:
        return
    is_first = not need.plan
    ChargingNeed.objects.filter(pk=need.pk).update(plan=plan)
    standing = ChargingProfile.objects.filter(
        station_id=report.station_id,
        evse_number=evse,
        purpose=Purpose.TX,
        state__in=ChargingProfile.HELD,
    ).first()
    if is_first and standing is not None and not _is_within(plan, standing):
        _send_again(standing, as_of)


def _is_within(plan: Mapping[str, Any], standing: ChargingProfile) -> bool:
    if plan.get("chargingRateUnit") != standing.schedule.get("unit"):
        return True
    asked = read_periods(plan.get("chargingSchedulePeriod") or [])
    return plans.is_within(_steps(asked), _steps(standing.schedule.get("periods", ())))


def _steps(periods: Iterable[Mapping[str, Any]]) -> list[plans.Step]:
    return [(int(each["start"]), Decimal(str(each["limit"]))) for each in periods]


def _send_again(standing: ChargingProfile, as_of: datetime) -> None:
    wish = Wish(
        purpose=standing.purpose,
        schedule=standing.schedule,
        evse_number=standing.evse_number,
        stack_level=standing.stack_level,
        transaction=standing.transaction,
        maker=standing.maker,
        number=standing.number,
    )
    profiles.set_profile(station=standing.station, wish=wish, as_of=as_of)


def use_priority(*, session: Session, is_wanted: bool, as_of: datetime) -> Command:
    """Give a session priority, or take it back (2.1 K21); raises ProfileRefused."""
    if session.station.ocpp_version != "2.1":
        raise ProfileRefused("priority charging needs OCPP 2.1")
    return commands.send_command(
        station=session.station,
        action="UsePriorityCharging",
        payload={"transactionId": session.ocpp_transaction_id, "activate": is_wanted},
        as_of=as_of,
    )


def update_dynamic(*, profile: ChargingProfile, limit: int, as_of: datetime) -> Command:
    """Change the limit of a dynamic profile without sending it anew (2.1 K28)."""
    if profile.station.ocpp_version != "2.1":
        raise ProfileRefused("dynamic profiles need OCPP 2.1")
    return commands.send_command(
        station=profile.station,
        action="UpdateDynamicSchedule",
        payload={"chargingProfileId": profile.number, "scheduleUpdate": {"limit": limit}},
        as_of=as_of,
    )
