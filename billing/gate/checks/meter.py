"""Whether the meter's own word holds together."""

from billing.gate.case import Case, Evidence, Limits

WH_S = 3600
# The register passed its last digit and went on: that energy was counted over the turn.
ROLLED_OVER = "register_rollover"


def no_meter(case: Case, _limits: Limits) -> Evidence | None:
    """Find energy a station told without a register at its beginning or its end."""
    is_bare = case.meter_start_wh is None or case.meter_stop_wh is None
    is_found = case.is_metered and is_bare and case.energy_wh > 0
    return {"energy_wh": case.energy_wh} if is_found else None


def registers_disagree(case: Case, limits: Limits) -> Evidence | None:
    """Find energy that is not what the registers at both ends say."""
    if case.meter_start_wh is None or case.meter_stop_wh is None or ROLLED_OVER in case.flags:
        return None
    between_wh = case.meter_stop_wh - case.meter_start_wh
    is_found = between_wh >= 0 and abs(between_wh - case.energy_wh) > limits["most_wh"]
    return {"energy_wh": case.energy_wh, "between_wh": between_wh} if is_found else None


def register_fell(case: Case, limits: Limits) -> Evidence | None:
    """Find a register that went down, at the end or between two readings."""
    fall_wh = 0 if case.readings is None else case.readings.fall_wh
    if (
        case.meter_start_wh is not None
        and case.meter_stop_wh is not None
        and ROLLED_OVER not in case.flags
    ):
        fall_wh = max(fall_wh, case.meter_start_wh - case.meter_stop_wh)
    return {"fall_wh": fall_wh} if fall_wh > limits["least_wh"] else None


def register_reset(case: Case, limits: Limits) -> Evidence | None:
    """Find a register that began again from nothing."""
    reached_wh = 0 if case.readings is None else case.readings.zero_after_wh
    return {"reached_wh": reached_wh} if reached_wh > limits["least_wh"] else None


def register_jumped(case: Case, limits: Limits) -> Evidence | None:
    """Find more energy between two readings than the connector can deliver in between."""
    if case.readings is None or case.max_power_w is None:
        return None
    span_s = case.readings.jump_s + limits["grace_s"]
    most_wh = case.max_power_w * span_s * limits["percent"] // (100 * WH_S)
    jump_wh = case.readings.jump_wh
    return {"jump_wh": jump_wh, "most_wh": most_wh} if jump_wh > most_wh else None


def reading_gap(case: Case, limits: Limits) -> Evidence | None:
    """Find a long time without readings in which energy flowed: nobody knows when."""
    if case.readings is None:
        return None
    gap_s, gap_wh = case.readings.gap_s, case.readings.gap_wh
    is_found = gap_s > limits["most_s"] and gap_wh >= limits["least_wh"]
    return {"gap_s": gap_s, "gap_wh": gap_wh} if is_found else None


def needs_review(case: Case, _limits: Limits) -> Evidence | None:
    """Find a session whose facts were already doubted when they came in."""
    return {"flags": ", ".join(case.flags)} if case.needs_review else None


def meter_doubted(case: Case, _limits: Limits) -> Evidence | None:
    """Find a session that met a fault of its meter: what it counted is for a person to judge."""
    for each in case.troubles:
        if each.family == "meter" and each.meets(case.started_at, case.ended_at):
            return {"fault": each.code}
    return None


def overlap(case: Case, _limits: Limits) -> Evidence | None:
    """Find energy that another session at the same connector and time counts too."""
    if case.overlaps_session is None:
        return None
    return {"session": case.overlaps_session}
