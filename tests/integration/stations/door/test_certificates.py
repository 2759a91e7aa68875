"""TC_A_11 to TC_A_14 and block M: requests are taken, signed, delivered; trust is installed."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.utils import timezone

from stations import certificates, followups
from stations.certificates import CertificateRefused
from stations.certificates.fingerprints import hash_data
from stations.models import (
    CertificateAuthority,
    CertificateRequest,
    Command,
    InstalledCertificate,
    Observation,
    RevokedCertificate,
    Station,
    StationReport,
)
from tests.cast import Cast
from tests.integration.stations.charger import Charger
from tests.integration.stations.conftest import GatewayProcess, fresh
from tests.integration.stations.door import pki
from tests.integration.stations.door.fronted import AC, DC, Knocking, knock, set_profile

Until = Callable[[Callable[[], object]], object]
LEGAL = "Nordladd AB"


@pytest.fixture
def folder(cast: Cast, settings: Any, tmp_path: Path) -> pki.Authority:
    """A folder in which Nord's own authority signs."""
    made = pki.new_authority("Nord signs")
    path = tmp_path / cast.operator.slug
    path.mkdir()
    (path / "ca.pem").write_text(pki.pem(made.certificate))
    (path / "ca.key").write_text(pki.key_pem(made.key))
    settings.CERTIFICATE_FOLDER = str(tmp_path)
    return made


def station_of(cast: Cast, identity: str, version: str) -> Station:
    station = cast.ac_station if identity == AC else cast.dc_station
    Station.objects.filter(pk=station.pk).update(ocpp_version=version)
    return fresh(station)


def reported(station: Station, csr: str, kind: str = "") -> StationReport:
    payload = {"csr": csr} | ({"certificateType": kind} if kind else {})
    row = StationReport.objects.create(
        operator_id=station.operator_id,
        station=station,
        kind="SignCertificate",
        payload=payload,
        received_at=timezone.now(),
    )
    followups.follow_station(station_id=station.pk, as_of=timezone.now())
    return row


def ended(command: Command, state: str, answer: Any = None) -> None:
    now = timezone.now()
    Command.objects.filter(pk=command.pk).update(
        state=state, answer=answer, sent_at=now, finished_at=now
    )
    followups.follow_station(station_id=command.station_id, as_of=now)


@pytest.mark.parametrize(
    ("identity", "version", "word"),
    [(AC, "1.6", "ocpp1.6"), (DC, "2.0.1", "ocpp2.0.1")],
)
def test_tc_a_11_a_station_asks_and_comes_back_with_its_new_certificate(
    cast: Cast,
    front: GatewayProcess,
    folder: pki.Authority,
    until: Until,
    identity: str,
    version: str,
    word: str,
) -> None:
    station, key = station_of(cast, identity, version), pki.new_key()
    Station.objects.filter(pk=station.pk).update(security_profile=2)

    async def script() -> str:
        charger = Charger(front.url, identity, word)
        charger.headers = Knocking(identity, b"correct-horse-battery", is_tls=True).headers
        async with charger:
            answer = await charger.call("SignCertificate", {"csr": pki.new_request(key, identity)})
            assert answer["status"] == "Accepted"
            await sync_to_async(followups.follow_station)(
                station_id=station.pk, as_of=timezone.now()
            )
            call = await charger.called()
            assert call[2] == "CertificateSigned"
            await charger.send(json.dumps([3, call[1], {"status": "Accepted"}]))
            return str(call[3]["certificateChain"])

    chain = async_to_sync(script)()
    until(lambda: Command.objects.filter(state="accepted").exists())
    followups.follow_station(station_id=station.pk, as_of=timezone.now())

    assert CertificateRequest.objects.get().state == "accepted"
    leaf = certificates.requests.split_chain(chain)[0]
    Station.objects.filter(pk=station.pk).update(security_profile=3)
    how = Knocking(identity, certificate=leaf, is_tls=True)
    assert knock(front, how, word) == 101


def test_a_request_in_another_stations_name_is_refused(cast: Cast, folder: pki.Authority) -> None:
    station = station_of(cast, AC, "1.6")

    reported(station, pki.new_request(pki.new_key(), DC))

    row = CertificateRequest.objects.get()
    assert (row.state, "not this station's" in row.reason) == ("refused", True)
    assert not Command.objects.exists()


