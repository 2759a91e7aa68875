"""Real TLS through the front of deploy/: TC_A_04 to TC_A_08, S25 and S62."""

import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from asgiref.sync import async_to_sync
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from stations.models import StationAccess
from tests.cast import Cast
from tests.integration.stations.charger import PASSWORD, basic
from tests.integration.stations.conftest import GatewayProcess, fresh
from tests.integration.stations.door import pki
from tests.integration.stations.door.fronted import (
    AC,
    FRONT_SECRET,
    NORD,
    noted,
    set_profile,
    trust,
)
from tests.integration.stations.door.tls_front import (
    HEADER_TIMEOUT_S,
    Front,
    find_nginx,
    start_front,
)

Until = Callable[[Callable[[], object]], object]
LOGIN = basic(AC.encode(), PASSWORD.encode())


@pytest.fixture(scope="module")
def front_server(
    front_process: GatewayProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Front]:
    nginx = find_nginx()
    if nginx is None:
        pytest.skip("nginx is not installed: the TLS front of deploy/ is NOT tested here")
    front = start_front(nginx, tmp_path_factory.mktemp("front"), front_process)
    yield front
    front.process.terminate()
    front.process.wait(timeout=30)


@pytest.fixture
def tls(front: GatewayProcess, front_server: Front) -> Front:
    return front_server


def knock(
    front: Front, context: ssl.SSLContext, headers: dict[str, str], *, is_legacy: bool = False
) -> int:
    async def run() -> int:
        port = front.legacy_port if is_legacy else front.port
        try:
            async with connect(
                f"wss://127.0.0.1:{port}/ocpp/{AC}",
                ssl=context,
                server_hostname="localhost",
                subprotocols=[Subprotocol("ocpp1.6")],
                additional_headers=headers,
            ) as socket:
                await socket.send('[2,"m1","Heartbeat",{}]')
                await socket.recv()
                return 101
        except InvalidStatus as refusal:
            return refusal.response.status_code

    return async_to_sync(run)()


