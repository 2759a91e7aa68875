"""S01 to S11 of the security programme: who gets in by which profile."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from stations.models import Command, Observation, RevokedCertificate, Station, StationAccess
from tests.cast import Cast
from tests.integration.stations.charger import PASSWORD, Charger
from tests.integration.stations.conftest import GatewayProcess, fresh
from tests.integration.stations.door import pki
from tests.integration.stations.door.fronted import (
    AC,
    DC,
    NORD,
    Knocking,
    knock,
    noted,
    set_profile,
    trust,
)

Until = Callable[[Callable[[], object]], object]
KEY = PASSWORD.encode()


def test_s01_nobody_comes_in_without_credentials(
    cast: Cast, front: GatewayProcess, until: Until
) -> None:
    set_profile(cast, 2)

    assert knock(front, Knocking(AC, is_tls=True)) == 401
    until(noted("authentication_failed", "wrong or missing"))


def test_s02_a_wrong_password_is_refused_and_noted(
    cast: Cast, front: GatewayProcess, until: Until
) -> None:
    set_profile(cast, 2)
    how = Knocking(AC, b"wrong-horse-battery", is_tls=True)

    assert knock(front, how) == 401
    until(noted("authentication_failed"))
    assert Observation.objects.get().detail["address"] == how.address


def test_s03_the_user_must_be_the_station(cast: Cast, front: GatewayProcess, until: Until) -> None:
    set_profile(cast, 2)

    assert knock(front, Knocking(AC, KEY, is_tls=True, user="SOMEBODY")) == 401
    until(noted("authentication_failed"))


def test_s04_one_stations_password_opens_no_other(
    cast: Cast, front: GatewayProcess, until: Until
) -> None:
    set_profile(cast, 2)

    assert knock(front, Knocking(AC, KEY, is_tls=True, user=DC)) == 401
    until(noted("authentication_failed"))


def test_profile_2_needs_tls_and_profile_1_a_trusted_network(
    cast: Cast, front: GatewayProcess, until: Until
) -> None:
    inside = "10.1.2.3"
    set_profile(cast, 2)
    assert knock(front, Knocking(AC, KEY, is_tls=True)) == 101
    assert knock(front, Knocking(AC, KEY, address=inside)) == 401
    until(noted("profile_refused", "without TLS"))
    set_profile(cast, 1)
    assert knock(front, Knocking(AC, KEY, address=inside)) == 101
    assert knock(front, Knocking(AC, KEY)) == 401
    assert knock(front, Knocking(AC, KEY, is_tls=True, address=inside)) == 401


def test_profile_0_needs_a_persons_word_and_a_trusted_network(
    cast: Cast, front: GatewayProcess, until: Until
) -> None:
    set_profile(cast, 0)
    assert knock(front, Knocking(AC, address="10.1.2.3")) == 401
    until(noted("profile_refused", "not allowed"))
    set_profile(cast, 0, is_open_allowed=True)
    assert knock(front, Knocking(AC, address="10.1.2.3")) == 101
    assert knock(front, Knocking(AC)) == 401


def test_s11_after_an_upgrade_the_lower_profile_never_opens(
    cast: Cast, front: GatewayProcess, until: Until
) -> None:
    authority = pki.new_authority()
    trust(cast.ac_station, authority, NORD)
    set_profile(cast, 2, pending_profile=3)
    assert knock(front, Knocking(AC, KEY, is_tls=True)) == 101
    certificate = authority.sign(AC, NORD)

    assert knock(front, Knocking(AC, certificate=certificate, is_tls=True)) == 101

    assert fresh(cast.ac_station).security_profile == 3
    assert StationAccess.objects.get().pending_profile is None
    assert knock(front, Knocking(AC, KEY, is_tls=True)) == 401
    assert knock(front, Knocking(AC, KEY, address="10.1.2.3")) == 401


def test_a_certificate_of_the_station_opens(
    cast: Cast, front: GatewayProcess, authority: pki.Authority
) -> None:
    how = Knocking(AC, certificate=authority.sign(AC, NORD), is_tls=True)

    assert knock(front, how) == 101

    connected = Observation.objects.filter(kind="connected").latest("id").detail
    assert how.certificate is not None
    assert connected == {
        "address": how.address,
        "certificate": f"{how.certificate.serial_number:x}",
    }


@pytest.mark.parametrize(
    ("certificate", "reason"),
    [
        (lambda ca: ca.sign(DC, NORD), "another station's"),
        (lambda ca: ca.sign(AC, "Syd AB"), "organization 'Syd AB'"),
        (lambda ca: ca.sign(AC, ""), "organization ''"),
        (lambda ca: ca.sign(AC, NORD, ends=ago(minutes=1)), "expired"),
        (lambda ca: ca.sign(AC, NORD, starts=ago(days=-1)), "not valid before"),
        (lambda ca: ca.sign(AC, NORD, is_authority=True), "authority's certificate"),
        (lambda ca: pki.new_authority("Other").sign(AC, NORD), "does not trust"),
        # the name of the authority is not its key
        (lambda ca: pki.new_authority().sign(AC, NORD), "does not trust"),
        (lambda ca: None, "showed no certificate"),
    ],
)
def test_s06_s07_a_certificate_that_is_not_the_stations_is_refused(
    cast: Cast,
    front: GatewayProcess,
    authority: pki.Authority,
    until: Until,
    certificate: Callable[[pki.Authority], Any],
    reason: str,
) -> None:
    assert knock(front, Knocking(AC, certificate=certificate(authority), is_tls=True)) == 401

    until(noted("certificate_refused", reason))


def ago(**length: float) -> datetime:
    return datetime.now(UTC) - timedelta(**length)


def test_s07_a_revoked_certificate_is_refused_at_once(
    cast: Cast, front: GatewayProcess, authority: pki.Authority, until: Until
) -> None:
    how = Knocking(AC, certificate=authority.sign(AC, NORD), is_tls=True)
    assert knock(front, how) == 101
    assert how.certificate is not None

    RevokedCertificate.objects.create(
        operator=cast.operator,
        serial_number=f"{how.certificate.serial_number:x}",
        revoked_at=ago(),
    )

    assert knock(front, how) == 401
    until(noted("certificate_refused", "revoked"))


def test_s07_an_expired_certificate_that_is_allowed_makes_the_station_wait_and_renew(
    cast: Cast, front: GatewayProcess, authority: pki.Authority, until: Until
) -> None:
    set_profile(cast, 3, is_expired_allowed=True)
    old = Knocking(AC, certificate=authority.sign(AC, NORD, ends=ago(minutes=5)), is_tls=True)

    async def script() -> tuple[str, list[Any]]:
        charger = Charger(front.url, AC)
        charger.headers = old.headers
        async with charger:
            boot = {"chargePointVendor": "a", "chargePointModel": "b"}
            answer = await charger.call("BootNotification", boot)
            return answer["status"], await charger.called()

    status, called = async_to_sync(script)()

    assert status == "Pending"
    asked = {"requestedMessage": "SignChargePointCertificate"}
    assert called[2:] == ["ExtendedTriggerMessage", asked]
    until(lambda: not fresh(cast.ac_station).is_online)
    new = Knocking(AC, certificate=authority.sign(AC, NORD), is_tls=True)
    assert knock(front, new) == 101
    assert fresh(cast.ac_station).registration == "accepted"
    until(lambda: Command.objects.get().state != "sent")


@pytest.mark.parametrize("secret", ["", "guessed"])
def test_s08_headers_that_are_not_the_fronts_are_ignored(
    cast: Cast, front: GatewayProcess, authority: pki.Authority, until: Until, secret: str
) -> None:
    certificate = authority.sign(AC, NORD)

    assert knock(front, Knocking(AC, certificate=certificate, is_tls=True, secret=secret)) == 401

    until(noted("profile_refused", "without TLS"))
    assert Observation.objects.get(kind="profile_refused").detail["address"] == "127.0.0.1"


def test_s08_without_a_front_nobodys_headers_count(
    cast: Cast, gateway: GatewayProcess, until: Until
) -> None:
    set_profile(cast, 2)

    assert knock(gateway, Knocking(AC, KEY, is_tls=True)) == 401
    until(noted("profile_refused", "without TLS"))


@pytest.mark.parametrize(
    ("field", "serial", "code"),
    [
        ("chargePointSerialNumber", "SN-1", 1000),
        ("chargePointSerialNumber", "SN-2", 1008),
        ("", "", 1000),
    ],
)
def test_b01_fr_12_another_serial_number_than_the_certificates_closes(
    cast: Cast,
    front: GatewayProcess,
    authority: pki.Authority,
    until: Until,
    field: str,
    serial: str,
    code: int,
) -> None:
    Station.objects.filter(pk=cast.ac_station.pk).update(serial_number="SN-1")
    how = Knocking(AC, certificate=authority.sign("SN-1", NORD), is_tls=True)
    boot = {"chargePointVendor": "a", "chargePointModel": "b"} | ({field: serial} if field else {})

    async def script() -> int | None:
        async with connect(
            f"{front.url}/ocpp/{AC}",
            subprotocols=[Subprotocol("ocpp1.6")],
            additional_headers=how.headers,
        ) as socket:
            await socket.send(json.dumps([2, "m1", "BootNotification", boot]))
            if code == 1008:
                await socket.wait_closed()
            else:
                await socket.recv()
                await socket.close()
            return socket.close_code

    assert async_to_sync(script)() == code
    if code == 1008:
        until(noted("serial_mismatch"))
        assert not fresh(cast.ac_station).vendor
