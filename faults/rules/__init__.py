"""The rules: one line each. A rule says yes, no or cannot know; absence is never health."""

from faults.rules import (
    authorisation_failing,
    cabinet_hot,
    cabinet_tampered,
    cable_cut,
    cable_hot,
    cable_overheated,
    code_unknown,
    cohort_failing,
    contactor_failing,
    emergency_stop,
    flapping,
    ground_fault,
    internal_error,
    isolation_failing,
    link_weak,
    lock_failing,
    mains_lost,
    meter_unreadable,
    module_lost,
    network_offline,
    own_service,
    pilot_failing,
    reader_dead,
    sessions_failing,
    site_offline,
    site_without_power,
    station_offline,
    supply_wrong,
    usage_drought,
    vehicle_failing,
)
from faults.rules.protocol import Rule

RULES: tuple[Rule, ...] = (
    Rule.of(station_offline),
    Rule.of(internal_error),
    Rule.of(cabinet_hot),
    Rule.of(code_unknown),
    Rule.of(flapping),
    Rule.of(cabinet_tampered),
    Rule.of(emergency_stop),
    Rule.of(sessions_failing),
    Rule.of(usage_drought),
    Rule.of(link_weak),
    Rule.of(cable_hot),
    Rule.of(cable_overheated),
    Rule.of(module_lost),
    Rule.of(lock_failing),
    Rule.of(pilot_failing),
    Rule.of(isolation_failing),
    Rule.of(contactor_failing),
    Rule.of(ground_fault),
    Rule.of(supply_wrong),
    Rule.of(cable_cut),
    Rule.of(meter_unreadable),
    Rule.of(reader_dead),
    Rule.of(authorisation_failing),
    Rule.of(vehicle_failing),
    Rule.of(mains_lost),
)
# What is asked of sites, networks and cohorts, with snapshots of `faults.rules.wide`; the site's
# F40 stands beside the station's own.
WIDE: tuple[Rule, ...] = (
    Rule.of(own_service),
    Rule.of(network_offline),
    Rule.of(site_without_power),
    Rule.of(site_offline),
    Rule.of(cohort_failing),
)
WIDE_BY_CODE = {rule.code: rule for rule in WIDE}
BY_CODE = {**WIDE_BY_CODE, **{rule.code: rule for rule in RULES}}
