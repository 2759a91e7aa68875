from faults import rules
from faults.rules import words
from tests.unit.faults.rules.scene import event, sign, snapshot


def test_every_code_has_one_rule_and_words_of_its_own() -> None:
    assert len(rules.BY_CODE) == len(rules.RULES)
    for rule in rules.RULES:
        known = words.words_for(rule.code)
        assert known is not words.words_for("F99")
        assert known.steps
        assert 1 <= rule.severity <= 5


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