@pytest.mark.parametrize("kind", ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384"])
def test_tc_a_04_a_station_that_checks_the_servers_certificate_comes_in(
    cast: Cast, tls: Front, kind: str
) -> None:
    """A station that checks our certificate comes in, with every suite it must be offered.

    A00.FR.306, A00.FR.312
    """
    set_profile(cast, 2)
    context = tls.client()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(kind)

    assert knock(tls, context, LOGIN) == 101
    assert knock(tls, tls.client(), LOGIN) == 101


def test_a_password_alone_opens_nothing_over_tls(cast: Cast, tls: Front, until: Until) -> None:
    set_profile(cast, 2)

    assert knock(tls, tls.client(), {}) == 401
    until(noted("authentication_failed"))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_tc_a_06_a_tls_version_that_is_too_low_is_refused(
    cast: Cast, tls: Front, version: ssl.TLSVersion
) -> None:
    """TLS below 1.2 is refused at every door.

    A00.FR.313
    """
    context = tls.client()
    context.minimum_version = context.maximum_version = version
    context.set_ciphers("ALL:@SECLEVEL=0")

    for port in (tls.port, tls.legacy_port):
        with (
            socket.create_connection(("127.0.0.1", port)) as plain,
            pytest.raises(ssl.SSLError, match=r"(?i)protocol.version"),
        ):
            context.wrap_socket(plain, server_hostname="localhost")


def test_s62_the_suites_without_forward_secrecy_have_a_door_of_their_own(
    cast: Cast, tls: Front
) -> None:
    set_profile(cast, 2)
    context = tls.client()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES128-GCM-SHA256:AES256-GCM-SHA384")

    with pytest.raises(ssl.SSLError):
        knock(tls, context, LOGIN)
    assert knock(tls, context, LOGIN, is_legacy=True) == 101


@pytest.mark.parametrize("suite", ["AES128-SHA", "ECDHE-RSA-AES128-SHA", "DHE-RSA-AES128-SHA"])
def test_s62_weak_suites_are_refused_everywhere(cast: Cast, tls: Front, suite: str) -> None:
    context = tls.client()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(f"{suite}:@SECLEVEL=0")

    for is_legacy in (False, True):
        with pytest.raises(ssl.SSLError):
            knock(tls, context, LOGIN, is_legacy=is_legacy)


@pytest.fixture
def ours(cast: Cast) -> pki.Authority:
    made = pki.new_authority()
    trust(cast.ac_station, made, NORD)
    set_profile(cast, 3)
    return made


def station_client(tls: Front, authority: pki.Authority, name: str, **more: Any) -> ssl.SSLContext:
    key = pki.new_key()
    return tls.client(authority.sign(name, NORD, public_key=key.public_key(), **more), key)


def test_tc_a_07_a_valid_client_certificate_comes_in(
    cast: Cast, tls: Front, ours: pki.Authority
) -> None:
    """A station that shows its own certificate comes in without a password.

    A00.FR.403, A00.FR.405
    """
    assert knock(tls, station_client(tls, ours, AC), {}) == 101


def test_tc_a_08_an_invalid_client_certificate_is_refused(
    cast: Cast, tls: Front, ours: pki.Authority, until: Until
) -> None:
    """A foreign, another's, an expired or no certificate is refused, and noted.

    A00.FR.403, A00.FR.405, A00.FR.407
    """
    past = datetime.now(UTC) - timedelta(minutes=5)

    assert knock(tls, station_client(tls, pki.new_authority("Other"), AC), {}) == 401
    assert knock(tls, station_client(tls, ours, "NORD-DC-1"), {}) == 401
    assert knock(tls, station_client(tls, ours, AC, ends=past), {}) == 401
    assert knock(tls, tls.client(), LOGIN) == 401
    until(noted("certificate_refused"))


def test_an_expired_certificate_reaches_the_gateway_that_may_let_it_renew(
    cast: Cast, tls: Front, ours: pki.Authority
) -> None:
    StationAccess.objects.create(
        station=cast.ac_station, operator=cast.operator, is_expired_allowed=True
    )
    past = datetime.now(UTC) - timedelta(minutes=5)

    assert knock(tls, station_client(tls, ours, AC, ends=past), {}) == 101
    assert fresh(cast.ac_station).registration == "pending"


def test_s08_headers_a_station_forges_do_not_pass_the_front(
    cast: Cast, tls: Front, ours: pki.Authority, until: Until
) -> None:
    stolen = quote(pki.pem(ours.sign(AC, NORD)))
    forged = {"X-SSL-Client-Cert": stolen, "X-ChargeNet-Front": FRONT_SECRET}

    assert knock(tls, tls.client(), forged) == 401
    until(noted("certificate_refused", "showed no certificate"))


def test_s25_a_handshake_that_takes_for_ever_is_closed(cast: Cast, tls: Front) -> None:
    with socket.create_connection(("127.0.0.1", tls.port)) as silent:
        silent.settimeout(HEADER_TIMEOUT_S * 10)
        assert silent.recv(1) == b""
    with (
        socket.create_connection(("127.0.0.1", tls.port)) as plain,
        tls.client().wrap_socket(plain, server_hostname="localhost") as slow,
    ):
        slow.settimeout(HEADER_TIMEOUT_S * 10)
        slow.send(b"GET /ocpp/NORD-AC-1 HTTP/1.1\r\nHost: a\r\n")
        assert slow.recv(1) == b""


def test_s25_thousands_of_headers_are_refused(cast: Cast, tls: Front) -> None:
    head = b"GET /ocpp/NORD-AC-1 HTTP/1.1\r\nHost: a\r\n" + b"X-A: b\r\n" * 5000 + b"\r\n"
    with (
        socket.create_connection(("127.0.0.1", tls.port)) as plain,
        tls.client().wrap_socket(plain, server_hostname="localhost") as flood,
    ):
        flood.settimeout(20)
        flood.sendall(head)
        assert flood.recv(12).split()[1] in {b"400", b"431", b"414", b"494"}


def test_what_is_no_stations_address_is_404_at_the_front(cast: Cast, tls: Front) -> None:
    with (
        socket.create_connection(("127.0.0.1", tls.port)) as plain,
        tls.client().wrap_socket(plain, server_hostname="localhost") as asking,
    ):
        asking.settimeout(20)
        asking.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert asking.recv(12).split()[1] == b"404"
