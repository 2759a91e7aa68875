"""Every threshold a person can set has plain words, and a unit where it is no count."""

from dataclasses import fields
from datetime import timedelta

import pytest

from faults import rules
from faults.rules.protocol import Rule
from faults.rules.words import thresholds

ALL = (*rules.RULES, *rules.WIDE)


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.code)
def test_every_threshold_has_words_of_its_own(rule: Rule) -> None:
    for field in fields(rule.thresholds):
        assert thresholds.label_of(rule.code, field.name) != field.name.replace("_", " ")


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.code)
def test_what_is_no_count_has_a_unit(rule: Rule) -> None:
    for field in fields(rule.thresholds):
        value = getattr(rule.thresholds, field.name)
        if isinstance(value, float | timedelta):
            assert thresholds.unit_of(field.name, value)


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.code)
def test_no_two_thresholds_of_a_rule_are_called_the_same(rule: Rule) -> None:
    said = [thresholds.label_of(rule.code, field.name) for field in fields(rule.thresholds)]
    assert len(said) == len(set(said))


def test_no_words_are_left_of_thresholds_that_are_gone() -> None:
    names = {field.name for rule in ALL for field in fields(rule.thresholds)}
    own = {f"{rule.code}.{field.name}" for rule in ALL for field in fields(rule.thresholds)}
    assert {*thresholds.TIMES, *thresholds.COUNTS, *thresholds.MEASURES} <= names
    assert set(thresholds.OWN) <= own


def test_a_name_means_what_its_own_rule_means_by_it() -> None:
    assert thresholds.label_of("F34", "slack") != thresholds.label_of("F22", "slack")
    assert thresholds.unit_of("slack", timedelta(seconds=9)) == "s"
    assert thresholds.unit_of("slack", 0.75) != "s"
