"""Block C of OCPP 2.0.1: one of a group may end what another one began; a master pass ends all."""

from typing import Any

from stations.models import Token
from tests.conformance.bed import Bed
from tests.conformance.phrases import begin, card, end
from tests.conformance.player import Player
from tests.conformance.v201.test_d_local_list import has_list, syncs, wants

MASTER = "MASTERPASS"


def told_of(station: Player, token: Token) -> dict[str, Any]:
    """Return the verdict on a token that is asked for."""
    info: dict[str, Any] = station.call("Authorize", {"idToken": card(token.uid)})["idTokenInfo"]
    return info


def group_of(info: dict[str, Any]) -> str:
    group: str = info["groupIdToken"]["idToken"]
    return group


def listed(sent: list[dict[str, Any]], token: Token) -> dict[str, Any]:
    """Return the verdict on a token in a list that was sent."""
    for part in sent:
        for entry in part.get("localAuthorizationList", ()):
            if entry["idToken"]["idToken"] == token.uid:
                info: dict[str, Any] = entry["idTokenInfo"]
                return info
    raise AssertionError("the token is not on the list")


def test_tc_c_39_ended_by_another_of_the_group(bed: Bed, station: Player) -> None:
    """Both tokens are said to be of one group; the second one ends what the first one began.

    C09, E07
    """
    one, other = bed.token(group="FLEET-1"), bed.token(group="FLEET-1")
    began = station.call("TransactionEvent", begin(one.uid))["idTokenInfo"]
    asked = told_of(station, other)
    ended = end(1, 600, "Local", "StopAuthorized", idToken=card(other.uid))
    stopped = station.call("TransactionEvent", ended)["idTokenInfo"]

    assert {group_of(info) for info in (began, asked, stopped)} == {"FLEET-1"}
    assert {info["status"] for info in (began, asked, stopped)} == {"Accepted"}
    session = bed.session(station)
    assert (session.state, session.token_id) == ("completed", one.pk)


def test_tc_c_40_group_on_the_local_list(bed: Bed, station: Player) -> None:
    """The list says the group too, so that a station knows it without asking.

    C10, D01
    """
    one, other = bed.token(group="FLEET-2"), bed.token(group="FLEET-2")
    sent = syncs(bed, station, wants(station), 0)
    station.call("TransactionEvent", begin(one.uid))
    ended = end(1, 600, "Local", "StopAuthorized", idToken=card(other.uid))
    stopped = station.call("TransactionEvent", ended)["idTokenInfo"]

    assert {group_of(listed(sent, token)) for token in (one, other)} == {"FLEET-2"}
    assert group_of(stopped) == "FLEET-2"
    assert bed.session(station).state == "completed"


def test_tc_c_43_one_of_the_group_is_blocked(bed: Bed, station: Player) -> None:
    """Who is blocked stays blocked, whatever the group; the list says so as well.

    C10, D01
    """
    row = has_list(bed, station)
    blocked = bed.token(group="FLEET-3", is_blocked=True)
    sent = syncs(bed, station, row, row.version)

    assert listed(sent, blocked)["status"] == "Blocked"
    assert told_of(station, blocked)["status"] == "Blocked"
    assert bed.frames(station, "Authorize")


def charges_at_both(bed: Bed, station: Player) -> None:
    for evse in (1, 2):
        info = {"transactionId": f"tx-{evse}"}
        place = {"evse": {"id": evse, "connectorId": 1}}
        station.call("TransactionEvent", begin(bed.token().uid, info=info) | place)


def masters(station: Player, master: Token, *evses: int) -> None:
    """Have the holder of a master pass end transactions."""
    info = told_of(station, master)
    assert (info["status"], group_of(info)) == ("Accepted", MASTER)
    for evse in evses:
        named = {"transactionId": f"tx-{evse}"}
        ended = end(1, 300, "MasterPass", "StopAuthorized", info=named)
        answer = station.call("TransactionEvent", ended | {"idToken": card(master.uid)})
        assert group_of(answer["idTokenInfo"]) == MASTER


def states(station: Player) -> list[tuple[str, str]]:
    rows = station.row.sessions.order_by("ocpp_transaction_id")
    return [(session.state, session.stop_reason) for session in rows]


def test_tc_c_47_master_pass_ends_all(bed: Bed, station: Player) -> None:
    """Chosen on the screen: every transaction ends.

    C16
    """
    charges_at_both(bed, station)
    masters(station, bed.token(group=MASTER), 1, 2)

    assert states(station) == [("completed", "MasterPass")] * 2


def test_tc_c_48_master_pass_ends_one(bed: Bed, station: Player) -> None:
    """Chosen on the screen: one transaction ends, the other one goes on.

    C16
    """
    charges_at_both(bed, station)
    masters(station, bed.token(group=MASTER), 1)

    assert states(station) == [("completed", "MasterPass"), ("open", "")]


def test_tc_c_49_master_pass_without_a_screen(bed: Bed, station: Player) -> None:
    """A station without a screen ends them all.

    C16
    """
    charges_at_both(bed, station)
    masters(station, bed.token(group=MASTER), 1, 2)

    assert states(station) == [("completed", "MasterPass")] * 2
