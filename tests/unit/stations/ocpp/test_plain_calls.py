"""What the short way reads as a plain call, the careful way reads as the same call."""

import json

from hypothesis import given
from hypothesis import strategies as st

from stations.ocpp import framing

TEXTS = st.text(max_size=8) | st.sampled_from(['a":b', "\x00", '\\"', "é", "{", "[1]"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES, TEXTS, TEXTS, st.booleans())
def test_both_ways_read_the_same(payload, message_id, action, is_spaced):
    separators = (", ", ": ") if is_spaced else (",", ":")
    text = json.dumps([2, message_id, action, payload], separators=separators)

    plain = framing.read_plain_call(text)

    if plain is not None:
        careful = framing._read_any(text, "1.6")
        assert isinstance(careful, framing.Call)
        assert (careful.message_id, careful.action) == (plain.message_id, plain.action)
        assert (careful.payload, careful.flags) == (plain.payload, ())
        assert framing.encode(careful.payload) == plain.canonical


def test_the_short_way_reads_an_ordinary_call():
    text = '[2,"7","Authorize",{"idTag":"A"}]'

    assert framing.read_plain_call(text) is not None


def test_the_short_way_leaves_what_is_odd_to_the_careful_one():
    odd = [
        '[2,"7","Authorize",{"idTag":"A","idTag":"B"}]',
        '[2,"7","Authorize",{"idTag":"A\\u0000"}]',
        '[2,"7","Authorize",[]]',
        '[2,7,"Authorize",{}]',
        '[3,"7",{}]',
        "garbage",
        '[2,"7","DataTransfer",' + '{"a":[' * 20 + "]}" * 20 + "]",
    ]

    assert [framing.read_plain_call(text) for text in odd] == [None] * len(odd)
