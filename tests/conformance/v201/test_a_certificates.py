"""Block A of OCPP 2.0.1: a station renews its certificates when we ask it to."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from stations import certificates
from stations.models import CertificateRequest, Command, Observation
from tests.conformance.bed import Bed
from tests.conformance.phrases import at
from tests.conformance.player import Player
from tests.integration.stations.door import pki

ACCEPTED = {"status": "Accepted"}


@pytest.fixture
def authority(bed: Bed, settings: Any, tmp_path: Path) -> pki.Authority:
    """Who signs for the operator's stations: a folder with its key."""
    made = pki.new_authority()
    folder = tmp_path / bed.cast.operator.slug
    folder.mkdir()
    (folder / "ca.pem").write_text(pki.pem(made.certificate))
    (folder / "ca.key").write_text(pki.key_pem(made.key))
    settings.CERTIFICATE_FOLDER = str(tmp_path)
    return made


def triggers(bed: Bed, station: Player, wanted: str) -> None:
    """Have a station make a new key and ask for its certificate."""
    command = bed.ask(station, "trigger_message", message=wanted)
    assert station.obey("TriggerMessage", **ACCEPTED) == {"requestedMessage": wanted}
    assert bed.ended(command).state == "accepted"


def asks(bed: Bed, station: Player, **kind: str) -> tuple[pki.Key, CertificateRequest]:
    """Have the station ask; return its key and the request as we keep it."""
    key = pki.new_key()
    csr = pki.new_request(key, station.row.identity)
    assert station.call("SignCertificate", {"csr": csr} | kind) == ACCEPTED
    bed.follow(station)
    return key, CertificateRequest.objects.get(station=station.row)


def delivered(bed: Bed, station: Player, answer: str) -> dict[str, Any]:
    """Have the signed chain delivered and answered; return what was said."""
    told = station.obey("CertificateSigned", status=answer)
    bed.ended(Command.objects.filter(station=station.row).latest("pk"))
    bed.follow(station)
    return told


def is_for(told: dict[str, Any], key: pki.Key, authority: pki.Authority) -> bool:
    leaf = x509.load_pem_x509_certificates(told["certificateChain"].encode())[0]
    leaf.verify_directly_issued_by(authority.certificate)
    return leaf.public_key() == key.public_key()


def test_tc_a_11_station_certificate(bed: Bed, station: Player, authority: pki.Authority) -> None:
    """Asked for, signed by the operator's authority, delivered and taken.

    A02.FR.11, F06
    """
    certificates.ask_for_request(
        station=station.row, requested_by=bed.cast.cilla, as_of=datetime.now(UTC)
    )
    told = station.obey("TriggerMessage", **ACCEPTED)
    assert told == {"requestedMessage": "SignChargingStationCertificate"}
    key, _ = asks(bed, station, certificateType="ChargingStationCertificate")
    signed = delivered(bed, station, "Accepted")

    assert signed["certificateType"] == "ChargingStationCertificate"
    assert is_for(signed, key, authority)
    assert CertificateRequest.objects.get(station=station.row).state == "accepted"


def test_tc_a_12_v2g_certificate(bed: Bed, station: Player) -> None:
    """The certificate shown to vehicles is signed elsewhere, by people, and delivered.

    A02.FR.11, F06
    """
    authority = pki.new_authority("V2G Sub CA")
    triggers(bed, station, "SignV2GCertificate")
    key, row = asks(bed, station, certificateType="V2GCertificate")
    assert row.state == "waiting"
    leaf = authority.sign(station.row.identity, "Nord AB", public_key=key.public_key())
    chain = pki.pem(leaf) + pki.pem(authority.certificate)
    certificates.upload_chain(row=row, chain=chain, as_of=datetime.now(UTC))
    signed = delivered(bed, station, "Accepted")

    assert signed["certificateType"] == "V2GCertificate"
    assert is_for(signed, key, authority)
    row.refresh_from_db()
    assert row.state == "accepted"


def test_tc_a_13_combined_certificate(bed: Bed, station: Player, authority: pki.Authority) -> None:
    """One certificate for both: the station names no kind.

    A02.FR.11, F06
    """
    triggers(bed, station, "SignCombinedCertificate")
    key, _ = asks(bed, station)
    signed = delivered(bed, station, "Accepted")

    # Left out means that it is good for both.
    assert "certificateType" not in signed
    assert is_for(signed, key, authority)
    assert CertificateRequest.objects.get(station=station.row).state == "accepted"


def test_tc_a_14_certificate_is_refused(
    bed: Bed, station: Player, authority: pki.Authority
) -> None:
    """A station that does not take the certificate keeps its own; the event is there to see.

    A02.FR.11, A04.FR.03
    """
    triggers(bed, station, "SignChargingStationCertificate")
    asks(bed, station, certificateType="ChargingStationCertificate")
    delivered(bed, station, "Rejected")
    event = {"type": "InvalidChargingStationCertificate", "timestamp": at()}
    assert station.call("SecurityEventNotification", event) == {}

    assert CertificateRequest.objects.get(station=station.row).state == "rejected"
    seen = Observation.objects.get(station=station.row, kind="security_event")
    assert seen.detail["type"] == event["type"]
