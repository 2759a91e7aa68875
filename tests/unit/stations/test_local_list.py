"""Local lists: full or as changes, never longer than a message may be."""

from hypothesis import given
from hypothesis import strategies as st

from stations.metering import local_list
from stations.metering.local_list import Entry


def entries(*uids: str, status: str = "Accepted") -> dict[str, Entry]:
    return {uid.lower(): Entry(uid, status) for uid in uids}


def test_nothing_to_say_is_no_message() -> None:
    held = entries("A", "B")

    assert local_list.parts_of(held, held, most=10, is_known=True) == []
    assert local_list.parts_of({}, {}, most=10, is_known=True) == []


def test_an_unknown_list_is_sent_anew_and_what_does_not_fit_follows() -> None:
    parts = local_list.parts_of({}, entries("A", "B", "C"), most=2, is_known=False)

    assert [(part.update, len(part.entries)) for part in parts] == [
        ("Full", 2),
        ("Differential", 1),
    ]
    (empty,) = local_list.parts_of(entries("A"), {}, most=2, is_known=False)
    assert (empty.update, empty.entries) == ("Full", ())


def test_a_change_is_sent_as_a_change() -> None:
    held = entries("A", "B", "C")
    wanted = entries("A", "C") | entries("D") | entries("C", status="Blocked")

    (part,) = local_list.parts_of(held, wanted, most=10, is_known=True)

    assert part.update == "Differential"
    assert [(one.uid, one.status) for one in part.entries] == [
        ("B", ""),
        ("C", "Blocked"),
        ("D", "Accepted"),
    ]


def test_room_goes_to_the_first() -> None:
    rows = [Entry("A", "Accepted"), Entry("B", "Accepted")]

    assert list(local_list.chosen(rows, 1)) == ["a"]
    assert list(local_list.chosen(rows, None)) == ["a", "b"]


lists = st.dictionaries(
    st.sampled_from([f"tag{n}" for n in range(12)]), st.sampled_from(["Accepted", "Blocked"])
).map(lambda rows: {uid: Entry(uid, status) for uid, status in rows.items()})


@given(lists, lists, st.integers(1, 5), st.booleans())
def test_whatever_a_station_held_it_ends_with_what_is_wanted(
    held: dict[str, Entry], wanted: dict[str, Entry], most: int, is_known: bool
) -> None:
    parts = local_list.parts_of(held, wanted, most=most, is_known=is_known)

    now = held
    for part in parts:
        assert len(part.entries) <= most
        now = local_list.applied(now, part)
    assert now == wanted
