"""Charging profiles: what stations are asked to hold and hold, and a site's shared limit."""

from stations.charging.answers import apply_boot, follow_profile
from stations.charging.groups import (
    GroupRefused,
    change_group,
    create_group,
    end_group,
    set_members,
    set_wiring,
)
from stations.charging.profiles import ProfileRefused, Wish, clear_profile, set_profile
from stations.charging.site import reconcile_group, reconcile_station, sweep_groups

__all__ = [
    "GroupRefused",
    "ProfileRefused",
    "Wish",
    "apply_boot",
    "change_group",
    "clear_profile",
    "create_group",
    "end_group",
    "follow_profile",
    "reconcile_group",
    "reconcile_station",
    "set_members",
    "set_profile",
    "set_wiring",
    "sweep_groups",
]
