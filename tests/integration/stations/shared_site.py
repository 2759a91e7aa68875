"""A site whose stations share a limit."""

from datetime import timedelta
from typing import Any

from stations import charging
from stations.models import (
    Connector,
    LoadGroup,
    LoadShare,
)
from tests import cast
from tests.integration.stations.smart_station import NOW


def group_of(site: cast.Cast, limit_a: int = 20, stations: int = 1) -> LoadGroup:
    ids = [site.ac_station.pk, site.dc_station.pk][:stations]
    return charging.create_group(
        location=site.location, name="Garaget", limit_a=limit_a, station_ids=ids, as_of=NOW
    )


def reconcile(group: LoadGroup, seconds: int = 0) -> None:
    charging.reconcile_group(group_id=group.pk, as_of=NOW + timedelta(seconds=seconds))


def share_of(connector: Connector) -> LoadShare:
    return LoadShare.objects.get(connector=connector)


def profile(**rest: Any) -> charging.Wish:
    schedule = {
        "kind": "Absolute",
        "unit": "A",
        "start": "2026-11-22T12:00:00Z",
        "periods": [{"start": 0, "limit": "16"}],
    }
    schedule |= rest.pop("schedule", {})
    return charging.Wish(**({"purpose": "tx_default", "schedule": schedule} | rest))
