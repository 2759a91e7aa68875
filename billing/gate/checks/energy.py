"""Whether a session's energy can be true."""

from billing.gate.case import Case, Evidence, Limits

WH_S = 3600


def negative_energy(case: Case, _limits: Limits) -> Evidence | None:
    """Find energy below nothing."""
    return {"energy_wh": case.energy_wh} if case.energy_wh < 0 else None


def no_energy(case: Case, limits: Limits) -> Evidence | None:
    """Find a session that delivered nothing."""
    is_found = 0 <= case.energy_wh <= limits["most_wh"]
    return {"energy_wh": case.energy_wh} if is_found else None


def little_energy(case: Case, limits: Limits) -> Evidence | None:
    """Find a session that delivered next to nothing."""
    is_found = 0 < case.energy_wh < limits["least_wh"]
    return {"energy_wh": case.energy_wh, "least_wh": limits["least_wh"]} if is_found else None


def over_power(case: Case, limits: Limits) -> Evidence | None:
    """Find more energy than the connector's power can deliver in the time."""
    if case.max_power_w is None or case.length_s < 0:
        return None
    span_s = case.length_s + limits["grace_s"]
    most_wh = case.max_power_w * span_s * limits["percent"] // (100 * WH_S)
    if case.energy_wh <= most_wh:
        return None
    return {
        "energy_wh": case.energy_wh,
        "most_wh": most_wh,
        "max_power_w": case.max_power_w,
        "length_s": case.length_s,
    }
