"""Hostile and broken frames: each gets exactly the answer its version owes, and none ends us."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stations.ocpp import framing
from stations.ocpp.framing import Call, Ignored, Refusal, Reply


@pytest.mark.parametrize(
    ("version", "code"), [("1.6", "FormationViolation"), ("2.0.1", "RpcFrameworkError")]
)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "garbage",
        "{}",
        "[]",
        "[2]",
        '[2,5,"Heartbeat",{}]',
        '[2,{},"Heartbeat",{}]',
        '[2,"","Heartbeat",{}]',
        '[2,"' + "x" * 5000 + '","Heartbeat",{}]',
        "[" * 100_000,
        "[" * 40 + "]" * 40,
        '[2,"a\\u0000b\\u0001","Heartbeat",{}]',
        "\x00\x01garbage",
        "NaN",
        '"text"',
    ],
)
def test_a_frame_without_a_readable_id_is_refused_under_minus_one(text, version, code):
    assert _refusal(text, version) == ("-1", code)


@pytest.mark.parametrize(
    ("text", "code_16", "code_201"),
    [
        ('[2,"m1","Heartbeat"]', "FormationViolation", "RpcFrameworkError"),
        ('[2,"m1","Heartbeat",{},1]', "FormationViolation", "RpcFrameworkError"),
        ('[2,"m1",[],{}]', "FormationViolation", "RpcFrameworkError"),
        ('[2,"m1","",{}]', "FormationViolation", "RpcFrameworkError"),
        ('[2,"m1","Heartbeat",[]]', "FormationViolation", "FormatViolation"),
        ('[2,"m1","Heartbeat",null]', "FormationViolation", "FormatViolation"),
        ('[2,"m1","Heartbeat",{"a":NaN}]', "FormationViolation", "RpcFrameworkError"),
        ('[2,"m1","StatusNotification",{"a":1 "b":2}]', "FormationViolation", "RpcFrameworkError"),
    ],
)
def test_a_broken_call_is_refused_under_its_own_id(text, code_16, code_201):
    assert _refusal(text, "1.6") == ("m1", code_16)
    assert _refusal(text, "2.0.1") == ("m1", code_201)


def test_an_unknown_message_type_is_refused_in_2_0_1_and_ignored_in_1_6():
    assert _refusal('[9,"m1",{}]', "2.0.1") == ("m1", "MessageTypeNotSupported")
    assert isinstance(framing.read_frame('[9,"m1",{}]', "1.6"), Ignored)


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_a_send_is_never_answered(version):
    frame = framing.read_frame('[6,"m1","NotifyPeriodicEventStream",{}]', version)

    assert isinstance(frame, Ignored)


@pytest.mark.parametrize(
    "text", ['[3,"m1",{"configurationKey":[]', '[4,"m1","Oops"', '[3,"m1",[]]', '[3,"m1"]']
)
def test_a_broken_answer_ends_the_open_call_as_bad(text):
    frame = framing.read_frame(text, "1.6")

    assert isinstance(frame, Reply)
    assert (frame.message_id, frame.error) == ("m1", "BadAnswer")


def test_any_error_code_of_a_station_is_read():
    frame = framing.read_frame('[4,"m1","OccurenceConstraintViolation","so",{"a":1}]', "2.0.1")

    assert frame == Reply("m1", {"a": 1}, "OccurenceConstraintViolation", "so")


def test_an_error_without_code_is_a_generic_error():
    frame = framing.read_frame('[4,"m1",null]', "1.6")

    assert isinstance(frame, Reply)
    assert frame.error == "GenericError"


def test_duplicate_keys_are_flagged_and_the_last_one_counts():
    call = _call('[2,"m1","TransactionEvent",{"eventType":"Started","eventType":"Ended"}]')

    assert call.payload == {"eventType": "Ended"}
    assert call.flags == ("duplicate_keys",)


def test_a_colon_within_a_text_is_no_duplicate_key():
    call = _call('[2,"m1","DataTransfer",{"data":"{\\"a\\":1}", "vendorId" : "x\\":"}]')

    assert call.flags == ()


@pytest.mark.parametrize("digits", ["1" * 5000, "1e999"])
def test_a_number_no_column_holds_stays_text(digits):
    call = _call('[2,"m1","MeterValues",{"transactionId":' + digits + "}]")

    assert call.payload == {"transactionId": digits[:40]}
    assert call.flags == ("number_out_of_range",)


@pytest.mark.parametrize("number", [2**63 - 1, 10**25])
def test_a_long_number_is_read(number):
    call = _call('[2,"m1","MeterValues",{"transactionId":' + str(number) + "}]")

    assert call.payload == {"transactionId": number}


def test_nul_and_lone_surrogates_do_not_reach_the_store():
    call = _call('[2,"m1","Authorize",{"idTag":"A\\u0000B\\ud800"}]')

    assert call.payload == {"idTag": "AB?"}
    assert call.flags == ("text_cleaned",)


def test_32_levels_are_read_and_33_are_not():
    deep = '[2,"m1","DataTransfer",{"data":' + "[" * 30 + "]" * 30 + "}]"
    deeper = '[2,"m1","DataTransfer",{"data":' + "[" * 31 + "]" * 31 + "}]"

    assert isinstance(framing.read_frame(deep, "1.6"), Call)
    assert _refusal(deeper, "1.6") == ("m1", "FormationViolation")


def test_many_flat_brackets_are_not_deep():
    call = _call('[2,"m1","DataTransfer",{"data":[' + ",".join(["[]"] * 100) + ',"]["]}]')

    assert len(call.payload["data"]) == 101


def test_our_refusal_never_repeats_the_station_s_words():
    refusal = framing.read_frame('[2,"m1",{"secret":"hunter2"},{}]', "1.6")

    assert isinstance(refusal, Refusal)
    assert b"hunter2" not in framing.error_frame(refusal)


def test_frames_of_ours_are_json():
    assert json.loads(framing.result_frame('a"b', b'{"x":1}')) == [3, 'a"b', {"x": 1}]
    assert json.loads(framing.call_frame("m1", "Reset", {"type": "Soft"})) == [
        2,
        "m1",
        "Reset",
        {"type": "Soft"},
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(st.text() | JSON.map(json.dumps) | st.lists(JSON, max_size=5).map(json.dumps))
def test_no_text_raises(text):
    for version in ("1.6", "2.0.1"):
        assert framing.read_frame(text, version)


def _call(text: str) -> Call:
    frame = framing.read_frame(text, "1.6")
    assert isinstance(frame, Call)
    return frame


def _refusal(text: str, version: str) -> tuple[str, str]:
    frame = framing.read_frame(text, version)
    assert isinstance(frame, Refusal), frame
    return frame.message_id, frame.code


def test_a_text_without_end_after_many_brackets_is_read_once() -> None:
    """From each of its quotes an end was looked for: minutes for one frame of 256 KiB.

    No clock is needed to tell: read once or 120,000 times differ by the patience of anybody.
    """
    text = '[2,"a","Heartbeat",{"n":[' + "[]," * 40 + '"' + '\\"' * 120_000

    assert isinstance(framing.read_frame(text, "2.0.1"), framing.Refusal)


def test_brackets_in_a_text_are_not_depth() -> None:
    text = json.dumps([2, "a", "DataTransfer", {"vendorId": "v", "data": '["\\"[' * 40}])

    assert isinstance(framing.read_frame(text, "1.6"), framing.Call)
