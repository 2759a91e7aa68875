import pytest

from faults import rules
from faults.rules import needs, words
from stations.commissioning import SIGNALS
from tests.unit.faults.rules.scene import event, sign, snapshot


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
