"""Prices on the screens of OCPP 1.6, as its makers agreed on: DataTransfer with texts of JSON.

Source: OCA, OCPP & California Pricing Requirements, the messages RunningCost and FinalCost.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from stations import commands
from stations.models import Command, OcppVersion, Screen, Session, ShownCost

VENDOR: Final = "org.openchargealliance.costmsg"
KEY: Final = "CustomDisplayCostAndPrice"
LIFETIME: Final = timedelta(minutes=2)
# A bill that comes later than this finds no driver at the screen any more.
FINAL_WITHIN: Final = timedelta(minutes=30)
MOST_AT_ONCE: Final = 200


def learn_costmsg(command: Command, _as_of: datetime) -> None:
    """Learn from a 1.6 station's configuration whether it shows costs."""
    for row in (command.answer or {}).get("configurationKey") or []:
        if row.get("key") == KEY:
            shows_cost = str(row.get("value")).strip().lower() == "true"
            Screen.objects.update_or_create(
                station_id=command.station_id,
                defaults={"operator_id": command.operator_id, "shows_cost": shows_cost},
            )


def has_number(session: Session) -> bool:
    """Say whether a session can be named to its station: in 1.6 only numbers are names."""
    return session.station.ocpp_version != OcppVersion.V16 or session.ocpp_transaction_id.isdigit()


def running_cost(session: Session, cost: str, as_of: datetime) -> dict[str, Any]:
    """Return the call that shows what a session costs so far; energy in Wh."""
    is_idle = session.parking_since is not None
    said: dict[str, Any] = {
        "transactionId": int(session.ocpp_transaction_id),
        "timestamp": f"{as_of:%Y-%m-%dT%H:%M:%SZ}",
        "cost": float(cost),
        "state": "Idle" if is_idle else "Charging",
    }
    if session.last_register_wh is not None:
        said["meterValue"] = session.last_register_wh
    return _transfer("RunningCost", said)


def _transfer(message: str, said: Mapping[str, Any]) -> dict[str, Any]:
    return {"vendorId": VENDOR, "messageId": message, "data": json.dumps(said)}


def sessions_to_close(*, as_of: datetime) -> list[int]:
    """Return the sessions of 1.6 that ended and whose screens still show a running cost."""
    rows = ShownCost.objects.filter(
        is_final=False,
        session__ended_at__gt=as_of - FINAL_WITHIN,
        session__station__ocpp_version=OcppVersion.V16,
        session__station__is_online=True,
        session__station__screen__shows_cost=True,
    ).exclude(session__state=Session.State.OPEN)
    return list(rows.order_by("pk").values_list("session_id", flat=True)[:MOST_AT_ONCE])


@transaction.atomic
def show_final_costs(*, costs: Mapping[int, str], as_of: datetime) -> int:
    """Tell screens of 1.6 what sessions came to, once each; returns how many were told."""
    rows = ShownCost.objects.select_for_update(of=("self",)).filter(
        session_id__in=costs, is_final=False
    )
    told = 0
    for shown in rows.select_related("session__station").order_by("pk"):
        cost, session = costs[shown.session_id], shown.session
        ShownCost.objects.filter(pk=shown.pk).update(text=cost, is_final=True, shown_at=as_of)
        said = {"transactionId": int(session.ocpp_transaction_id), "cost": float(cost)}
        commands.send_command(
            station=session.station,
            action="DataTransfer",
            payload=_transfer("FinalCost", said),
            as_of=as_of,
            lifetime=LIFETIME,
        )
        told += 1
    return told
