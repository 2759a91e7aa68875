"""Block O of OCPP 2.0.1: what stands on a station's screen."""

from typing import Any

from tests.conformance.bed import Bed
from tests.conformance.phrases import at, begin
from tests.conformance.player import Player

ACCEPTED = {"status": "Accepted"}
SAYS = {"format": "UTF8", "language": "sv", "content": "Välkommen"}


def message(number: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "priority": "NormalCycle", "message": SAYS} | more


def shows(
    bed: Bed,
    station: Player,
    number: int,
    answer: str = "Accepted",
    ends: str = "accepted",
    **more: Any,
) -> None:
    """Have a message shown, asked for in our words."""
    names = {
        "startDateTime": "start",
        "endDateTime": "end",
        "transactionId": "transaction",
        "state": "state",
        "priority": "priority",
    }
    wish = {"id": number, "priority": "NormalCycle", "text": SAYS["content"], "language": "sv"}
    said = {"message": SAYS | {"format": more["format"]}} if "format" in more else {}
    wire = {name: value for name, value in more.items() if name != "format"}
    ours = {names.get(name, name): value for name, value in more.items()}
    bed.exchange(
        station,
        "SetDisplayMessage",
        {"message": message(number, **wire) | said},
        {"status": answer},
        word="show_message",
        wish=wish | ours,
        state=ends,
    )


def lists(bed: Bed, station: Player, *numbers: int, **criteria: Any) -> None:
    """Ask which messages there are; they come, and are kept."""
    asked = {"requestId": 31} | criteria
    bed.exchange(station, "GetDisplayMessages", asked, ACCEPTED)
    rows = [message(number, priority="AlwaysFront") for number in numbers]
    part = {"requestId": 31, "messageInfo": rows}
    assert station.call("NotifyDisplayMessages", part) == {}
    bed.follow(station)

    (kept,) = bed.reports(station, "NotifyDisplayMessages")
    assert [row["id"] for row in kept.payload["messageInfo"]] == list(numbers)
    assert (kept.request_id, kept.applied_at is None) == (31, False)


def clears(bed: Bed, station: Player, answer: str, state: str) -> None:
    bed.exchange(
        station,
        "ClearDisplayMessage",
        {"id": 4},
        {"status": answer},
        word="clear_message",
        wish={"id": 4},
        state=state,
    )


def test_tc_o_02_all_messages(bed: Bed, station: Player) -> None:
    """Every message is reported.

    O03
    """
    lists(bed, station, 1, 2)


def test_tc_o_03_no_messages(bed: Bed, station: Player) -> None:
    """A station without messages says so, and nothing follows.

    O03
    """
    answer = {"status": "Unknown"}
    bed.exchange(station, "GetDisplayMessages", {"requestId": 3}, answer, state="rejected")


def test_tc_o_04_cleared(bed: Bed, station: Player) -> None:
    """A message is taken off the screen.

    O05
    """
    clears(bed, station, "Accepted", "accepted")


def test_tc_o_05_nothing_to_clear(bed: Bed, station: Player) -> None:
    """A station that has no such message says so.

    O05
    """
    clears(bed, station, "Unknown", "rejected")


def test_tc_o_06_for_one_transaction(bed: Bed, station: Player) -> None:
    """A message is shown as long as a transaction goes on.

    O02
    """
    station.call("TransactionEvent", begin(bed.token().uid))

    shows(bed, station, 6, transactionId="tx-1")


def test_tc_o_07_by_number(bed: Bed, station: Player) -> None:
    """One message is asked for by its number.

    O04
    """
    lists(bed, station, 7, id=[7])


def test_tc_o_08_by_priority(bed: Bed, station: Player) -> None:
    """Messages of a priority are asked for.

    O04
    """
    lists(bed, station, 8, priority="AlwaysFront")


def test_tc_o_09_by_state(bed: Bed, station: Player) -> None:
    """Messages for a state of the station are asked for.

    O04
    """
    lists(bed, station, 9, state="Charging")


def test_tc_o_10_for_an_unknown_transaction(bed: Bed, station: Player) -> None:
    """A message for a transaction that is not there is refused.

    O02
    """
    shows(bed, station, 10, "UnknownTransaction", "rejected", transactionId="tx-9")


def test_tc_o_11_by_what_nothing_has(bed: Bed, station: Player) -> None:
    """No message fits what is asked for; the published list has no title for this case.

    O04
    """
    asked = {"requestId": 11, "id": [99], "priority": "InFront", "state": "Faulted"}
    answer = {"status": "Unknown"}
    bed.exchange(station, "GetDisplayMessages", asked, answer, state="rejected")


def test_tc_o_12_replaced(bed: Bed, station: Player) -> None:
    """The same number again is the same message with another content.

    O06
    """
    shows(bed, station, 12)
    shows(bed, station, 12, priority="AlwaysFront")


def test_tc_o_13_from_a_time_on(bed: Bed, station: Player) -> None:
    """A message waits for its time.

    O01
    """
    shows(bed, station, 13, startDateTime=at(60))


def test_tc_o_14_until_a_time(bed: Bed, station: Player) -> None:
    """A message goes when its time is over.

    O01
    """
    shows(bed, station, 14, endDateTime=at(60))


def test_tc_o_17_priority_not_supported(bed: Bed, station: Player) -> None:
    """A station that has no such place on its screen says so.

    O01
    """
    shows(bed, station, 17, "NotSupportedPriority", "rejected", priority="AlwaysFront")


def test_tc_o_18_state_not_supported(bed: Bed, station: Player) -> None:
    """A station that cannot tell such a state says so.

    O01
    """
    shows(bed, station, 18, "NotSupportedState", "rejected", state="Faulted")


def test_tc_o_19_format_not_supported(bed: Bed, station: Player) -> None:
    """A station that cannot show such a text says so.

    O01
    """
    shows(bed, station, 19, "NotSupportedMessageFormat", "rejected", format="HTML")


def test_tc_o_27_for_a_transaction_from_a_time_on(bed: Bed, station: Player) -> None:
    """A transaction's message waits for its time.

    O02
    """
    station.call("TransactionEvent", begin(bed.token().uid))

    shows(bed, station, 27, transactionId="tx-1", startDateTime=at(60))


def test_tc_o_28_for_a_transaction_until_a_time(bed: Bed, station: Player) -> None:
    """A transaction's message goes when its time is over.

    O02
    """
    station.call("TransactionEvent", begin(bed.token().uid))

    shows(bed, station, 28, transactionId="tx-1", endDateTime=at(60))
