"""Everything we know of one station, for who stands in front of it."""

from django.db.models import Count, OuterRef, Q, Subquery

from faults.models import Fault, Ticket
from stations.models import Command, Connector, Inbox, MeterValue, OrphanStop, Session, Station

MOST_TOLD = 50


def inspect_station(station: Station) -> dict[str, object]:
    """Return what `inspect_station` tells, in the command's own words and shapes."""
    sessions = Session.objects.filter(station=station).aggregate(
        sessions=Count("pk"),
        open_sessions=Count("pk", filter=Q(state=Session.State.OPEN)),
        needs_review=Count("pk", filter=Q(needs_review=True)),
    )
    set_aside = Inbox.objects.filter(station_id=station.pk, state="set_aside")
    return {
        "online": station.is_online,
        "last_seen": station.last_seen_at,
        "sessions": sessions["sessions"],
        "open_sessions": sessions["open_sessions"],
        "set_aside": set_aside.count(),
        "needs_review": sessions["needs_review"],
        "orphan_stops": OrphanStop.objects.filter(station=station).count(),
        "connectors": _connectors(station),
        "faults": _faults(station),
        "tickets": _tickets(station),
        "commands": _commands(station),
    }


def _connectors(station: Station) -> list[dict[str, object]]:
    newest = (
        Session.objects.filter(connector=OuterRef("pk"))
        .order_by("-started_at", "-pk")
        .values("pk")[:1]
    )
    connectors = list(
        Connector.objects.filter(station=station)
        .select_related("evse")
        .annotate(last_session_id=Subquery(newest))
        .order_by("evse__number", "number")
    )
    last = Session.objects.select_related("token").in_bulk(
        [connector.last_session_id for connector in connectors if connector.last_session_id]
    )
    return [
        {
            "evse": connector.evse.number,
            "connector": connector.number,
            "status": connector.status,
            "last_register_wh": connector.last_register_wh,
            "last_session": _session(last.get(connector.last_session_id)),
        }
        for connector in connectors
    ]


def _session(session: Session | None) -> dict[str, object] | None:
    if session is None:
        return None
    energy_wh = session.energy_wh
    if energy_wh is None and session.state == Session.State.OPEN:
        first, last = session.meter_start_wh, session.last_register_wh
        if first is not None and last is not None:
            energy_wh = max(0, last - first)
    return {
        "ocpp_transaction_id": session.ocpp_transaction_id,
        "token": session.id_tag or (session.token.uid if session.token else ""),
        "energy_wh": energy_wh,
        "samples": MeterValue.objects.filter(session_id=session.pk).count(),
    }


def _faults(station: Station) -> list[dict[str, object]]:
    rows = Fault.objects.filter(station=station).exclude(state=Fault.State.CLEARED)
    return [
        {"code": fault.code, "scope": fault.scope, "state": fault.state}
        for fault in rows.order_by("-began_at")[:MOST_TOLD]
    ]


def _tickets(station: Station) -> list[dict[str, object]]:
    rows = Ticket.objects.filter(station=station).order_by("-opened_at")[:MOST_TOLD]
    return [
        # "connector:17" is a connector's; the word before the colon is the scope.
        {"code": row.code, "scope": row.scope_key.partition(":")[0], "state": row.state}
        for row in rows
    ]


def _commands(station: Station) -> list[dict[str, object]]:
    rows = Command.objects.filter(station=station).order_by("-pk")[:MOST_TOLD]
    return [{"id": row.pk, "action": row.action, "state": row.state} for row in rows]
