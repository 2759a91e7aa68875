"""What goes on at a station: sessions that were not ended yet."""

from datetime import datetime

from django.db.models import Max

from faults.queries.outcomes import BEFORE_START
from faults.rules.facts import OpenSession
from stations.metering.tokens import token_word
from stations.models import Connector, MeterValue, Session, Status

SUSPENDED = frozenset({Status.SUSPENDED_EV, Status.SUSPENDED_EVSE})
# A vehicle that keeps its battery warm draws a little; a meter shows noise.
STILL_W = 20


def open_sessions(connectors: list[Connector]) -> dict[int, OpenSession]:
    """Return the session under way at each connector; of several, the youngest."""
    rows = Session.objects.filter(
        connector_id__in=[one.pk for one in connectors], state=Session.State.OPEN
    ).order_by("started_at", "pk")
    statuses = {one.pk: one.status for one in connectors}
    youngest = {row.connector_id: row for row in rows}
    return {
        connector_id: _open(row, statuses[connector_id]) for connector_id, row in youngest.items()
    }


def _open(row: Session, status: str) -> OpenSession:
    energy_wh = None
    if row.last_register_wh is not None and row.meter_start_wh is not None:
        energy_wh = row.last_register_wh - row.meter_start_wh
    return OpenSession(
        id=row.pk,
        token=token_word(row.token_id, row.id_tag),
        started_at=row.started_at,
        power_w=row.last_power_w,
        energy_wh=energy_wh,
        last_meter_at=row.last_meter_at,
        still_since=_still_since(row),
        is_suspended=status in SUSPENDED or row.parking_since is not None,
    )


def _still_since(row: Session) -> datetime | None:
    """Return since when a session draws nothing: since its last sample that did."""
    if row.last_power_w is None or row.last_power_w > STILL_W:
        return None
    samples = MeterValue.objects.filter(
        session_id=row.pk,
        received_at__gte=row.started_at - BEFORE_START,
        power_w__gt=STILL_W,
    )
    newest: datetime | None = samples.aggregate(at=Max("occurred_at"))["at"]
    return newest or row.started_at
