"""Block M of OCPP 2.0.1: which certificates a station trusts."""

from typing import Any

from tests.conformance.bed import Bed
from tests.conformance.player import Player
from tests.conformance.v201.test_n_logs import HASHES

ACCEPTED = {"status": "Accepted"}
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"
# Our word for each use, and the standard's.
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
    bed.exchange(
        station,
        "InstallCertificate",
        {"certificateType": USES[use], "certificate": CERTIFICATE},
        {"status": answer},
        word="install_certificate",
        wish={"kind": use, "certificate": CERTIFICATE},
        state=state,
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
    names = ("issuerNameHash", "issuer_name_hash"), ("issuerKeyHash", "issuer_key_hash")
    wish = {ours: HASHES[theirs] for theirs, ours in names} | {"serial_number": "01"}
    bed.exchange(
        station,
        "DeleteCertificate",
        {"certificateHashData": HASHES},
        {"status": answer},
        word="delete_certificate",
        wish=wish,
        state=state,
    )


def test_tc_m_20_deleted(bed: Bed, station: Player) -> None:
    """A certificate is taken away by its hashes.

    M04
    """
    deletes(bed, station, "Accepted", "accepted")


def test_tc_m_21_not_deleted(bed: Bed, station: Player) -> None:
    """A station that could not let go of it says so.

    M04
    """
    deletes(bed, station, "Failed", "rejected")
