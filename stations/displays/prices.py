"""What a session and charging itself cost, on a station's screen (OCPP 2.x I01, I02)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from stations import commands
from stations.displays import costmsg, texts
from stations.displays.texts import SPEAKS_2X, clear_message, send_message
from stations.models import (
    DisplayMessage,
    OcppVersion,
    Screen,
    Session,
    ShownCost,
    Station,
    StationReport,
)

COST_LIFETIME: Final = timedelta(minutes=2)
# A driver's screen is told the cost so often, and only when it changed.
COST_EVERY: Final = timedelta(seconds=60)
PRICE_EVERY: Final = timedelta(minutes=10)
MOST_AT_ONCE: Final = 500
TRUE: Final = "true"
LEARNT: Final[Mapping[tuple[str, str], str]] = {
    ("Enabled", "Cost"): "shows_cost",
    ("Enabled", "Tariff"): "shows_tariff",
    ("ConditionsSupported", "Tariff"): "takes_conditions",
    ("MaxElements", "Tariff"): "most_prices",
}


def learn_screen(report: StationReport, _as_of: datetime) -> None:
    """Learn from the device model whether a station can show costs and tariffs (I01, I02, I07)."""
    found: dict[str, bool | int] = {}
    for row in report.payload.get("reportData") or []:
        if (row.get("component") or {}).get("name") != "TariffCostCtrlr":
            continue
        variable = row.get("variable") or {}
        name = LEARNT.get((str(variable.get("name")), str(variable.get("instance"))))
        values = [str(each.get("value")).lower() for each in row.get("variableAttribute") or []]
        if name == "most_prices":
            found |= {name: int(values[0])} if values and values[0].isdigit() else {}
        elif name is not None:
            found[name] = TRUE in values
    if "shows_tariff" in found and report.station.ocpp_version == OcppVersion.V21:
        # In 2.1 a station that shows tariffs reckons with them; in 2.0.1 it only shows a text.
        found["takes_tariffs"] = found["shows_tariff"]
    if found:
        Screen.objects.update_or_create(
            station_id=report.station_id, defaults={"operator_id": report.operator_id, **found}
        )


def set_screen(*, station: Station, shows_cost: bool, shows_tariff: bool) -> Screen:
    """Say what a station may show its driver."""
    screen, _ = Screen.objects.update_or_create(
        station=station,
        defaults={
            "operator_id": station.operator_id,
            "shows_cost": shows_cost,
            "shows_tariff": shows_tariff,
        },
    )
    return screen


def stations_to_price(*, as_of: datetime) -> list[Screen]:
    """Return the screens whose price is due to be looked at again."""
    rows = Screen.objects.filter(
        shows_tariff=True, station__is_online=True, station__ocpp_version__in=SPEAKS_2X
    ).exclude(tariff_at__gt=as_of - PRICE_EVERY)
    return list(rows.select_related("station").order_by("pk")[:MOST_AT_ONCE])


@transaction.atomic
def show_price(*, screen: Screen, text: str, as_of: datetime) -> bool:
    """Show a station's price on its screen while nobody charges; the same one is not sent again.

    An empty text takes the price away. Returns whether the station was told.
    """
    before, key = screen.tariff_key, text[:60]
    Screen.objects.filter(pk=screen.pk).update(tariff_key=key, tariff_at=as_of)
    if before == key:
        return False
    message, _ = DisplayMessage.objects.update_or_create(
        station=screen.station,
        number=texts.PRICE_NUMBER,
        defaults={
            "operator_id": screen.operator_id,
            "during": DisplayMessage.During.IDLE,
            "text": text or before,
            "state": DisplayMessage.State.SENT,
            "asked_at": as_of,
        },
    )
    if text:
        send_message(message, None, as_of)
    else:
        clear_message(message=message, as_of=as_of)
    return True


def sessions_to_show(*, as_of: datetime) -> list[int]:
    """Return the running sessions whose driver's screen is due to be told the cost."""
    shown = ShownCost.objects.filter(shown_at__gt=as_of - COST_EVERY).values("session_id")
    rows = Session.objects.filter(
        state=Session.State.OPEN,
        station__screen__shows_cost=True,
        station__is_online=True,
        station__ocpp_version__in=(*SPEAKS_2X, OcppVersion.V16),
    ).exclude(pk__in=shown)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])


@transaction.atomic
def show_costs(*, costs: Mapping[int, str], as_of: datetime) -> int:
    """Tell screens what sessions cost (I02.FR.01); returns how many were told.

    A cost that stands there already is not told again.
    """
    rows = Session.objects.filter(pk__in=costs, state=Session.State.OPEN)
    known = {each.session_id: each for each in ShownCost.objects.filter(session_id__in=costs)}
    told = 0
    for session in rows.select_related("station"):
        cost, before = costs[session.pk], known.get(session.pk)
        if not costmsg.has_number(session):
            continue
        ShownCost.objects.update_or_create(
            session=session,
            defaults={"operator_id": session.operator_id, "text": cost, "shown_at": as_of},
        )
        if before is not None and before.text == cost:
            continue
        action, payload = _cost_call(session, cost, as_of)
        commands.send_command(
            station=session.station,
            action=action,
            payload=payload,
            as_of=as_of,
            lifetime=COST_LIFETIME,
        )
        told += 1
    return told


def _cost_call(session: Session, cost: str, as_of: datetime) -> tuple[str, dict[str, Any]]:
    if session.station.ocpp_version == OcppVersion.V16:
        return "DataTransfer", costmsg.running_cost(session, cost, as_of)
    # OCPP's cost is a number of JSON; ours stays decimal text until here.
    said = {"totalCost": float(cost), "transactionId": session.ocpp_transaction_id}
    return "CostUpdated", said
