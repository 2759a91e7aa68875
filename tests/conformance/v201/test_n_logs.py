"""Block N of OCPP 2.0.1: logs are fetched, and what is kept of a customer."""

from typing import Any

import pytest

from stations.models import Command
from tests.conformance.bed import Bed
from tests.conformance.phrases import at, card
from tests.conformance.player import Player

ACCEPTED = {"status": "Accepted"}
URL = "https://logs.example/u/once"


def fetches(
    bed: Bed, station: Player, kind: str, request: int, answer: str = "Accepted"
) -> Command:
    """Ask for a log at an address."""
    ours = {"DiagnosticsLog": "diagnostics", "SecurityLog": "security"}[kind]
    reply = {"status": answer} | ({"filename": "log.zip"} if answer != "Rejected" else {})
    return bed.exchange(
        station,
        "GetLog",
        {"logType": kind, "requestId": request, "log": {"remoteLocation": URL}},
        reply,
        word="get_log",
        wish={"kind": ours, "url": URL, "request": request},
        state="rejected" if answer == "Rejected" else "accepted",
    )


def uploads(bed: Bed, station: Player, request: int, *states: str) -> None:
    for state in states:
        told = {"status": state, "requestId": request}
        assert station.call("LogStatusNotification", told) == {}
    bed.follow(station)

    rows = [r for r in bed.reports(station, "LogStatusNotification") if r.request_id == request]
    assert [row.payload["status"] for row in rows] == list(states)
    assert all(row.applied_at for row in rows)


def test_tc_n_25_diagnostics(bed: Bed, station: Player) -> None:
    """The log of diagnostics is uploaded.

    N01
    """
    fetches(bed, station, "DiagnosticsLog", 25)
    uploads(bed, station, 25, "Uploading", "Uploaded")


def test_tc_n_34_refused(bed: Bed, station: Player) -> None:
    """A station that has no log refuses.

    N01
    """
    fetches(bed, station, "DiagnosticsLog", 34, "Rejected")


def test_tc_n_35_security_log(bed: Bed, station: Player) -> None:
    """The log of security events is uploaded.

    N01
    """
    fetches(bed, station, "SecurityLog", 35)
    uploads(bed, station, 35, "Uploading", "Uploaded")


def test_tc_n_36_second_request(bed: Bed, station: Player) -> None:
    """A second wish takes the place of the first one, whose upload is called off.

    N01
    """
    fetches(bed, station, "DiagnosticsLog", 36)
    uploads(bed, station, 36, "Uploading")
    fetches(bed, station, "DiagnosticsLog", 37, "AcceptedCanceled")
    told = {"status": "AcceptedCanceled", "requestId": 36}
    assert station.call("LogStatusNotification", told) == {}
    uploads(bed, station, 37, "Uploading", "Uploaded")


HASHES = {
    "hashAlgorithm": "SHA256",
    "issuerNameHash": "a" * 64,
    "issuerKeyHash": "b" * 64,
    "serialNumber": "01",
}


def asks(
    bed: Bed,
    station: Player,
    about: dict[str, Any],
    *,
    report: bool,
    clear: bool,
    data: str | None = None,
) -> None:
    """Ask what is kept of somebody, have it cleared, or both; what comes is kept."""
    asked = {"requestId": 27, "report": report, "clear": clear} | about
    bed.exchange(station, "CustomerInformation", asked, ACCEPTED)
    if data is None:
        return
    part = {"requestId": 27, "seqNo": 0, "generatedAt": at(), "data": data}
    assert station.call("NotifyCustomerInformation", part) == {}
    bed.follow(station)

    (row,) = bed.reports(station, "NotifyCustomerInformation")
    assert (row.request_id, row.is_last, row.applied_at is None) == (27, True, False)


@pytest.fixture
def somebody(bed: Bed) -> dict[str, Any]:
    return {"idToken": card(bed.token().uid)}


def test_tc_n_27_customer_is_known(bed: Bed, station: Player, somebody: dict[str, Any]) -> None:
    """What is kept of a token is reported.

    N09
    """
    asks(bed, station, somebody, report=True, clear=False, data="Astrid, 3 sessions")


def test_tc_n_28_customer_is_unknown(bed: Bed, station: Player, somebody: dict[str, Any]) -> None:
    """Nothing is kept, and the station says so.

    N09
    """
    asks(bed, station, somebody, report=True, clear=False, data="")


def test_tc_n_29_not_accepted(bed: Bed, station: Player, somebody: dict[str, Any]) -> None:
    """A station that cannot say it refuses.

    N09
    """
    asked = {"requestId": 29, "report": True, "clear": False} | somebody
    refused = {"status": "Rejected"}
    bed.exchange(station, "CustomerInformation", asked, refused, state="rejected")


def test_tc_n_30_cleared_and_reported(bed: Bed, station: Player, somebody: dict[str, Any]) -> None:
    """What was kept is reported, and is gone.

    N10
    """
    asks(bed, station, somebody, report=True, clear=True, data="Astrid, 3 sessions")


def test_tc_n_31_nothing_to_clear(bed: Bed, station: Player, somebody: dict[str, Any]) -> None:
    """Nothing was kept.

    N10
    """
    asks(bed, station, somebody, report=True, clear=True, data="")


def test_tc_n_32_cleared_in_silence(bed: Bed, station: Player, somebody: dict[str, Any]) -> None:
    """What was kept is gone, without a word about it.

    N10
    """
    asks(bed, station, somebody, report=False, clear=True)


def test_tc_n_62_by_identifier(bed: Bed, station: Player) -> None:
    """Somebody is named by a text of our own.

    N09, N10
    """
    about = {"customerIdentifier": "customer-17"}
    asks(bed, station, about, report=True, clear=True, data="customer-17")


def test_tc_n_63_by_certificate(bed: Bed, station: Player) -> None:
    """Somebody is named by the hash of a certificate.

    N09, N10
    """
    about = {"customerCertificate": HASHES}
    asks(bed, station, about, report=True, clear=True, data="certificate 01")


def test_tc_n_46_cleared_from_the_list_too(
    bed: Bed, station: Player, somebody: dict[str, Any]
) -> None:
    """Who is forgotten is also taken off the station's list of tokens.

    N10.FR.02
    """
    asks(bed, station, somebody, report=False, clear=True)
    left = {
        "versionNumber": 2,
        "updateType": "Differential",
        "localAuthorizationList": [somebody],
    }

    bed.exchange(station, "SendLocalList", left, ACCEPTED)
