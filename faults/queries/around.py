"""What holds around one station that may explain what is found there."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q

from faults.engine import inhibition
from faults.engine.inhibition import STORM_LASTS, Around
from faults.models import Fault
from faults.rules import wide
from faults.rules.protocol import Snapshot
from stations.models import Status

OWN_SERVICE = "F43"
IN_USE = frozenset(
    {
        Status.CHARGING,
        Status.SUSPENDED_EV,
        Status.SUSPENDED_EVSE,
        Status.PREPARING,
        Status.OCCUPIED,
    }
)


def around_station(
    snapshot: Snapshot,
    *,
    operator_id: int,
    location_id: int,
    network_group: str,
) -> Around:
    """Return what explains at a station, but for its own conditions."""
    card = snapshot.cards[None]
    keys = [
        wide.site_key(location_id),
        wide.network_key(operator_id, network_group),
        wide.cohort_key(operator_id, card.model, card.firmware),
    ]
    holds, is_storm = wider_than(operator_id, keys, snapshot.as_of)
    return Around(
        scope_key=f"station:{snapshot.station_id}",
        wide=holds,
        busy=frozenset(
            pk for pk, word in snapshot.statuses.items() if pk is not None and word in IN_USE
        ),
        shared=_shared(snapshot),
        is_attended=snapshot.is_attended,
        is_storm=is_storm,
    )


def wider_than(
    operator_id: int, scope_keys: list[str], as_of: datetime
) -> tuple[dict[str, str], bool]:
    """Return the wide faults that explain, by code, and whether our own service is just back."""
    lately = Q(code=OWN_SERVICE, cleared_at__gt=as_of - STORM_LASTS)
    rows = Fault.objects.filter(
        ~Q(state=Fault.State.CLEARED) | lately,
        # our own service is everybody's, on whatever line
        Q(scope_key__in=scope_keys) | Q(code=OWN_SERVICE),
        operator_id=operator_id,
    )
    found = list(rows)
    ended = [one.cleared_at for one in found if one.code == OWN_SERVICE and one.cleared_at]
    is_storm = inhibition.is_storm(max(ended, default=None), as_of)
    return inhibition.wide_keys(found), is_storm


def _shared(snapshot: Snapshot) -> Mapping[int, frozenset[int]]:
    """Return which connectors share a power stage: those of an EVSE, all of a fast charger."""
    if len(snapshot.connectors) < 2:
        return {}
    cards = {pk: snapshot.cards[pk] for pk in snapshot.connectors}
    is_one_stage = any(card.is_dc for card in cards.values())
    return {
        pk: frozenset(
            other
            for other in cards
            if other != pk and (is_one_stage or cards[other].evse_id == cards[pk].evse_id)
        )
        for pk in cards
    }
