"""The judge of the benchmark: which ticket speaks of which trouble."""

from typing import Any

from tests.bench.faults.judge import matching

DAY = 86_400.0


def _trouble(**said: Any) -> dict[str, Any]:
    return {
        "kind": "reported_F30",
        "code": "F30",
        "codes": ["F30"],
        "also": ["F11"],
        "row": "reported",
        "severity": 1,
        "blame": "charger",
        "scope": "connector",
        "scope_key": "connector:7",
        "stations": [1],
        "connectors": [7],
        "onset": 10 * DAY,
        "end": 11 * DAY,
        "first_effect": 10 * DAY,
        **said,
    }


def _ticket(code: str, opened: float, place: str = "connector:7", **said: Any) -> dict[str, Any]:
    scope = place.partition(":")[0]
    told = {"code": code, "codes": [code], "opened": opened, "scope": scope, "scope_key": place}
    return {**told, "severity": 3, "stations": [], **said}


def _judge(troubles: list[dict[str, Any]], tickets: list[dict[str, Any]]) -> matching.Judged:
    attempts = {"7": [10 * DAY + hour * 3600 for hour in range(40)], "8": []}
    truth = {"troubles": troubles, "attempts": attempts}
    return matching.judge(truth, tickets, days=60, connectors=2)


def test_a_ticket_of_the_place_and_family_finds_the_trouble() -> None:
    judged = _judge([_trouble()], [_ticket("F30", 10 * DAY + 7200)])
    (verdict,) = judged.verdicts
    assert (verdict.delay_s, verdict.missed, verdict.duplicates) == (7200, 2, 0)
    assert judged.false == []


def test_a_ticket_at_another_place_is_false() -> None:
    judged = _judge([_trouble()], [_ticket("F30", 10 * DAY, "connector:8")])
    assert judged.verdicts[0].ticket is None
    assert len(judged.false) == 1


def test_a_ticket_of_another_family_is_false() -> None:
    judged = _judge([_trouble()], [_ticket("F22", 10 * DAY)])
    assert judged.verdicts[0].ticket is None
    assert len(judged.false) == 1


def test_a_ticket_before_the_onset_or_long_after_the_end_is_false() -> None:
    judged = _judge([_trouble()], [_ticket("F30", 9 * DAY), _ticket("F30", 12.1 * DAY)])
    assert judged.verdicts[0].ticket is None
    assert len(judged.false) == 2


def test_a_second_ticket_of_the_same_trouble_is_a_duplicate_and_not_false() -> None:
    judged = _judge([_trouble()], [_ticket("F30", 10 * DAY), _ticket("F30", 10.5 * DAY)])
    assert judged.verdicts[0].duplicates == 1
    assert judged.false == []


def test_what_follows_from_a_trouble_is_a_duplicate_and_does_not_find_it() -> None:
    judged = _judge([_trouble()], [_ticket("F11", 10.5 * DAY)])
    assert judged.verdicts[0].ticket is None
    assert judged.verdicts[0].duplicates == 1
    assert judged.false == []


def test_a_station_ticket_does_not_find_what_a_whole_site_suffers() -> None:
    outage = _trouble(
        kind="site_power", code="F40", codes=["F40", "F41"], also=["F01"], scope="site",
        scope_key="site:4", stations=[1, 2], connectors=[7, 8],
    )  # fmt: skip
    one = _ticket("F01", 10 * DAY + 60, "station:1")
    site = _ticket("F40", 10 * DAY + 300, "site:4", stations=[1, 2])
    assert _judge([outage], [one]).verdicts[0].ticket is None
    judged = _judge([outage], [one, site])
    assert judged.verdicts[0].ticket is not None
    assert judged.verdicts[0].duplicates == 1


def test_a_trouble_that_nobody_could_have_seen_is_not_judged() -> None:
    unseen = _trouble(kind="derated", first_effect=None)
    seldom = _trouble(kind="half_dead", connectors=[8])
    judged = _judge([unseen, seldom], [])
    assert [one.is_judged for one in judged.verdicts] == [False, False]


def test_of_two_troubles_a_ticket_speaks_of_the_one_it_names() -> None:
    other = _trouble(kind="worn_contact", code="F22", codes=["F22"], also=["F30"])
    judged = _judge([other, _trouble()], [_ticket("F30", 10 * DAY + 60)])
    assert [one.ticket is not None for one in judged.verdicts] == [False, True]
