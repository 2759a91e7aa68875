"""The demo's sites whose fuse is smaller than what their stations could draw together."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from stations import charging
from stations.models import LoadGroup, Location

# A per phase; with every vehicle there at once some must wait for their turn.
FUSES_A: Final = {"Stockholm Slussen": 40, "Malmö Hamnen": 250}
GROUP: Final = "Huvudsäkring"


def share_fuses(sites: Mapping[str, Location], *, as_of: datetime) -> None:
    """Put the stations of some sites under one fuse; a site that has one keeps it."""
    for name, limit_a in FUSES_A.items():
        location = sites.get(name)
        if location is None or LoadGroup.objects.filter(location=location).exists():
            continue
        ids = list(location.stations.filter(is_active=True).values_list("pk", flat=True))
        if ids:
            charging.create_group(
                location=location, name=GROUP, limit_a=limit_a, station_ids=ids, as_of=as_of
            )
