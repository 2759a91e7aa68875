"""Block C of OCPP 2.0.1: may this token charge?"""

from datetime import timedelta

import pytest
from django.utils import timezone

from stations import tokens
from stations.models import Token
from tests.conformance.bed import Bed
from tests.conformance.phrases import begin, card, end
from tests.conformance.player import Player
from tests.conformance.v201.test_n_logs import HASHES


def verdicts(station: Player, uid: str) -> list[str]:
    """Return what an Authorize and a Started of the same token are answered."""
    asked = station.call("Authorize", {"idToken": card(uid)})
    started = station.call("TransactionEvent", begin(uid))
    return [answer["idTokenInfo"]["status"] for answer in (asked, started)]


@pytest.mark.parametrize("uid", ["NOBODYS-CARD", "X"])
def test_tc_c_02_unknown_token(bed: Bed, station: Player, uid: str) -> None:
    """A token nobody knows is invalid, asked for or presented.

    C01.FR.06, E01.FR.11, E01.FR.12
    """
    assert verdicts(station, uid) == ["Invalid", "Invalid"]
    assert (bed.session(station).id_tag, bed.session(station).token_id) == (uid, None)


def test_tc_c_06_blocked_token(bed: Bed, station: Player) -> None:
    """A blocked token is said to be blocked.

    E01.FR.11, E01.FR.12
    """
    token = bed.token()
    tokens.block_token(token_id=token.pk, reason="unpaid")

    assert verdicts(station, token.uid) == ["Blocked", "Blocked"]
    assert bed.session(station).token_id == token.pk


def test_tc_c_07_expired_token(bed: Bed, station: Player) -> None:
    """A token past its last day is said to be expired.

    E01.FR.11, E01.FR.12
    """
    token = bed.token(valid_until=timezone.now() - timedelta(days=1))

    assert verdicts(station, token.uid) == ["Expired", "Expired"]


def test_tc_c_08_token_from_the_cache_is_accepted(bed: Bed, station: Player) -> None:
    """A station that let a token in by its cache hears that it may.

    C12.FR.03, E01.FR.12
    """
    token = bed.token(driver=bed.cast.bo)
    answer = station.call("TransactionEvent", begin(token.uid))

    assert answer["idTokenInfo"]["status"] == "Accepted"
    assert bed.session(station).driver_id == bed.cast.bo.pk


def test_tc_c_20_token_from_the_cache_is_invalid(bed: Bed, station: Player) -> None:
    """A station that let a token in by its cache hears that it may not, and stops.

    C12.FR.03, E05.FR.01
    """
    token = bed.token()
    uid = token.uid
    station.call("Authorize", {"idToken": card(uid)})
    Token.objects.filter(pk=token.pk).delete()

    answer = station.call("TransactionEvent", begin(uid))
    assert answer["idTokenInfo"]["status"] == "Invalid"
    station.call("TransactionEvent", end(1, 100, "DeAuthorized", "Deauthorized"))
    session = bed.session(station)
    assert (session.state, session.stop_reason) == ("completed", "DeAuthorized")


def test_tc_c_37_cache_cleared(bed: Bed, station: Player) -> None:
    """The station's cache of tokens is emptied.

    C11
    """
    bed.exchange(station, "ClearCache", {}, {"status": "Accepted"})


def test_tc_c_38_cache_not_cleared(bed: Bed, station: Player) -> None:
    """A station that has no cache to empty is shown as such.

    C11
    """
    bed.exchange(station, "ClearCache", {}, {"status": "Rejected"}, state="rejected")


def test_a_contract_that_nobody_proved_opens_nothing(bed: Bed, station: Player) -> None:
    """C_50 to C_52: a contract's id alone would let in whoever knows it."""
    token = bed.token(kind=Token.Kind.APP)
    contract = {"idToken": token.uid, "type": "eMAID"}
    hashes = [HASHES | {"responderURL": "https://ocsp.example"}]
    for proof in ({"iso15118CertificateHashData": hashes}, {"certificate": "MIIB"}):
        answer = station.call("Authorize", {"idToken": contract} | proof)
        assert answer["idTokenInfo"]["status"] == "Invalid"
        assert answer["certificateStatus"] == "CertChainError"

    assert station.call("Authorize", {"idToken": card(token.uid)})["idTokenInfo"]["status"] == (
        "Accepted"
    )