@pytest.mark.parametrize("csr", ["", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA", "nonsense"])
def test_a_request_nobody_can_read_is_refused_with_its_reason(cast: Cast, csr: str) -> None:
    reported(station_of(cast, AC, "1.6"), csr)

    assert CertificateRequest.objects.get().reason == "no request that can be read"


def test_a_request_without_its_lines_is_read(cast: Cast) -> None:
    lines = pki.new_request(pki.new_key(), AC).strip().splitlines()

    reported(station_of(cast, AC, "1.6"), "".join(lines[1:-1]))

    assert CertificateRequest.objects.get().state == "waiting"


def test_the_same_request_twice_waits_once_and_a_new_one_takes_its_place(cast: Cast) -> None:
    station, csr = station_of(cast, AC, "1.6"), pki.new_request(pki.new_key(), AC)
    for asked in (csr, csr, pki.new_request(pki.new_key(), AC)):
        reported(station, asked)

    states = CertificateRequest.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["refused", "waiting"]


def test_people_upload_a_chain_and_only_one_that_would_be_let_in(cast: Cast) -> None:
    station, key, now = station_of(cast, DC, "2.0.1"), pki.new_key(), timezone.now()
    reported(station, pki.new_request(key, DC), "ChargingStationCertificate")
    row, ours = CertificateRequest.objects.get(), pki.new_authority()
    good = pki.pem(ours.sign(DC, LEGAL, public_key=key.public_key()))
    with pytest.raises(CertificateRefused, match="does not trust"):
        certificates.upload_chain(row=row, chain=good, as_of=now)
    certificates.add_authorities(
        operator=cast.operator,
        use="station",
        text=pki.pem(ours.certificate),
        added_by=None,
        as_of=now,
    )
    for wrong in (ours.sign(DC, LEGAL), ours.sign(AC, LEGAL, public_key=key.public_key())):
        with pytest.raises(CertificateRefused):
            certificates.upload_chain(row=row, chain=pki.pem(wrong), as_of=now)

    certificates.upload_chain(row=row, chain=good, as_of=now)

    payload = Command.objects.get().payload
    assert payload == {"chain": good, "kind": "ChargingStationCertificate"}


def test_tc_a_14_a_station_that_refuses_its_certificate_leaves_it_refused(
    cast: Cast, folder: pki.Authority
) -> None:
    reported(station_of(cast, AC, "1.6"), pki.new_request(pki.new_key(), AC))

    ended(Command.objects.get(), "rejected", {"status": "Rejected"})

    assert CertificateRequest.objects.get().state == "rejected"


def test_a_delivery_that_nobody_answered_is_tried_again_and_then_given_up(
    cast: Cast, folder: pki.Authority
) -> None:
    reported(station_of(cast, AC, "1.6"), pki.new_request(pki.new_key(), AC))

    for _attempt in range(10):
        newest = Command.objects.latest("pk")
        if newest.finished_at is None:
            ended(newest, "timeout")
        certificates.try_again(as_of=timezone.now() + timedelta(hours=5))

    assert Command.objects.count() == 4
    assert CertificateRequest.objects.get().state == "failed"


def test_a_certificate_that_ends_soon_is_asked_for_anew_once(
    cast: Cast, folder: pki.Authority
) -> None:
    reported(station_of(cast, AC, "1.6"), pki.new_request(pki.new_key(), AC))
    ended(Command.objects.get(), "accepted", {"status": "Accepted"})
    later = timezone.now() + timedelta(days=340)

    assert [certificates.warn_of_ends(as_of=later) for _ in range(2)] == [1, 0]
    assert Command.objects.latest("pk").action == "ExtendedTriggerMessage"
    assert Observation.objects.filter(kind="certificate_ends").count() == 1


def trusted(cast: Cast, use: str = "csms") -> tuple[CertificateAuthority, pki.Authority]:
    made = pki.new_authority("Front root")
    [row] = certificates.add_authorities(
        operator=cast.operator,
        use=use,
        text=pki.pem(made.certificate),
        added_by=cast.cilla,
        as_of=timezone.now(),
    )
    return row, made


def listed(made: pki.Authority) -> dict[str, str]:
    data = hash_data(made.certificate, made.certificate, "SHA256")
    assert data is not None
    return {
        "hashAlgorithm": "SHA256",
        "issuerNameHash": data.issuer_name.upper(),
        "issuerKeyHash": data.issuer_key,
        "serialNumber": "00" + data.serial_number.upper(),
    }


def test_what_a_2_0_1_station_has_is_listed_after_an_installation(cast: Cast) -> None:
    station, (row, made) = station_of(cast, DC, "2.0.1"), trusted(cast)
    now = timezone.now()
    install = certificates.install(
        station=station, authority=row, requested_by=cast.cilla, as_of=now
    )
    assert install.payload["kind"] == "csms_root"
    ended(install, "accepted", {"status": "Accepted"})
    chain = {"certificateType": "CSMSRootCertificate", "certificateHashData": listed(made)}

    ended(
        Command.objects.latest("pk"),
        "accepted",
        {"status": "Accepted", "certificateHashDataChain": [chain]},
    )

    [known] = InstalledCertificate.objects.all()
    assert (known.subject, known.kind) == ("Front root", "CSMSRootCertificate")
    assert known.not_after == made.certificate.not_valid_after_utc
    command = certificates.delete(installed=known, requested_by=None, as_of=now)
    ended(command, "accepted", {"status": "Accepted"})
    ended(Command.objects.latest("pk"), "accepted", {"status": "NotFound"})
    assert not InstalledCertificate.objects.exists()


def test_a_1_6_station_is_asked_kind_by_kind_and_one_kind_does_not_erase_the_other(
    cast: Cast,
) -> None:
    station, (_row, made) = station_of(cast, AC, "1.6"), trusted(cast)
    first, second = certificates.ask_installed(
        station=station, requested_by=None, as_of=timezone.now()
    )

    ended(first, "accepted", {"status": "Accepted", "certificateHashData": [listed(made)]})
    ended(second, "accepted", {"status": "NotFound"})

    assert InstalledCertificate.objects.get().kind == "CentralSystemRootCertificate"


def test_a_revocation_list_counts_only_from_somebody_trusted(cast: Cast) -> None:
    _row, made = trusted(cast, "station")
    gone, now = made.sign(AC, LEGAL), timezone.now()

    with pytest.raises(CertificateRefused, match="trusts"):
        certificates.read_revocations(
            operator=cast.operator,
            data=pki.new_crl(pki.new_authority(), [gone]),
            added_by=None,
            as_of=now,
        )
    data = pki.new_crl(made, [gone])
    for expected in (1, 0):
        assert expected == certificates.read_revocations(
            operator=cast.operator, data=data, added_by=None, as_of=now
        )
    assert RevokedCertificate.objects.get().serial_number == f"{gone.serial_number:x}"
    set_profile(cast, 3)
