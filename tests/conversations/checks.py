"""What the `checks` of a case are held against: one look a name, and none may be unknown."""

from collections.abc import Callable
from typing import Any

from faults.models import Ticket
from stations.models import Connector, Inbox, MeterValue, OrphanStop, Session, Station
from tests.conversations.player import Player
from tests.integration.stations.conftest import fresh


def found(name: str, wanted: Any, station: Station, player: Player, *, is_open: bool) -> Any:
    """Return what is true of a check: `wanted` itself where an upper bound holds."""
    sessions = Session.objects.filter(station=station).order_by("id")
    tickets = Ticket.objects.filter(station=station)
    looks: dict[str, Callable[[], Any]] = {
        "answer": lambda: {3: "CALLRESULT", 4: "CALLERROR"}[player.answers[-1][0]],
        "error_code": lambda: player.answers[-1][2],
        "socket_open": lambda: is_open,
        "station_online": lambda: fresh(station).connected_at is not None,
        "tx_count": sessions.count,
        "open_tx": lambda: sessions.filter(state="open").count(),
        "tx_energy_wh": lambda: sessions[0].energy_wh,
        "last_wh": lambda: _first_connector(station).last_register_wh,
        "quarantined": lambda: Inbox.objects.filter(
            station_id=station.pk, state="set_aside"
        ).exists(),
        "needs_review": lambda: sessions.filter(needs_review=True).count(),
        "orphan_stop": OrphanStop.objects.filter(station=station).count,
        "connector_status": lambda: _newest_status(station),
        "tx_idtag": lambda: sessions[0].id_tag,
        "samples_on_tx": lambda: MeterValue.objects.filter(session_id=sessions[0].pk).count(),
        "fault_ticket": lambda: _ticketed(station, wanted),
        "fault_tickets_max": lambda: wanted if tickets.count() <= wanted else tickets.count(),
    }
    return looks[name]()


def _ticketed(station: Station, wanted: str) -> str:
    """Return cable or station where such a ticket is open."""
    families = set(Ticket.objects.filter(station=station).values_list("family", flat=True))
    is_there = "cable" in families if wanted == "cable" else families - {"cable"}
    return wanted if is_there else f"tickets of {sorted(families)}"


def _first_connector(station: Station) -> Connector:
    return Connector.objects.get(station=station, evse__number=1)


def _newest_status(station: Station) -> str:
    newest = Connector.objects.filter(station=station).exclude(status="")
    return newest.order_by("-status_received_at")[0].status
