"""Whether there is anybody to bill."""

from billing.gate.case import Case, Evidence, Limits

SHOWN = 4


def unknown_token(case: Case, _limits: Limits) -> Evidence | None:
    """Find a card nobody knows, at a place where nobody pays for strangers."""
    is_strange = bool(case.id_tag) and not case.is_token_known and not case.is_payer_known
    is_found = case.is_metered and is_strange
    return {"ends_with": case.id_tag[-SHOWN:]} if is_found else None


def nobody_pays(case: Case, _limits: Limits) -> Evidence | None:
    """Find a session that no customer is known to pay."""
    return None if case.is_payer_known else {}


def crew_session(case: Case, limits: Limits) -> Evidence | None:
    """Find a small charge somebody of the crew made to try the station."""
    is_found = case.is_by_crew and case.energy_wh <= limits["most_wh"]
    return {"energy_wh": case.energy_wh, "most_wh": limits["most_wh"]} if is_found else None
