"""Charging profiles: what stations are asked to hold and hold, and a site's shared limit."""

from stations.charging.answers import apply_boot, follow_profile
from stations.charging.composite import Comparison, ask_composite, compare, follow_composite
from stations.charging.groups import (
    GroupRefused,
    change_group,
    create_group,
    end_group,
    set_members,
    set_wiring,
)
from stations.charging.profiles import ProfileRefused, Wish, clear_profile, set_profile
from stations.charging.reports import (
    apply_limit,
    apply_limit_cleared,
    apply_needs,
    apply_plan,
    apply_profiles,
    ask_profiles,
    update_dynamic,
    use_priority,
)
from stations.charging.site import reconcile_group, reconcile_station, sweep_groups

__all__ = [
    "Comparison",
    "GroupRefused",
    "ProfileRefused",
    "Wish",
    "apply_boot",
    "apply_limit",
    "apply_limit_cleared",
    "apply_needs",
    "apply_plan",
    "apply_profiles",
    "ask_composite",
    "ask_profiles",
    "change_group",
    "clear_profile",
    "compare",
    "create_group",
    "end_group",
    "follow_composite",
    "follow_profile",
    "reconcile_group",
    "reconcile_station",
    "set_members",
    "set_profile",
    "set_wiring",
    "sweep_groups",
    "update_dynamic",
    "use_priority",
]
