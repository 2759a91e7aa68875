"""OCPP 1.6, firmware management and the security extension's signed firmware and logs."""

import pytest

from stations.models import Observation
from tests.conformance.bed import Bed
from tests.conformance.phrases import at
from tests.conformance.player import Player
from tests.conformance.v16.says import ACCEPTED

FILE = "https://firmware.example/t1-2.0.bin"
LOGS = "https://logs.example/u/once"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"


def follows(bed: Bed, station: Player, action: str, *states: str, request: int = 0) -> None:
    """Have a job tell its states; each is confirmed, kept and read."""
    number = {"requestId": request} if request else {}
    for state in states:
        assert station.call(action, {"status": state} | number) == {}
    bed.follow(station)

    rows = bed.reports(station, action)
    assert [row.payload["status"] for row in rows] == list(states)
    assert all(row.applied_at for row in rows)


def updates(bed: Bed, station: Player) -> None:
    bed.exchange(
        station,
        "UpdateFirmware",
        {"location": FILE, "retrieveDate": at()},
        {},
        word="update_firmware",
        wish={"url": FILE, "retrieve_at": at()},
    )


@pytest.mark.parametrize(
    "states",
    [
        pytest.param(("Downloading", "Downloaded", "Installing", "Installed"), id="1_done"),
        pytest.param(("Downloading", "DownloadFailed"), id="2_download_failed"),
        pytest.param(
            ("Downloading", "Downloaded", "Installing", "InstallationFailed"), id="3_failed"
        ),
    ],
)
def test_tc_044_firmware(bed: Bed, station_16: Player, states: tuple[str, ...]) -> None:
    """Firmware is fetched and installed, or one of the two fails.

    §5.19, §4.5
    """
    updates(bed, station_16)
    follows(bed, station_16, "FirmwareStatusNotification", *states)


@pytest.mark.parametrize(
    "states",
    [
        pytest.param(("Uploading", "Uploaded"), id="1_done"),
        pytest.param(("Uploading", "UploadFailed"), id="2_failed"),
    ],
)
def test_tc_045_diagnostics(bed: Bed, station_16: Player, states: tuple[str, ...]) -> None:
    """Diagnostics are uploaded, or could not be.

    §5.9, §4.4
    """
    bed.exchange(
        station_16,
        "GetDiagnostics",
        {"location": LOGS},
        {"fileName": "diagnostics.zip"},
        word="get_log",
        wish={"kind": "diagnostics", "url": LOGS},
    )
    follows(bed, station_16, "DiagnosticsStatusNotification", *states)


def test_tc_079_security_log(bed: Bed, station_16: Player) -> None:
    """The log of security events is uploaded.

    N01
    """
    bed.exchange(
        station_16,
        "GetLog",
        {"logType": "SecurityLog", "requestId": 79, "log": {"remoteLocation": LOGS}},
        ACCEPTED | {"filename": "security.log"},
        word="get_log",
        wish={"kind": "security", "url": LOGS, "request": 79},
    )
    follows(bed, station_16, "LogStatusNotification", "Uploading", "Uploaded", request=79)


def signed(bed: Bed, station: Player) -> None:
    bed.exchange(
        station,
        "SignedUpdateFirmware",
        {
            "requestId": 80,
            "firmware": {
                "location": FILE,
                "retrieveDateTime": at(),
                "signingCertificate": CERTIFICATE,
                "signature": "MEUCIQ==",
            },
        },
        ACCEPTED,
        word="update_firmware",
        wish={
            "url": FILE,
            "retrieve_at": at(),
            "signing_certificate": CERTIFICATE,
            "signature": "MEUCIQ==",
            "request": 80,
        },
    )


def test_tc_080_signed_firmware(bed: Bed, station_16: Player) -> None:
    """Signed firmware is fetched, proved and installed.

    L01
    """
    signed(bed, station_16)
    states = ("Downloading", "Downloaded", "SignatureVerified", "Installing", "Installed")
    follows(bed, station_16, "SignedFirmwareStatusNotification", *states, request=80)


def test_tc_081_signature_is_wrong(bed: Bed, station_16: Player) -> None:
    """What was fetched was not signed by whom it should be; a security event says so.

    L01, A04.FR.03
    """
    signed(bed, station_16)
    states = ("Downloading", "Downloaded", "InvalidSignature")
    follows(bed, station_16, "SignedFirmwareStatusNotification", *states, request=80)
    event = {"type": "InvalidFirmwareSignature", "timestamp": at()}
    assert station_16.call("SecurityEventNotification", event) == {}

    seen = Observation.objects.get(station=station_16.row, kind="security_event")
    assert seen.detail["type"] == "InvalidFirmwareSignature"
