"""Block E of OCPP 2.0.1: what has a station not told us yet?"""

from tests.conformance.bed import Bed
from tests.conformance.phrases import begin, end
from tests.conformance.player import Player


def status_of(bed: Bed, station: Player, *, transaction: str = "", **answer: bool) -> None:
    asked = {"transactionId": transaction} if transaction else {}
    command = bed.exchange(station, "GetTransactionStatus", asked, answer)
    assert command.answer == answer


def test_tc_e_29_ongoing_with_messages_waiting(bed: Bed, station: Player) -> None:
    """The transaction goes on, and the station has more to say about it.

    E14
    """
    station.call("TransactionEvent", begin(bed.token().uid))
    status_of(bed, station, transaction="tx-1", ongoingIndicator=True, messagesInQueue=True)

    assert bed.session(station).state == "open"


def test_tc_e_30_ongoing_with_nothing_waiting(bed: Bed, station: Player) -> None:
    """The transaction goes on, and we know all of it.

    E14
    """
    station.call("TransactionEvent", begin(bed.token().uid))
    status_of(bed, station, transaction="tx-1", ongoingIndicator=True, messagesInQueue=False)

    assert bed.session(station).state == "open"


def test_tc_e_31_ended_with_messages_waiting(bed: Bed, station: Player) -> None:
    """The transaction is over; its end comes from the queue, and is taken.

    E14, E04.FR.01
    """
    station.call("TransactionEvent", begin(bed.token().uid))
    status_of(bed, station, transaction="tx-1", ongoingIndicator=False, messagesInQueue=True)
    ended = end(1, 400, "Local", "StopAuthorized", offline=True)
    assert station.call("TransactionEvent", ended) == {}

    session = bed.session(station)
    assert (session.state, session.energy_wh) == ("completed", 300)


def test_tc_e_33_no_transaction_named_with_messages_waiting(bed: Bed, station: Player) -> None:
    """The station has something in its queue about some transaction.

    E14
    """
    status_of(bed, station, messagesInQueue=True)


def test_tc_e_34_no_transaction_named_with_nothing_waiting(bed: Bed, station: Player) -> None:
    """The station's queue is empty.

    E14
    """
    status_of(bed, station, messagesInQueue=False)
