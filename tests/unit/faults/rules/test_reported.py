from dataclasses import replace
from datetime import timedelta

import pytest

from faults import rules
from faults.rules import error_codes
from faults.rules.protocol import Clear, Firing, Result, Snapshot, State
from tests.unit.faults.rules.scene import at, event, sign, snapshot


def ask(code: str, seen: Snapshot, state: State | None = None) -> Result:
    rule = rules.BY_CODE[code]
    return rule.check(seen, rule.thresholds, state or {})


def fired(seen: Snapshot) -> dict[str, int]:
    """Return the codes that fire for a snapshot, with their severity."""
    results = {rule.code: ask(rule.code, seen) for rule in rules.RULES if rule.code in CODES}
    return {code: one.severity for code, one in results.items() if isinstance(one, Firing)}


CODES = error_codes.CODES


@pytest.mark.parametrize(
    ("word", "code", "severity"),
    [
        ("ConnectorLockFailure", "F26", 3),
        ("GroundFailure", "F30", 3),
        ("HighTemperature", "F04", 2),
        ("InternalError", "F02", 2),
        ("LocalListConflict", "F37", 3),
        ("OverCurrentFailure", "F31", 3),
        ("OverVoltage", "F31", 1),
        ("UnderVoltage", "F31", 3),
        ("PowerMeterFailure", "F33", 3),
        ("PowerSwitchFailure", "F29", 1),
        ("ReaderFailure", "F36", 3),
        ("ResetFailure", "F02", 3),
        ("WeakSignal", "F17", 4),
        ("EVCommunicationError", "F27", 3),
        ("OtherError", "F05", 3),
        ("Fehler 17", "F05", 3),
    ],
)
def test_each_word_of_a_faulted_connector_means_one_fault(word, code, severity) -> None:
    assert fired(snapshot(1, signs=(sign(0, "Faulted", word),))) == {code: severity}


@pytest.mark.parametrize("nothing", ["", "NoError", "No Error", "none", "No fault", "0", "0x0000"])
def test_faulted_with_a_word_for_nothing_is_a_fault_without_a_reason(nothing) -> None:
    assert fired(snapshot(1, signs=(sign(0, "Faulted", nothing),))) == {"F02": 3}


def test_a_fault_without_a_reason_gives_way_to_one_with_a_reason() -> None:
    known = {"open_codes": {7: frozenset({"F30", "F10"})}}
    bare = (sign(0, "Faulted"),)
    assert fired(snapshot(1, signs=bare, **known)) == {}
    unrelated = {"open_codes": {7: frozenset({"F10", "F02"})}}
    assert fired(snapshot(1, signs=bare, **unrelated)) == {"F02": 3}


def test_a_code_on_a_working_connector_is_only_a_warning() -> None:
    assert fired(snapshot(1, signs=(sign(0, "Charging", "GroundFailure"),))) == {"F30": 4}
    assert fired(snapshot(1, signs=(sign(0, "Available", "Fehler 17"),))) == {"F05": 5}


def test_one_lost_signal_of_a_vehicle_is_not_the_stations_fault_but_three_are() -> None:
    word = "EVCommunicationError"
    once = (sign(0, "SuspendedEVSE", word), sign(5, "Available"))
    assert fired(snapshot(6, signs=once)) == {}
    thrice = tuple(
        one
        for minute in (0, 10, 20)
        for one in (sign(minute, "SuspendedEVSE", word), sign(minute + 5, "Available"))
    )
    result = ask("F27", snapshot(30, signs=thrice))
    assert isinstance(result, Firing)
    assert (result.severity, result.is_standing) == (3, False)
    assert result.check_at == at(24 * 60)
    over = ask("F27", snapshot(24 * 60 + 11), result.state)
    assert isinstance(over, Clear)


def test_the_third_lost_signal_counts_while_it_stands() -> None:
    word = "EVCommunicationError"
    signs = tuple(
        one
        for minute in (0, 10)
        for one in (sign(minute, "SuspendedEVSE", word), sign(minute + 5, "Available"))
    )
    standing = snapshot(21, signs=(*signs, sign(20, "SuspendedEVSE", word)))
    assert fired(standing) == {"F27": 3}


def test_a_report_stands_until_the_next_status_says_otherwise() -> None:
    first = ask("F30", snapshot(1, signs=(sign(0, "Faulted", "GroundFailure"),)))
    assert isinstance(first, Firing)
    later = ask("F30", snapshot(60), first.state)
    assert isinstance(later, Firing)
    assert later.began_at == at(0)
    over = ask("F30", snapshot(70, signs=(sign(69, "Available", "NoError"),)), later.state)
    assert isinstance(over, Clear)
    assert over.ended_at == at(69)


def test_the_same_report_again_keeps_its_beginning() -> None:
    signs = (sign(0, "Faulted", "ReaderFailure"), sign(9, "Faulted", "ReaderFailure"))
    result = ask("F36", snapshot(10, signs=signs))
    assert isinstance(result, Firing)
    assert (result.began_at, result.seen_at) == (at(0), at(9))


def test_a_warning_that_becomes_an_outage_is_down_from_then_on() -> None:
    signs = (sign(0, "Charging", "HighTemperature"), sign(9, "Faulted", "HighTemperature"))
    result = ask("F04", snapshot(10, signs=signs))
    assert isinstance(result, Firing)
    assert (result.began_at, result.down_since, result.severity) == (at(0), at(9), 2)


