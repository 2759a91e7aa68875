"""The TLS front of deploy/, run for real, with certificates made for the test."""

import shutil
import ssl
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.integration.stations.conftest import ROOT, START_WITHIN_S, GatewayProcess, free_port
from tests.integration.stations.door import pki
from tests.integration.stations.door.fronted import FRONT_SECRET

TEMPLATE = ROOT / "deploy" / "front" / "nginx.conf.template"
HEADER_TIMEOUT_S = 2


def find_nginx() -> str | None:
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


@dataclass
class Front:
    """An nginx that serves stations over TLS, and whoever trusts it."""

    folder: Path
    port: int
    legacy_port: int
    authority: pki.Authority
    process: subprocess.Popen[bytes]

    def client(
        self, certificate: x509.Certificate | None = None, key: pki.Key | None = None
    ) -> ssl.SSLContext:
        """Return the TLS settings of a station that trusts the front."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=pki.pem(self.authority.certificate))
        if certificate is not None and key is not None:
            path = self.folder / f"client-{certificate.serial_number:x}.pem"
            path.write_text(pki.pem(certificate) + pki.key_pem(key))
            context.load_cert_chain(path)
        return context


def render(values: dict[str, str]) -> str:
    text = TEMPLATE.read_text()
    for name, value in values.items():
        text = text.replace("${" + name + "}", value)
    assert "${" not in text, "a value of the template was not given"
    return text


def start_front(nginx: str, folder: Path, gateway: GatewayProcess) -> Front:
    """Start the front; its configuration is held against nginx's own test first."""
    authority = pki.new_authority("Front CA")
    port, legacy_port = free_port(), free_port()
    values = {
        "RUN_FOLDER": str(folder),
        "HEADER_TIMEOUT": f"{HEADER_TIMEOUT_S}s",
        "GATEWAY_ADDRESS": f"127.0.0.1:{gateway.port}",
        "FRONT_SECRET": FRONT_SECRET,
        "TLS_LISTEN": f"127.0.0.1:{port}",
        "LEGACY_LISTEN": f"127.0.0.1:{legacy_port}",
        **_server_keys(folder, authority),
    }
    path = folder / "nginx.conf"
    path.write_text(render(values))
    tested = subprocess.run(
        [nginx, "-t", "-c", str(path), "-p", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert tested.returncode == 0, tested.stderr
    with (folder / "stderr.txt").open("wb") as log:
        process = subprocess.Popen(
            [nginx, "-c", str(path), "-p", str(folder), "-g", "daemon off;"], stderr=log
        )
    front = Front(folder, port, legacy_port, authority, process)
    _wait(front)
    return front


def _server_keys(folder: Path, authority: pki.Authority) -> dict[str, str]:
    made = {}
    rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    for kind, key in (("RSA", rsa_key), ("ECDSA", pki.new_key())):
        certificate = authority.sign("localhost", "Front", public_key=key.public_key())
        for what, text in (
            ("CERTIFICATE", pki.pem(certificate).encode()),
            ("KEY", key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())),
        ):
            path = folder / f"{kind}-{what}.pem".lower()
            path.write_bytes(text)
            made[f"{kind}_{what}"] = str(path)
    return made


def _wait(front: Front) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    pid = front.folder / "nginx.pid"
    while not pid.exists():
        assert front.process.poll() is None, (front.folder / "stderr.txt").read_text()
        assert time.monotonic() < deadline
        time.sleep(0.02)
