"""Block M of OCPP 2.0.1: which certificates a station trusts."""

from datetime import UTC, datetime
from typing import Any

from stations import certificates
from stations.models import Command, InstalledCertificate
from tests.conformance.bed import Bed
from tests.conformance.player import Player
from tests.conformance.v201.test_n_logs import HASHES
from tests.integration.stations.door import pki

ACCEPTED = {"status": "Accepted"}
# What an authority is trusted for here, our word for it on the wire, and the standard's.
AUTHORITIES = {
    "csms_root": "csms",
    "manufacturer_root": "manufacturer",
    "v2g_root": "v2g",
    "mo_root": "mo",
}
USES = {
    "csms_root": "CSMSRootCertificate",
    "manufacturer_root": "ManufacturerRootCertificate",
    "v2g_root": "V2GRootCertificate",
    "v2g_chain": "V2GCertificateChain",
    "mo_root": "MORootCertificate",
}


def installs(
    bed: Bed, station: Player, use: str, answer: str = "Accepted", state: str = "accepted"
) -> None:
    """Have a station trust an authority; what it has is listed after."""
    kind = AUTHORITIES[use]
    (authority,) = certificates.add_authorities(
        operator=bed.cast.operator,
        use=kind,
        text=pki.pem(pki.new_authority(f"Root {kind}").certificate),
        added_by=bed.cast.cilla,
        as_of=datetime.now(UTC),
    )
    command = certificates.install(
        station=station.row,
        authority=authority,
        requested_by=bed.cast.cilla,
        as_of=datetime.now(UTC),
    )
    told = station.obey("InstallCertificate", status=answer)
    assert told == {"certificateType": USES[use], "certificate": authority.pem}
    assert bed.ended(command).state == state
    bed.follow(station)
    if state == "accepted":
        chain = [{"certificateType": USES[use], "certificateHashData": HASHES}]
        station.obey(
            "GetInstalledCertificateIds", status="Accepted", certificateHashDataChain=chain
        )


def lists(bed: Bed, station: Player, *uses: str, asked: tuple[str, ...] | None = None) -> None:
    """Ask which certificates are there; the answer names those of the uses."""
    wanted = uses if asked is None else asked
    chain: list[dict[str, Any]] = [
        {"certificateType": USES[use], "certificateHashData": HASHES} for use in uses
    ]
    command = bed.exchange(
        station,
        "GetInstalledCertificateIds",
        {"certificateType": [USES[use] for use in wanted]} if wanted else {},
        ACCEPTED | {"certificateHashDataChain": chain},
    )
    bed.follow(station)

    assert command.answer is not None
    found = {row["certificateType"] for row in command.answer["certificateHashDataChain"]}
    assert found == {USES[use] for use in uses}
    kept = InstalledCertificate.objects.filter(station=station.row)
    assert {row.kind for row in kept} == found


def test_tc_m_01_root_of_the_csms(bed: Bed, station: Player) -> None:
    """The root that proves us is installed.

    M05
    """
    installs(bed, station, "csms_root")


def test_tc_m_02_root_of_the_maker(bed: Bed, station: Player) -> None:
    """The root that proves firmware is installed.

    M05
    """
    installs(bed, station, "manufacturer_root")


def test_tc_m_03_root_of_v2g(bed: Bed, station: Player) -> None:
    """The root of ISO 15118 is installed.

    M05
    """
    installs(bed, station, "v2g_root")


def test_tc_m_04_root_of_the_mobility_operator(bed: Bed, station: Player) -> None:
    """The root of contracts is installed.

    M05
    """
    installs(bed, station, "mo_root")


def test_tc_m_05_not_installed(bed: Bed, station: Player) -> None:
    """A station that could not keep it says so.

    M05
    """
    installs(bed, station, "csms_root", "Failed", "rejected")


def test_tc_m_12_list_roots_of_the_csms(bed: Bed, station: Player) -> None:
    """Certificates of one use are listed.

    M03
    """
    lists(bed, station, "csms_root")


def test_tc_m_13_list_roots_of_the_maker(bed: Bed, station: Player) -> None:
    """Certificates of one use are listed.

    M03
    """
    lists(bed, station, "manufacturer_root")


def test_tc_m_14_list_roots_of_v2g(bed: Bed, station: Player) -> None:
    """Certificates of one use are listed.

    M03
    """
    lists(bed, station, "v2g_root")


def test_tc_m_15_list_the_v2g_chain(bed: Bed, station: Player) -> None:
    """The station's own chain of ISO 15118 is listed.

    M03
    """
    lists(bed, station, "v2g_chain")


def test_tc_m_16_list_roots_of_mobility_operators(bed: Bed, station: Player) -> None:
    """Certificates of one use are listed.

    M03
    """
    lists(bed, station, "mo_root")


def test_tc_m_17_list_two_uses(bed: Bed, station: Player) -> None:
    """Certificates of two uses are listed.

    M03
    """
    lists(bed, station, "csms_root", "manufacturer_root")


def test_tc_m_18_list_all(bed: Bed, station: Player) -> None:
    """Every certificate is listed.

    M03
    """
    lists(bed, station, *USES, asked=())


def test_tc_m_19_none_of_them(bed: Bed, station: Player) -> None:
    """A station that has none says so.

    M03
    """
    asked = {"certificateType": ["MORootCertificate"]}
    answer = {"status": "NotFound"}
    bed.exchange(station, "GetInstalledCertificateIds", asked, answer, state="rejected")


def deletes(bed: Bed, station: Player, answer: str, state: str) -> None:
    """Have a listed certificate forgotten; what is left is listed after."""
    lists(bed, station, "csms_root")
    command = certificates.delete(
        installed=InstalledCertificate.objects.get(station=station.row),
        requested_by=bed.cast.cilla,
        as_of=datetime.now(UTC),
    )
    told = station.obey("DeleteCertificate", status=answer)
    assert told["certificateHashData"]["serialNumber"].lstrip("0") == "1"
    assert bed.ended(command).state == state
    bed.follow(station)


def test_tc_m_20_deleted(bed: Bed, station: Player) -> None:
    """A certificate is taken away by its hashes.

    M04
    """
    deletes(bed, station, "Accepted", "accepted")
    station.obey("GetInstalledCertificateIds", status="NotFound")
    bed.ended(Command.objects.filter(station=station.row).latest("pk"))
    bed.follow(station)

    assert not InstalledCertificate.objects.filter(station=station.row).exists()


def test_tc_m_21_not_deleted(bed: Bed, station: Player) -> None:
    """A station that could not let go of it says so.

    M04
    """
    deletes(bed, station, "Failed", "rejected")

    assert InstalledCertificate.objects.filter(station=station.row).count() == 1


def test_what_only_others_can_prove_is_answered_as_failed(bed: Bed, station: Player) -> None:
    """No responder and no pool of contracts is asked: M_24, M_26 and M_28 end in Failed."""
    asked = {"ocspRequestData": HASHES | {"responderURL": "https://ocsp.example"}}
    assert station.call("GetCertificateStatus", asked)["status"] == "Failed"
    for action in ("Install", "Update"):
        wanted = {
            "iso15118SchemaVersion": "urn:iso:15118:2:2013:MsgDef",
            "action": action,
            "exiRequest": "gJgC",
        }
        assert station.call("Get15118EVCertificate", wanted)["status"] == "Failed"