def test_a_safety_fault_that_ended_before_anybody_looked_is_still_reported() -> None:
    signs = (sign(0, "Faulted", vendor_error_code="CX022"), sign(0.2, "Available"))
    result = ask("F28", snapshot(1, signs=signs))
    assert isinstance(result, Firing)
    assert (result.is_over, result.severity, result.began_at) == (True, 1, at(0))
    assert isinstance(ask("F28", snapshot(2), result.state), Clear)


def test_what_came_late_and_had_ended_opens_nothing() -> None:
    told_at = at(120)
    signs = (
        sign(0, "Faulted", "GroundFailure", received_at=told_at),
        sign(20, "Available", received_at=told_at),
    )
    result = ask("F30", snapshot(121, signs=signs))
    assert isinstance(result, Clear)


@pytest.mark.parametrize(
    ("word", "code"), [("GroundFailure", "F30"), ("ReaderFailure", "F36"), ("OtherError", "F05")]
)
@pytest.mark.parametrize("newest", [20, 60])
def test_what_was_over_when_it_was_told_is_time_out_of_service(
    word: str, code: str, newest: float
) -> None:
    """Also where a younger word was counted before: a queue comes after what is said now."""
    vendor = {"vendor_error_code": "E-99"} if word == "OtherError" else {}
    signs = (
        sign(0, "Faulted", word, received_at=at(120), **vendor),
        sign(5, "Faulted", word, received_at=at(120), **vendor),
        sign(20, "Available", received_at=at(120)),
    )

    result = ask(code, snapshot(121, signs=signs, status_times={7: at(newest)}))

    assert isinstance(result, Clear)
    assert result.missed == ((at(0), at(20)),)


def test_what_was_over_too_soon_to_be_a_fault_was_none() -> None:
    signs = (
        sign(0, "Faulted", "InternalError", received_at=at(120)),
        sign(1, "Available", received_at=at(120)),
    )

    result = ask("F02", snapshot(121, signs=signs))

    assert isinstance(result, Clear)
    assert result.missed == ()


def test_a_lesser_fault_that_ended_before_anybody_looked_is_none() -> None:
    signs = (sign(0, "Faulted", "ReaderFailure"), sign(0.2, "Available"))
    assert fired(snapshot(1, signs=signs)) == {}


def test_several_codes_with_commas_are_several_faults() -> None:
    signs = (sign(0, "Faulted", "OtherError", vendor_error_code="CX017, CX025"),)
    assert fired(snapshot(1, signs=signs)) == {"F29": 1, "F26": 3}


def test_a_makers_own_code_is_named_in_the_evidence() -> None:
    signs = (sign(0, "Faulted", "OtherError", vendor_error_code="E-4711"),)
    result = ask("F05", snapshot(1, signs=signs))
    assert isinstance(result, Firing)
    assert result.evidence["reports"][0]["words"] == "E-4711"
    assert result.fires_after == timedelta(minutes=2)


@pytest.mark.parametrize(
    ("component", "code", "severity"),
    [
        ("ConnectorPlugRetentionLock", "F26", 4),
        ("PowerContactor", "F29", 1),
        ("RCD", "F30", 3),
        ("TemperatureSensor", "F20", 4),
        ("FiscalMetering", "F33", 3),
        ("NobodyKnows", "F05", 5),
    ],
)
def test_a_component_with_a_problem_means_one_fault(component, code, severity) -> None:
    assert fired(snapshot(1, events=(event(0, component),))) == {code: severity}


def test_a_problem_takes_a_faulted_place_down() -> None:
    seen = snapshot(1, events=(event(0, "ConnectorPlugRetentionLock"),), statuses={7: "Faulted"})
    assert fired(seen) == {"F26": 3}


def test_the_temperature_of_the_cabinet_is_not_that_of_the_plug() -> None:
    seen = snapshot(1, subject=None, events=(event(0, "TemperatureSensor", connector_id=None),))
    assert fired(seen) == {"F04": 4}


def test_an_event_stands_until_it_is_cleared() -> None:
    raised = event(0, "EVSE", tech_code="CX002")
    first = ask("F30", snapshot(1, events=(raised,)))
    assert isinstance(first, Firing)
    other = event(2, "EVSE", tech_code="CX025", is_cleared=True)
    assert isinstance(ask("F30", snapshot(3, events=(other,)), first.state), Firing)
    over = event(4, "EVSE", tech_code="CX002", is_cleared=True)
    assert isinstance(ask("F30", snapshot(5, events=(over,)), first.state), Clear)


def test_a_problem_that_turns_false_is_over() -> None:
    first = ask("F30", snapshot(1, events=(event(0, "RCD"),)))
    over = ask("F30", snapshot(3, events=(event(2, "RCD", value="false"),)), first.state)
    assert isinstance(over, Clear)


def test_a_passed_limit_is_trouble_and_a_measured_value_is_not() -> None:
    warm = {"variable": "Temperature", "value": "81"}
    assert fired(snapshot(1, events=(event(0, "TemperatureSensor", **warm),))) == {}
    alert = event(0, "TemperatureSensor", trigger="Alerting", **warm)
    assert fired(snapshot(1, events=(alert,))) == {"F20": 4}


def test_facts_are_taken_in_the_order_in_which_they_happened() -> None:
    signs = (sign(5, "Available"), sign(0, "Faulted", "ReaderFailure"))
    assert fired(snapshot(6, signs=signs)) == {}
    trusted = snapshot(6, signs=tuple(replace(one, received_at=at(6)) for one in signs))
    assert fired(trusted) == {}


def test_words_are_compared_without_case_and_signs() -> None:
    assert error_codes.meaning_of_word("ground_FAILURE").code == "F30"
