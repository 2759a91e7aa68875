import pytest

from stations.metering import quirks
from stations.metering.quirks import QuirkRule, QuirkUnfit


def applies(
    rule: QuirkRule, vendor: str = "ABB", model: str = "TAC-W11", firmware: str = ""
) -> bool:
    return quirks.is_match(rule, vendor=vendor, model=model, firmware=firmware)


@pytest.mark.parametrize(
    ("vendor", "model", "is_about"),
    [
        ("ABB", "TAC-W11-G5", True),
        ("abb ", "tac w22", True),
        ("ABB AG", "TAC", True),
        ("ABB", "Terra 54", False),
        ("Alfen BV", "TAC", False),
        ("", "TAC-W11", False),
    ],
)
def test_a_make_is_known_by_the_letters_its_names_begin_with(
    vendor: str, model: str, is_about: bool
) -> None:
    rule = QuirkRule("call_after", "5", vendor="ABB", model="TAC")

    assert applies(rule, vendor, model) is is_about


def test_a_sign_that_makes_the_name_is_not_lost() -> None:
    rule = QuirkRule("call_after", "5", vendor="EN+")

    assert applies(rule, "EN+", "AC007K")
    assert not applies(rule, "Ensto", "Wallbox")


@pytest.mark.parametrize(
    ("firmware", "is_about"),
    [
        ("1.8.3", True),
        ("v1.8.21", True),
        ("1.8.21.0", True),
        ("1.8.22", False),
        ("1.10.0", False),
        ("1.4.9", False),
        ("1.5", True),
        ("1.8.21-rc2", True),
        ("2", False),
        ("", False),
        ("unknown", False),
    ],
)
def test_a_range_of_firmware_counts_as_people_count(firmware: str, is_about: bool) -> None:
    rule = QuirkRule("call_after", "5", firmware_from="1.5.0", firmware_to="1.8.21")

    assert applies(rule, firmware=firmware) is is_about


def test_a_release_comes_after_its_candidates_and_before_its_repairs() -> None:
    order = ["1.2-alpha", "1.2-beta", "1.2-rc1", "1.2-rc10", "1.2", "1.2.1", "1.10"]

    assert sorted(reversed(order), key=quirks.firmware_key) == order


def test_quirks_of_one_make_come_together_and_the_last_word_counts() -> None:
    rules = [
        QuirkRule("code_means", "A = CX001, b=CX002", vendor="ABB"),
        QuirkRule("code_means", "B = CX003", vendor="ABB"),
        QuirkRule("silent_codes", "0x0000", vendor="ABB"),
        QuirkRule("silent_codes", "210", vendor="ABB"),
        QuirkRule("call_after", "5", vendor="ABB"),
        QuirkRule("call_after", "2.5", vendor="ABB"),
        QuirkRule("avoid_calls", "Reset", vendor="Alfen"),
    ]

    found = quirks.match(rules, vendor="ABB", model="", firmware="")

    assert found.code_words == {"a": "CX001", "b": "CX003"}
    assert found.silent_codes == {"0x0000", "210"}
    assert found.call_after_s == 2.5
    assert found.avoided_calls == frozenset()


def test_a_make_without_quirks_bends_nothing() -> None:
    found = quirks.match([], vendor="ABB", model="", firmware="")

    assert found == quirks.NONE
    assert not found.bends_times
    assert not found.bends_samples


@pytest.mark.parametrize("kind", sorted(quirks.READERS))
def test_every_kind_has_its_place_and_refuses_nonsense(kind: str) -> None:
    assert quirks.FIELDS[kind] in quirks.Quirks.__dataclass_fields__
    with pytest.raises(QuirkUnfit):
        quirks.read_value(kind, "")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("local_clock", "Mars/Base"),
        ("naive_clock", "../etc/passwd"),
        ("register_unit", "Wh"),
        ("code_means", "NoPPDetected"),
        ("status_means", "= Available"),
        ("call_after", "soon"),
        ("call_after", "0"),
        ("call_after", "nan"),
        ("call_after", "301"),
        ("token_length", "0"),
        ("token_length", "-5"),
        ("silent_codes", ", ,"),
        ("colour", "red"),
    ],
)
def test_a_value_that_means_nothing_is_refused_with_a_sentence(kind: str, value: str) -> None:
    with pytest.raises(QuirkUnfit, match=r"\w+ \w+"):
        quirks.read_value(kind, value)
