"""Whether a session's times can be true."""

from billing.gate.case import Case, Evidence, Limits


def ends_before_start(case: Case, _limits: Limits) -> Evidence | None:
    """Find a session that ended before it began."""
    return {"length_s": case.length_s} if case.length_s < 0 else None


def zero_length(case: Case, _limits: Limits) -> Evidence | None:
    """Find energy a station says it delivered in no time at all; a list may tell whole minutes."""
    is_found = case.is_metered and case.length_s == 0 and case.energy_wh > 0
    return {"energy_wh": case.energy_wh} if is_found else None


def short(case: Case, limits: Limits) -> Evidence | None:
    """Find a session too short to be a charge."""
    is_found = 0 <= case.length_s < limits["least_s"]
    return {"length_s": case.length_s, "least_s": limits["least_s"]} if is_found else None


def too_long(case: Case, limits: Limits) -> Evidence | None:
    """Find a session that nobody would leave a vehicle for: its end was lost."""
    is_found = case.length_s > limits["most_s"]
    return {"length_s": case.length_s, "most_s": limits["most_s"]} if is_found else None


def long_idle(case: Case, limits: Limits) -> Evidence | None:
    """Find a vehicle that stood long after it was done."""
    is_found = case.parking_s > limits["most_s"]
    return {"parking_s": case.parking_s, "most_s": limits["most_s"]} if is_found else None


def in_future(case: Case, limits: Limits) -> Evidence | None:
    """Find an end that was told before it happened: the station's clock is ahead."""
    ahead_s = int((case.ended_at - case.seen_at).total_seconds())
    is_found = ahead_s > limits["most_s"]
    return {"ahead_s": ahead_s, "most_s": limits["most_s"]} if is_found else None


def told_late(case: Case, limits: Limits) -> Evidence | None:
    """Find a start so long before we heard of its end that a clock was never set."""
    late_s = int((case.seen_at - case.ended_at).total_seconds())
    is_found = case.is_metered and late_s > limits["most_s"]
    return {"late_s": late_s, "most_s": limits["most_s"]} if is_found else None
