"""Bulk commands: looked at, agreed by two, paced, stoppable, never two at once at a station."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from chargenet.core.models import AuditEntry
from stations import bulk, followups, limits
from stations.models import BulkCommand, BulkTarget, Command, OperationLimits, Station
from tests.cast import Cast, make_cast, make_station

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def made() -> Cast:
    made = make_cast()
    OperationLimits.objects.create(operator=made.operator, approval_above=100)
    for number in range(8):
        make_station(made.location, f"NORD-X-{number}")
    return made


def planned(made: Cast, **more: Any) -> BulkCommand:
    wish: dict[str, Any] = {
        "action": "reset",
        "payload": {"type": "soft"},
        "reason": "after the storm",
    }
    return bulk.plan_bulk(
        operator_id=made.operator.pk,
        plan=bulk.BulkPlan(**wish | more),
        stations=Station.objects.filter(ocpp_version="1.6"),
        requested_by=made.cilla,
        as_of=NOW,
    )


def running(made: Cast, **more: Any) -> BulkCommand:
    row = planned(made, **more)
    bulk.confirm_bulk(bulk=row, user=made.cilla, as_of=NOW)
    return row


def answered(state: str = "accepted", **fields: Any) -> None:
    for command in Command.objects.filter(state="queued"):
        Command.objects.filter(pk=command.pk).update(state=state, finished_at=NOW, **fields)
        followups.follow_station(station_id=command.station_id, as_of=NOW)


def count(state: str) -> int:
    return BulkTarget.objects.filter(state=state).count()


def test_nothing_leaves_before_it_is_confirmed(made: Cast) -> None:
    row = planned(made)

    assert bulk.run_bulks(as_of=NOW + timedelta(hours=1)) == 0
    assert (row.state, row.station_count, Command.objects.count()) == ("draft", 9, 0)


def test_the_pace_is_kept_by_any_number_of_sweeps(made: Cast) -> None:
    running(made, per_minute=30)
    sent = []
    for second in range(20):
        sent.append(sum(bulk.run_bulks(as_of=NOW + second * SECOND) for _worker in range(2)))

    # one every two seconds, nine of them
    assert [second for second, number in enumerate(sent) if number] == list(range(0, 18, 2))
    assert set(sent) == {0, 1}


def test_a_random_delay_spreads_them_out(made: Cast) -> None:
    running(made, per_minute=60, spread_s=600)

    due = list(BulkTarget.objects.values_list("due_after_s", flat=True))

    assert max(due) <= 600 + 8
    assert len(set(due)) > 3
    assert bulk.run_bulks(as_of=NOW + timedelta(minutes=11)) == 9


def test_after_an_outage_the_line_is_not_sent_in_one_burst(made: Cast) -> None:
    running(made, per_minute=4)

    later = NOW + timedelta(hours=2)
    sent = [bulk.run_bulks(as_of=later + second * SECOND) for second in range(0, 130, 2)]

    assert [number for number in sent if number] == [4, 4, 1]
    assert sent[0] == 4


def test_every_station_ends_with_what_it_answered(made: Cast) -> None:
    row = running(made, per_minute=60)
    bulk.run_bulks(as_of=NOW)
    answered()
    bulk.run_bulks(as_of=NOW + 10 * SECOND)
    answered("rejected", answer={"status": "Rejected"})

    bulk.run_bulks(as_of=NOW + 20 * SECOND)

    row.refresh_from_db()
    assert row.state == "done"
    assert (count("done"), count("failed")) == (1, 8)
    assert set(BulkTarget.objects.values_list("outcome", "detail")) == {
        ("accepted", ""),
        ("rejected", "Rejected"),
    }


def test_two_bulk_commands_never_meet_at_one_station(made: Cast) -> None:
    running(made, per_minute=60)
    running(made, per_minute=60, action="clear_cache", payload={})
    later = NOW + timedelta(minutes=1)

    assert bulk.run_bulks(as_of=later) == 9
    assert Command.objects.filter(action="clear_cache").count() == 0
    answered()

    assert bulk.run_bulks(as_of=later) == 9
    assert Command.objects.filter(action="clear_cache").count() == 9


def test_the_kill_switch_holds_all_and_lets_go_of_them_again(made: Cast) -> None:
    running(made)
    turn: dict[str, Any] = {
        "operator_id": made.operator.pk,
        "changed_by": made.cilla,
        "as_of": NOW,
    }
    limits.set_halted(is_halted=True, **turn)

    assert bulk.run_bulks(as_of=NOW) == 0
    limits.set_halted(is_halted=False, **turn)
    assert bulk.run_bulks(as_of=NOW) == 1
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {
        "limits.halt",
        "limits.release",
    }


def test_a_stop_takes_back_what_no_station_has_heard(made: Cast) -> None:
    row = running(made, per_minute=60)
    bulk.run_bulks(as_of=NOW + 2 * SECOND)

    bulk.stop_bulk(bulk=row, user=made.cilla, as_of=NOW)

    assert bulk.run_bulks(as_of=NOW + timedelta(hours=1)) == 0
    assert set(Command.objects.values_list("state", flat=True)) == {"expired"}
    assert (count("stopped"), count("sent")) == (6, 3)


def test_a_pause_keeps_the_place_in_the_line(made: Cast) -> None:
    row = running(made, per_minute=60)
    bulk.run_bulks(as_of=NOW)
    bulk.pause_bulk(bulk=row, user=made.cilla, as_of=NOW)
    much_later = NOW + timedelta(hours=3)
    assert bulk.run_bulks(as_of=much_later) == 0

    bulk.resume_bulk(bulk=row, user=made.cilla, as_of=much_later)

    assert bulk.run_bulks(as_of=much_later) == 1


@pytest.mark.parametrize(
    ("action", "payload", "needs"),
    [("reset", {}, True), ("Reset", {"type": "Soft"}, True), ("clear_cache", {}, False)],
)
def test_what_drivers_would_feel_needs_a_second_person(
    made: Cast, action: str, payload: dict[str, str], needs: bool
) -> None:
    OperationLimits.objects.update(approval_above=8)
    row = planned(made, action=action, payload=payload)
    state = bulk.confirm_bulk(bulk=row, user=made.cilla, as_of=NOW)

    assert state == ("waiting" if needs else "running")
    assert bulk.run_bulks(as_of=NOW) == (0 if needs else 1)


def test_the_second_person_is_another_one(made: Cast) -> None:
    OperationLimits.objects.update(approval_above=8)
    row = running(made)
    with pytest.raises(bulk.NotYours):
        bulk.approve_bulk(bulk=row, user=made.cilla, as_of=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        BulkCommand.objects.filter(pk=row.pk).update(approved_by=made.cilla)

    bulk.approve_bulk(bulk=row, user=made.dag, as_of=NOW)

    assert bulk.run_bulks(as_of=NOW) == 1
    with pytest.raises(bulk.BulkInvalid):
        bulk.approve_bulk(bulk=row, user=made.dag, as_of=NOW)


@pytest.mark.parametrize(
    "more",
    [
        {"reason": " "},
        {"per_minute": 0},
        {"per_minute": 61},
        {"spread_s": 601},
        {"payload": {"type": "Sideways"}, "action": "Reset"},
        {"action": "GetVariables"},
    ],
)
def test_what_cannot_be_meant_is_not_planned(made: Cast, more: dict[str, Any]) -> None:
    with pytest.raises(bulk.BulkInvalid):
        planned(made, **more)
    assert not BulkCommand.objects.exists()


def test_an_answer_that_was_never_heard_does_not_hold_a_station_for_ever(made: Cast) -> None:
    running(made)
    bulk.run_bulks(as_of=NOW)
    Command.objects.update(state="unknown", finished_at=NOW, followed_at=NOW)

    assert bulk.sweep_lost_answers(as_of=NOW + timedelta(minutes=9)) == 0
    assert bulk.sweep_lost_answers(as_of=NOW + timedelta(minutes=11)) == 1
    assert BulkTarget.objects.get(outcome="unknown").state == "failed"


@pytest.mark.parametrize(
    "payload",
    [
        {"key": "AuthorizationKey", "value": "one-for-all-of-them"},
        {"key": "authorizationkey", "value": "one-for-all-of-them"},
    ],
)
def test_a_secret_is_no_bulk_command(made: Cast, payload: dict[str, Any]) -> None:
    """S52: the plan is a row and a page, and one password for all is none."""
    with pytest.raises(bulk.BulkInvalid):
        planned(made, action="ChangeConfiguration", payload=payload)

    assert not BulkCommand.objects.exists()


@pytest.mark.parametrize(
    ("action", "payload"), [("UnlockConnector", {"connectorId": 1}), ("ClearChargingProfile", {})]
)
def test_what_ends_sessions_or_lifts_limits_needs_a_second_person_too(
    made: Cast, action: str, payload: dict[str, Any]
) -> None:
    OperationLimits.objects.update(approval_above=1)

    assert planned(made, action=action, payload=payload).needs_approval
