"""A simulated charger holds charging profiles as the standard says."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from stations.simulator import charging, lists

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def connector(tx: int | None = None, evse: int = 1) -> Any:
    spec = SimpleNamespace(evse=evse, number=evse, phases=3, max_power_w=22_000)
    running = None if tx is None else SimpleNamespace(id=tx, started_at=NOON)
    return SimpleNamespace(spec=spec, tx=running)


def profile(number: int, purpose: str, limit: int, **rest: Any) -> charging.Held:
    raw = {
        "chargingProfileId": number,
        "chargingProfilePurpose": purpose,
        "stackLevel": 0,
        "chargingProfileKind": "Relative",
        "chargingSchedule": {
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
        },
    }
    evse = rest.pop("evse", 0)
    return charging.read_profile(evse, raw | rest)


def test_a_session_s_profile_replaces_the_default_and_ends_with_it() -> None:
    held: list[charging.Held] = []
    one = connector(tx=7)
    assert charging.take(held, profile(1, "TxDefaultProfile", 6), [one])
    tx = profile(2, "TxProfile", 16, evse=1, transactionId=7)
    assert charging.take(held, tx, [one])

    assert charging.cap_w(held, one, NOON) == 16 * 690
    assert charging.cap_w(held, connector(), NOON) == 6 * 690
    charging.forget_transaction(held, 7)
    assert charging.cap_w(held, one, NOON) == 6 * 690


def test_a_profile_for_a_session_that_is_not_here_is_declined() -> None:
    held: list[charging.Held] = []

    assert not charging.take(held, profile(2, "TxProfile", 16, transactionId=9), [connector(7)])
    assert not charging.take(held, profile(2, "TxProfile", 16), [connector(7)])
    assert held == []


def test_a_later_profile_of_the_same_place_takes_the_older_one_s() -> None:
    held: list[charging.Held] = []
    charging.take(held, profile(1, "TxDefaultProfile", 6), [])
    charging.take(held, profile(1, "TxDefaultProfile", 10), [])
    charging.take(held, profile(9, "TxDefaultProfile", 12), [])

    assert [one.number for one in held] == [9]
    assert charging.clear(held, number=9)
    assert not charging.clear(held, purpose="TxDefaultProfile")


def test_a_composite_schedule_names_what_will_hold() -> None:
    held: list[charging.Held] = []
    soon = (NOON + timedelta(minutes=10)).isoformat()
    cut = profile(
        3,
        "ChargePointMaxProfile",
        8,
        chargingProfileKind="Absolute",
        validFrom=soon,
    )
    charging.take(held, cut, [])

    told = charging.composite(held, connector(), NOON, 1200)

    assert [(row["startPeriod"], row["limit"]) for row in told] == [(0, 31.9), (600, 8.0)]


def test_a_daily_profile_comes_back() -> None:
    raw = {
        "id": 4,
        "chargingProfilePurpose": "TxDefaultProfile",
        "stackLevel": 0,
        "chargingProfileKind": "Recurring",
        "recurrencyKind": "Daily",
        "chargingSchedule": [
            {
                "chargingRateUnit": "W",
                "startSchedule": (NOON - timedelta(days=3)).isoformat(),
                "duration": 3600,
                "chargingSchedulePeriod": [{"startPeriod": 60, "limit": 5000}],
            }
        ],
    }
    held = [charging.read_profile(1, raw)]

    assert charging.cap_w(held, connector(), NOON) is None
    assert charging.cap_w(held, connector(), NOON + timedelta(minutes=5)) == 5000
    assert charging.cap_w(held, connector(), NOON + timedelta(hours=2)) is None


def test_a_local_list_keeps_versions_apart() -> None:
    held = lists.LocalList()

    assert held.take(3, "Full", [("A", {}), ("B", {})]) == "Accepted"
    assert held.take(3, "Differential", [("A", None)]) == "VersionMismatch"
    assert held.take(4, "Differential", [("A", None)]) == "Accepted"
    assert (held.version, list(held.entries)) == (4, ["B"])
    assert held.take(5, "Full", [(str(n), {}) for n in range(51)]) == "Failed"


def test_a_screen_shows_and_forgets() -> None:
    screen = lists.Screen()

    assert screen.show({"id": 1, "priority": "AlwaysFront"}) == "NotSupportedPriority"
    assert screen.show({"id": 1, "priority": "InFront"}) == "Accepted"
    assert (screen.clear(1), screen.clear(1)) == ("Accepted", "Unknown")
