"""Whatever stations send, in whatever order: every rule answers, and nothing grave is lost."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from faults import rules
from faults.rules import error_codes, reported, reports
from faults.rules.facts import DeviceEvent, Notice, SessionOutcome, StatusSign
from faults.rules.protocol import CannotKnow, Clear, Firing, Snapshot, State
from faults.rules.vocabulary.components import COMPONENTS
from faults.rules.vocabulary.mrec import MREC
from faults.rules.vocabulary.ocpp16 import OCPP_16_NAMES
from faults.rules.vocabulary.texts import OF_INTERFACES, TEXTS
from tests.unit.faults.rules.scene import NOON, at, event, sign, snapshot

# Minutes from noon: in time, late, of a clock at 1970 or a year ahead.
WHEN = st.one_of(
    st.integers(0, 240),
    st.integers(-3_000, 3_000),
    st.sampled_from([-29_900_000, 525_600, -525_600]),
)
CODES = st.one_of(
    st.sampled_from([*OCPP_16_NAMES.values(), *MREC, "OtherError", "NoError", "", "0x0000"]),
    st.sampled_from([*TEXTS, *OF_INTERFACES, "CX017,CX025", "F001,F003;E-9", ",;,", "cx0099"]),
    st.text(max_size=12),
)
STATUSES = st.sampled_from(
    [
        "Available",
        "Preparing",
        "Charging",
        "SuspendedEV",
        "Finishing",
        "Unavailable",
        "Faulted",
        "",
    ]
)
# As stations measure: in range, in °F, in kV, negative, or no number at all.
FIGURES = st.one_of(
    st.none(), st.floats(-60, 130), st.floats(130, 260), st.floats(-1e9, 1e9, allow_nan=False)
)
KINDS = st.sampled_from(
    [
        "boot",
        "connected",
        "disconnected",
        "security_event",
        "firmware_status",
        "log_status",
        "config_refused",
        "abnormal_stop",
        "frame_set_aside",
        "certificate_ends",
        "reading",
        "token_refused",
        "seq_gap",
        "unlock",
        "call_failed",
        "payment",
        "human",
        "reset_ordered",
    ]
)
DETAILS = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(["Installed", "DownloadFailed", "UnlockFailed", "Unlocked", ""]),
        "type": st.sampled_from(["TamperDetectionActivated", "AttemptedReplayAttacks", "?"]),
        "reason": st.sampled_from(["Watchdog", "RemoteReset", ""]),
        "firmware": st.text(max_size=5),
        "token": st.sampled_from(["a", "b", "c", ""]),
        "cable_c": FIGURES,
        "body_c": FIGURES,
        "voltage_v": FIGURES,
        "power_w": st.one_of(st.none(), st.integers(-(10**9), 10**9)),
        "current_a": FIGURES,
        "transaction": st.text(max_size=4),
    },
)


@st.composite
def facts(draw: st.DrawFn) -> StatusSign | DeviceEvent | Notice | SessionOutcome:
    number = draw(st.integers(1, 10**6))
    when = draw(WHEN)
    times: dict[str, Any] = {
        "occurred_at": NOON + timedelta(minutes=when),
        "received_at": at(draw(st.integers(0, 240))),
    }
    match draw(st.sampled_from(["sign", "event", "notice", "session"])):
        case "sign":
            return StatusSign(
                id=number,
                connector_id=7,
                status=draw(STATUSES),
                error_code=draw(CODES),
                vendor_error_code=draw(CODES),
                vendor_id=draw(st.sampled_from(["", "com.evgo.mrec", "?"])),
                detail=draw(st.text(max_size=8)),
                **times,
            )
        case "event":
            return DeviceEvent(
                id=number,
                connector_id=7,
                component=draw(st.one_of(st.sampled_from([*COMPONENTS]), st.text(max_size=8))),
                variable=draw(st.sampled_from(["Problem", "Active", "AvailabilityState", "X"])),
                value=draw(st.sampled_from(["true", "false", "Faulted", "91", "196", "", "nan"])),
                trigger=draw(st.sampled_from(["Alerting", "Delta", "Periodic", ""])),
                tech_code=draw(CODES),
                severity=draw(st.one_of(st.none(), st.integers(-3, 12))),
                is_cleared=draw(st.booleans()),
                **times,
            )
        case "notice":
            return Notice(
                id=number, kind=draw(KINDS), connector_id=7, detail=draw(DETAILS), **times
            )
        case _:
            started = NOON + timedelta(minutes=draw(st.integers(-2_000, 200)))
            return SessionOutcome(
                id=number,
                connector_id=7,
                token=draw(st.sampled_from(["", "a", "b", "c"])),
                started_at=started,
                ended_at=started + timedelta(minutes=draw(st.integers(0, 300))),
                energy_wh=draw(st.integers(-10_000, 2_000_000)),
                stop_reason=draw(st.sampled_from(["Local", "GroundFault", "PowerLoss", "", "?"])),
            )


def view(
    found: Sequence[StatusSign | DeviceEvent | Notice | SessionOutcome], **known: Any
) -> Snapshot:
    return snapshot(
        241,
        signs=tuple(one for one in found if isinstance(one, StatusSign)),
        events=tuple(one for one in found if isinstance(one, DeviceEvent)),
        notices=tuple(one for one in found if isinstance(one, Notice)),
        sessions=tuple(one for one in found if isinstance(one, SessionOutcome)),
        **known,
    )


@settings(max_examples=120, deadline=None)
@given(st.lists(st.lists(facts(), max_size=5), min_size=1, max_size=3), STATUSES, st.booleans())
def test_every_rule_answers_whatever_came_in_whatever_order(batches, status, trusted) -> None:
    for rule in rules.RULES:
        state: State = {}
        for batch in batches:
            seen = view(batch, statuses={7: status}, is_clock_trusted=trusted)
            result = rule.check(seen, rule.thresholds, state)
            assert isinstance(result, Firing | Clear | CannotKnow), rule.code
            state = json.loads(json.dumps(result.state))
            if isinstance(result, Firing):
                json.dumps(result.evidence)
                assert 1 <= result.severity <= 5


@settings(max_examples=150, deadline=None)
@given(st.lists(facts(), min_size=1, max_size=8, unique_by=lambda one: one.id))
def test_what_is_told_in_two_looks_stands_as_if_told_in_one(found) -> None:
    told = [one for one in found if isinstance(one, StatusSign | DeviceEvent)]
    in_order = [
        replace(one, occurred_at=one.received_at)
        for one in sorted(told, key=lambda one: one.received_at)
    ]
    middle = len(in_order) // 2
    if middle and in_order[middle - 1].received_at == in_order[middle].received_at:
        return
    for code in sorted(error_codes.CODES):
        limits = reported.Thresholds()
        whole = reported.check_code(code, view(in_order), limits, {})
        first = reported.check_code(code, view(in_order[:middle]), limits, {})
        second = reported.check_code(code, view(in_order[middle:]), limits, first.state)
        assert second.state.get("active", {}) == whole.state.get("active", {}), code


@settings(max_examples=200, deadline=None)
@given(CODES, CODES, STATUSES)
def test_no_code_is_dropped_in_silence(standard, maker, status) -> None:
    seen = snapshot(1, signs=(sign(0, status, standard, vendor_error_code=maker),))
    raised = [one for step in reports.steps(seen) for one in step.raised]
    said = [one for one in (standard, *maker.split(",")) if not error_codes.is_nothing(one)]
    is_harmless = all(not error_codes.meaning_of_word(one).code for one in said)
    parts = error_codes.fold(maker) == "" and error_codes.is_nothing(standard)
    assert raised or is_harmless or parts or not said
    fires = {
        rule.code
        for rule in rules.RULES
        for result in [rule.check(seen, rule.thresholds, {})]
        if isinstance(result, Firing) or result.state
    }
    assert {one.meaning.code for one in raised} <= fires | {"F16", "F39"}


def test_every_fault_a_word_stands_for_has_a_rule_that_hears_it() -> None:
    for code in sorted(error_codes.CODES):
        assert code in rules.BY_CODE


def test_a_late_word_of_an_earlier_time_does_not_end_what_came_after_it() -> None:
    rule = rules.BY_CODE["F29"]
    first = rule.check(
        snapshot(6, signs=(sign(5, "Faulted", vendor_error_code="CX017"),)), rule.thresholds, {}
    )
    late = snapshot(9, signs=(sign(1, "Available", received_at=at(8)),), status_times={7: at(5)})
    assert isinstance(rule.check(late, rule.thresholds, first.state), Firing)


def test_a_late_alarm_that_had_ended_does_not_stand() -> None:
    rule = rules.BY_CODE["F36"]
    late = snapshot(
        20,
        signs=(sign(1, "Faulted", "ReaderFailure", received_at=at(19)),),
        status_times={7: at(5)},
    )
    assert isinstance(rule.check(late, rule.thresholds, {}), Clear)


def test_a_clock_set_back_hides_no_alarm() -> None:
    rule = rules.BY_CODE["F36"]
    back = snapshot(2, signs=(sign(1, "Faulted", "ReaderFailure"),), status_times={7: at(500)})
    assert isinstance(rule.check(back, rule.thresholds, {}), Firing)


def test_danger_is_believed_and_a_remark_is_no_trouble() -> None:
    def severity_of(component: str, severity: int) -> int | None:
        meaning = error_codes.meaning_of_event(event(0, component, severity=severity))
        return meaning.as_warning if meaning else None

    assert severity_of("AcDcConverter", 0) == 1
    assert severity_of("AcDcConverter", 5) == 4
    assert severity_of("AcDcConverter", 8) == 5
    assert severity_of("RCD", 8) == 1
    assert severity_of("NobodyKnows", 3) == 5
