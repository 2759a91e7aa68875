"""Attempts become visits, and visits the figures drivers feel."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faults.uptime import visits
from faults.uptime.visits import NOT_THE_CHARGERS, Attempt, Attribution

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def attempt(
    minute: float,
    *,
    token: str = "astrid",
    lasts: float = 30,
    wh: int = 12_000,
    reason: str = "EVDisconnected",
    site: int = 1,
    blame: Attribution = "unknown",
) -> Attempt:
    began_at = NOON + timedelta(minutes=minute)
    return Attempt(
        site_id=site,
        connector_id=1,
        token=token,
        began_at=began_at,
        ended_at=began_at + timedelta(minutes=lasts),
        first_energy_at=began_at + timedelta(seconds=40) if wh else None,
        energy_wh=wh,
        stop_reason=reason,
        attribution=blame,
    )


def failed(minute: float, *, token: str = "astrid", blame: Attribution = "charger") -> Attempt:
    return attempt(minute, token=token, lasts=1, wh=0, reason="Other", blame=blame)


def test_tries_of_one_token_within_twenty_minutes_are_one_visit() -> None:
    found = visits.visits_of([failed(0), failed(10), attempt(30), attempt(90)])

    assert [len(one.attempts) for one in found] == [3, 1]


def test_two_sites_are_two_visits() -> None:
    assert len(visits.visits_of([failed(0), attempt(2, site=2)])) == 2


def test_a_stranger_tries_again_only_after_failing_and_soon() -> None:
    strangers = [failed(0, token=""), attempt(4, token=""), attempt(36, token="")]

    assert [len(one.attempts) for one in visits.visits_of(strangers)] == [2, 1]


def test_figures_of_a_day_counted_by_hand() -> None:
    day = [failed(0), attempt(5), attempt(200, token="bo"), failed(300, token="dag", blame="user")]
    broken_off = attempt(400, token="eva", reason="PowerLoss")

    found = visits.figures([*day, broken_off], without=frozenset())

    assert found.start_success == visits.Share(3, 5)
    assert found.end_success == visits.Share(2, 3)
    assert found.session_success == visits.Share(2, 5)
    assert found.visit_success == visits.Share(2, 4)
    assert found.first_attempt_success == visits.Share(1, 4)
    assert found.failures == {"charger": 1, "user": 1, "unknown": 1}
    assert found.start_time_median_s == pytest.approx(40)


def test_what_users_and_vehicles_did_can_be_left_out() -> None:
    day = [failed(0, blame="charger"), failed(100, blame="user"), failed(200, blame="vehicle")]

    found = visits.figures([*day, attempt(300)], without=NOT_THE_CHARGERS)

    assert found.start_success == visits.Share(1, 2)
    assert found.failures == {"charger": 1}


def test_no_attempt_gives_no_share() -> None:
    found = visits.figures([], without=frozenset())

    assert found.visit_success.share is None
    assert found.start_time_p90_s is None


@given(st.lists(st.tuples(st.integers(0, 500), st.sampled_from(["a", "b", ""])), max_size=20))
def test_every_attempt_is_in_one_visit(moments: list[tuple[int, str]]) -> None:
    attempts = [failed(minute, token=token) for minute, token in moments]

    found = visits.visits_of(attempts)

    assert sum(len(one.attempts) for one in found) == len(attempts)
    for one in found:
        assert len({(each.site_id, each.token) for each in one.attempts}) == 1
