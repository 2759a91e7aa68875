import pytest

from faults import rules
from faults.rules import needs, words
from faults.rules.protocol import Firing, Rule, Snapshot
from stations.commissioning import SIGNALS
from tests.unit.faults.rules.scene import at, event, running, sign, snapshot


def test_every_code_has_one_rule_and_words_of_its_own() -> None:
    assert len({rule.code for rule in rules.RULES}) == len(rules.RULES)
    assert len(rules.WIDE_BY_CODE) == len(rules.WIDE)
    for rule in (*rules.RULES, *rules.WIDE):
        known = words.words_for(rule.code)
        assert known is not words.words_for("F99")
        assert known.steps
        assert 1 <= rule.severity <= 5


def test_every_rule_says_what_it_needs() -> None:
    assert set(needs.NEEDS) == set(rules.BY_CODE)
    assert {
        signal for need in needs.NEEDS.values() for signal in (*need.signals, *(need.in_16 or ()))
    } <= set(SIGNALS)


@pytest.mark.parametrize(
    ("version", "given", "level"),
    [
        ("1.6", {"status", "temperature"}, "full"),
        ("1.6", {"status"}, "degraded"),
        ("2.0.1", {"status", "temperature"}, "degraded"),
        ("2.0.1", set(), "blind"),
    ],
)
def test_a_hot_cable_is_seen_as_far_as_its_signals_come(
    version: str, given: set[str], level: str
) -> None:
    assert needs.level_of("F21", version, given)[0] == level


def test_a_snapshot_at_one_connector_holds_only_its_facts() -> None:
    whole = snapshot(
        1,
        subject=None,
        signs=(sign(0, "Faulted"),),
        events=(event(0, "RCD"),),
        statuses={None: "Available", 7: "Faulted"},
    )
    assert (whole.at(7).status, len(whole.at(7).signs), len(whole.at(7).events)) == (
        "Faulted",
        1,
        1,
    )
    assert (whole.at(8).status, whole.at(8).signs, whole.at(8).events) == ("", (), ())


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.code)
@pytest.mark.parametrize("subject", [None, 7])
def test_a_rule_that_remembers_nothing_needs_a_new_fact_or_looks_at_the_present(
    rule: Rule, subject: int | None
) -> None:
    """The engine asks a rule less often on this ground; one that fails here declares ALWAYS."""
    place = "station" if subject is None else "connector"
    if place not in rule.scopes or "now" in rule.wakes or rule.wakes == {"usage"}:
        return
    for one in _without_facts():
        told = rule.check(one.at(subject), rule.thresholds, {})
        assert not isinstance(told, Firing), f"fires at {one}"
        assert (told.state, told.check_at) == ({}, None)


def _without_facts() -> list[Snapshot]:
    """Return a station as it may stand: lost, attended, charging, stuck, with other faults."""
    stuck = running(-600, power_w=0, still_since=at(-500), last_meter_at=at(-1))
    blind = running(-600, power_w=11_000, last_meter_at=at(-1))
    statuses = ("Available", "Charging", "Faulted", "Finishing", "Unavailable", "")
    return [
        snapshot(
            subject=None,
            connectors=(7, 8),
            statuses={None: word, 7: word, 8: "Faulted"},
            status_times={7: at(-900)},
            open_sessions=charging,
            open_codes={8: frozenset({"F26", "F32"}), None: frozenset({"F01"})},
            is_online=is_online,
            is_attended=not is_online,
            last_seen_at=at(-300),
            connected_at=at(-900),
        )
        for word in statuses
        for charging in ({}, {7: stuck}, {7: blind})
        for is_online in (True, False)
    ]
