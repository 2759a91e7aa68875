"""Who is blamed, what is named, whether somebody was cut off."""

from typing import Any

from stations.metering.tokens import token_word
from tests.bench.faults.judge import beyond
from tests.bench.faults.judge.matching import Judged, Verdict

TROUBLE = {"kind": "half_dead", "code": "F10", "blame": "charger", "onset": 0.0, "end": 7200.0}


def _ticket(**said: Any) -> dict[str, Any]:
    told = {"code": "F10", "codes": ["F10"], "attribution": "charger", "closed": 10_800.0}
    return {**told, **said}


def _added(*found: dict[str, Any], **result: Any) -> beyond.Beyond:
    verdicts = [Verdict(TROUBLE, ticket=one) for one in found]
    truth = {
        "sick": [],
        "rates": {"1": 1, "2": 1, "3": 1},
        "stations_of_site": {"1": [1000, 1002]},
    }
    total = beyond.Beyond()
    told = {**result, "truth": {**truth, **result.get("truth", {})}}
    beyond.add(total, told, Judged(verdicts, [], 0, 1.0))
    return total


def test_a_cable_is_the_chargers_and_what_is_not_said_is_not_right() -> None:
    told = [_ticket(attribution=word) for word in ("cable", "vehicle", "unknown")]
    assert _added(*told).blamed == {
        ("charger", "charger"): 1,
        ("charger", "vehicle"): 1,
        ("charger", "unknown"): 1,
    }


def test_the_code_that_came_first_is_the_first_named() -> None:
    told = [_ticket(), _ticket(code="F27", codes=["F10", "F27"]), _ticket(code="F27", codes=[])]
    assert _added(*told).named == {0: 1, 1: 1, -1: 1}


def test_the_end_counts_from_the_repair() -> None:
    told = [_ticket(), _ticket(closed=None), _ticket(closed=100.0)]
    total = _added(*told)
    assert (total.cleared_h, total.still_open, total.closed_early) == ([1.0], 1, 1)


def test_a_token_that_failed_five_times_is_the_vehicles_where_the_vehicle_is_sick() -> None:
    tries = {"1": [[n, who, False] for who in ("sick", "well", "rare") for n in range(5)][:-1]}
    blamed = [token_word(None, one) for one in ("sick", "rare")]
    said = {"code": "F39", "severity": 5, "tokens": blamed}
    total = _added(truth={"sick": ["sick"], "tries_of": tries}, conditions=[said])
    assert total.vehicles == {(True, True): 1, (False, False): 1}


def test_danger_that_ended_by_itself_is_counted() -> None:
    alone = {"code": "F21", "severity": 1, "cleared": 5.0, "was_seen_to": False}
    seen = {**alone, "was_seen_to": True}
    total = _added(conditions=[alone, seen, {**alone, "cleared": None}])
    assert (total.safety, total.safety_cleared_alone) == (3, 1)


def test_a_reset_while_somebody_charges_at_the_station_is_harm() -> None:
    charged = {"2": [[100, 200]], "3": [[300, 400]]}
    reset = {"step": "soft_reset", "station": "1000", "scope_key": "connector:1"}
    steps = [{**reset, "at": at} for at in (150, 250, 350)]
    assert _added(truth={"charged": charged}, steps=steps).harm.total() == 1
    unlock = {**reset, "step": "unlock", "at": 150}
    asked = {**reset, "step": "ask_state", "at": 150}
    assert _added(truth={"charged": charged}, steps=[unlock, asked]).harm.total() == 0
