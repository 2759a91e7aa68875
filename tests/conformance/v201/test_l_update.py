"""Block L of OCPP 2.0.1: signed firmware on its way into a station."""

from typing import Any

from stations.models import Command, Observation, Station
from tests.conformance.bed import Bed
from tests.conformance.phrases import BOOT_2, at, begin, end
from tests.conformance.player import Player

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"
WISH = {
    "url": "https://firmware.example/t2-2.0.bin",
    "retrieve_at": at(),
    "signing_certificate": CERTIFICATE,
    "signature": "MEUCIQ==",
    "request": 11,
}
FIRMWARE = {
    "location": WISH["url"],
    "retrieveDateTime": at(),
    "signingCertificate": CERTIFICATE,
    "signature": "MEUCIQ==",
}


def updates(
    bed: Bed,
    station: Player,
    answer: str = "Accepted",
    *,
    state: str = "accepted",
    **more: Any,
) -> Command:
    """Send signed firmware, with its signature and the certificate that signed it."""
    late = {"install_at": more["installDateTime"]} if more else {}
    return bed.exchange(
        station,
        "UpdateFirmware",
        {"requestId": 11, "firmware": FIRMWARE | more},
        {"status": answer},
        word="update_firmware",
        wish=WISH | late,
        state=state,
    )


def tells(station: Player, *states: str) -> None:
    for state in states:
        told = {"status": state, "requestId": 11}
        assert station.call("FirmwareStatusNotification", told) == {}


def told(bed: Bed, station: Player) -> list[str]:
    """Return the states a worker reads, after it has read them."""
    bed.follow(station)
    rows = bed.reports(station, "FirmwareStatusNotification")
    assert all(row.request_id == 11 and row.applied_at for row in rows)
    return [row.payload["status"] for row in rows]


def fails(bed: Bed, station: Player, *states: str, event: str = "") -> None:
    """Have an update fail; the last state says why, and a security event where it is one."""
    updates(bed, station)
    tells(station, *states)
    if event:
        payload = {"type": event, "timestamp": at()}
        assert station.call("SecurityEventNotification", payload) == {}
        seen = Observation.objects.filter(station=station.row, kind="security_event")
        assert [row.detail["type"] for row in seen] == [event]

    assert told(bed, station) == list(states)
    assert Station.objects.get(pk=station.row.pk).firmware_version == "1.0"


def test_tc_l_01_installed(bed: Bed, station: Player) -> None:
    """Downloaded, proved, installed; the next boot names the new version.

    L01, L01.FR.11, L01.FR.20
    """
    updates(bed, station)
    tells(station, "Downloading", "Downloaded", "SignatureVerified", "Installing")
    station.reconnect()
    newer = BOOT_2["chargingStation"] | {"firmwareVersion": "2.0"}
    boot = {"reason": "FirmwareUpdate", "chargingStation": newer}
    assert station.call("BootNotification", boot)["status"] == "Accepted"
    tells(station, "Installed")

    assert told(bed, station)[-1] == "Installed"
    assert Station.objects.get(pk=station.row.pk).firmware_version == "2.0"


def test_tc_l_02_installed_later(bed: Bed, station: Player) -> None:
    """Downloaded now, installed at a time of its own.

    L01, L01.FR.11
    """
    updates(bed, station, installDateTime=at(600))
    tells(station, "Downloading", "Downloaded", "SignatureVerified", "InstallScheduled")
    tells(station, "Installing", "Installed")

    assert "InstallScheduled" in told(bed, station)


def test_tc_l_03_downloaded_later(bed: Bed, station: Player) -> None:
    """Even the download has a time of its own.

    L01, L01.FR.11
    """
    updates(bed, station)
    tells(station, "DownloadScheduled", "Downloading", "Downloaded", "SignatureVerified")

    assert told(bed, station)[0] == "DownloadScheduled"


def test_tc_l_04_certificate_revoked(bed: Bed, station: Player) -> None:
    """A station that finds the signing certificate revoked refuses.

    L01
    """
    updates(bed, station, "RevokedCertificate", state="rejected")


def test_tc_l_05_certificate_invalid(bed: Bed, station: Player) -> None:
    """A station that does not trust the signing certificate refuses, and reports it.

    L01
    """
    updates(bed, station, "InvalidCertificate", state="rejected")
    payload = {"type": "InvalidFirmwareSigningCertificate", "timestamp": at()}
    assert station.call("SecurityEventNotification", payload) == {}

    seen = Observation.objects.get(station=station.row, kind="security_event")
    assert seen.detail["type"] == "InvalidFirmwareSigningCertificate"


def test_tc_l_06_signature_invalid(bed: Bed, station: Player) -> None:
    """What was downloaded was not signed by whom it should be.

    L01
    """
    states = ("Downloading", "Downloaded", "InvalidSignature")
    fails(bed, station, *states, event="InvalidFirmwareSignature")


def test_tc_l_07_download_failed(bed: Bed, station: Player) -> None:
    """The file could not be had.

    L01
    """
    fails(bed, station, "Downloading", "DownloadFailed")


def test_tc_l_08_verification_failed(bed: Bed, station: Player) -> None:
    """The file is not what it should be.

    L01
    """
    states = ("Downloading", "Downloaded", "SignatureVerified", "Installing")
    fails(bed, station, *states, "InstallVerificationFailed")


def test_tc_l_09_installation_failed(bed: Bed, station: Player) -> None:
    """The station could not install it, and goes on with what it has.

    L01
    """
    states = ("Downloading", "Downloaded", "SignatureVerified", "Installing")
    fails(bed, station, *states, "InstallationFailed")


def test_tc_l_10_replaces_another_update(bed: Bed, station: Player) -> None:
    """A second update takes the place of the first one.

    L01
    """
    updates(bed, station)
    tells(station, "Downloading")

    assert updates(bed, station, "AcceptedCanceled").state == "accepted"


def test_tc_l_11_cannot_be_replaced(bed: Bed, station: Player) -> None:
    """A station that is too far with the first update refuses the second one.

    L01
    """
    updates(bed, station)
    tells(station, "Downloading", "Downloaded", "SignatureVerified", "Installing")

    updates(bed, station, "Rejected", state="rejected")


def test_tc_l_13_waits_for_a_transaction(bed: Bed, station: Player) -> None:
    """The installation waits for the transaction that goes on; then it is done.

    L01
    """
    station.call("TransactionEvent", begin(bed.token().uid))
    updates(bed, station)
    tells(station, "Downloading", "Downloaded", "SignatureVerified", "InstallScheduled")
    assert bed.session(station).state == "open"
    station.call("TransactionEvent", end(1, 700, "Local", "StopAuthorized"))
    tells(station, "Installing", "Installed")

    assert bed.session(station).state == "completed"
    assert told(bed, station)[-2:] == ["Installing", "Installed"]
