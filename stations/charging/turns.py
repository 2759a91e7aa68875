"""Who waits for whom at a site's shared limit: one order for all, so that no two wait in a ring.

The group's row first; then a station's profiles, by a lock of the database's own; then members,
shares and profiles. A station's row is for the gateway and for who commissions it: nobody asks
for it here, and who locks it leaves its key alone, so that rows may point to it meanwhile.
"""

from typing import Final

from chargenet.core import locks
from stations.models import LoadGroup

PROFILES_LOCK: Final = 4621


def hold_group(group_id: int) -> LoadGroup:
    """Return a group nobody else may share out until we are done; raises DoesNotExist."""
    return LoadGroup.objects.select_for_update(no_key=True).get(pk=group_id)


def hold_group_of(station_id: int) -> LoadGroup | None:
    """Return the group a station is under, ours until we are done; None where it is under none."""
    groups = LoadGroup.objects.select_for_update(no_key=True, of=("self",))
    return groups.filter(members__station_id=station_id).first()


def hold_profiles(station_id: int) -> None:
    """Let nobody else ask a station for a profile until we are done."""
    hold_group_of(station_id)
    locks.hold(PROFILES_LOCK, station_id)
