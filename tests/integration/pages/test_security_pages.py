"""The deeds of the security pages, who may do them, and how often somebody may fail to sign in."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisAway

from chargenet.core.models import AuditEntry, User
from chargenet.dashboard import throttle
from stations import security
from stations.models import (
    CertificateAuthority,
    CertificateRequest,
    Command,
    Observation,
    OrphanStop,
    RevokedCertificate,
    Session,
    Station,
    StationAccess,
)
from tests.cast import Cast, make_cast
from tests.integration.stations.door import pki

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    made = make_cast()
    Station.objects.filter(pk=made.ac_station.pk).update(ocpp_version="1.6")
    return made


@contextmanager
def signed_in(person: User, as_web: Any) -> Iterator[Client]:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    with as_web(None):
        yield client


def station_step(cast: Cast, as_web: Any, person: User, **form: str) -> int:
    address = reverse("station_security_change", args=[cast.ac_station.pk])
    with signed_in(person, as_web) as client:
        return client.post(address, form).status_code


def trust_step(cast: Cast, as_web: Any, person: User, **form: str) -> int:
    with signed_in(person, as_web) as client:
        return client.post(reverse("certificates_change"), form).status_code


def test_an_operator_rotates_a_password_and_the_audit_says_so_without_it(
    cast: Cast, as_web: Any
) -> None:
    assert station_step(cast, as_web, cast.cilla, step="rotate") == 302

    command = Command.objects.get()
    assert command.payload == {"key": "AuthorizationKey", "value": "***"}
    entry = AuditEntry.objects.get(action="security.rotate")
    assert (entry.user_id, entry.details) == (cast.cilla.pk, {"command": command.pk})


def test_what_the_page_allows_a_station_is_kept_and_audited(cast: Cast, as_web: Any) -> None:
    form = {"certificate_name": "CN-1", "is_open_allowed": "1"}
    assert station_step(cast, as_web, cast.cilla, step="settings", **form) == 302

    kept = StationAccess.objects.get()
    assert (kept.certificate_name, kept.is_open_allowed, kept.is_expired_allowed) == (
        "CN-1",
        True,
        False,
    )
    assert AuditEntry.objects.filter(action="security.settings").exists()


def test_a_technician_reads_and_changes_nothing(cast: Cast, as_web: Any) -> None:
    page = reverse("station_security", args=[cast.ac_station.pk])
    with signed_in(cast.dag, as_web) as client:
        text = client.get(page).content.decode()

    assert "How it proves who it is" in text
    assert "New password" not in text
    assert station_step(cast, as_web, cast.dag, step="rotate") == 403
    assert not Command.objects.exists()


def test_an_unknown_step_does_nothing_and_says_so(cast: Cast, as_web: Any) -> None:
    assert station_step(cast, as_web, cast.cilla, step="explode") == 302
    assert trust_step(cast, as_web, cast.cilla, step="explode") == 302
    assert not AuditEntry.objects.exists()


def test_an_authority_is_trusted_dropped_and_a_certificate_revoked(
    cast: Cast, as_web: Any
) -> None:
    root = pki.pem(pki.new_authority().certificate)
    assert trust_step(cast, as_web, cast.cilla, step="add", use="station", pem=root) == 302
    row = CertificateAuthority.objects.get()
    assert trust_step(cast, as_web, cast.cilla, step="drop", authority=str(row.pk)) == 302
    assert trust_step(cast, as_web, cast.cilla, step="revoke", serial_number="0A:1B") == 302

    row.refresh_from_db()
    assert (row.operator_id, row.added_by_id, row.is_active) == (
        cast.operator.pk,
        cast.cilla.pk,
        False,
    )
    assert RevokedCertificate.objects.get().serial_number == "a1b"
    done = set(AuditEntry.objects.values_list("action", flat=True))
    assert done == {"authority.add", "authority.drop", "certificate.revoke"}


def test_another_operators_authority_and_request_are_out_of_reach(cast: Cast, as_web: Any) -> None:
    root, now = pki.pem(pki.new_authority().certificate), timezone.now()
    trust_step(cast, as_web, cast.cilla, step="add", use="station", pem=root)
    authority = CertificateAuthority.objects.get()
    request = CertificateRequest.objects.create(
        operator=cast.operator,
        station=cast.ac_station,
        kind="ChargingStationCertificate",
        csr=pki.new_request(pki.new_key(), "NORD-AC-1"),
        requested_at=now,
        changed_at=now,
    )

    erik = cast.erik
    assert trust_step(cast, as_web, erik, step="drop", authority=str(authority.pk)) == 404
    assert trust_step(cast, as_web, erik, step="upload", request=str(request.pk)) == 404
    stolen = {"step": "add", "use": "station", "pem": root, "operator": str(cast.operator.pk)}
    assert trust_step(cast, as_web, erik, **stolen) == 404
    with signed_in(erik, as_web) as client:
        assert "Nord Charging CA" not in client.get(reverse("certificates")).content.decode()


def test_security_events_are_listed_filtered_and_exported(cast: Cast, as_web: Any) -> None:
    now = timezone.now()
    for number, (kind, detail) in enumerate(
        [
            ("security_event", {"type": "TamperDetectionActivated", "severity": "critical"}),
            ("authentication_failed", {"address": "198.51.100.7", "severity": "notable"}),
            ("connected", {"address": "198.51.100.7"}),
        ]
    ):
        Observation.objects.create(
            operator=cast.operator,
            station=cast.ac_station,
            kind=kind,
            detail=detail,
            source_id=str(number),
            occurred_at=now,
            received_at=now,
        )

    with signed_in(cast.cilla, as_web) as client:
        whole = client.get(reverse("security_list")).content.decode()
        critical = client.get(reverse("security_list") + "?severity=critical&format=csv")
    rows = critical.content.decode().strip().splitlines()

    assert "TamperDetectionActivated" in whole
    assert "198.51.100.7" in whole
    assert len(rows) == 2
    assert "TamperDetectionActivated" in rows[1]


@pytest.mark.parametrize(
    ("told", "severity"),
    [
        ("TamperDetectionActivated", "critical"),
        ("InvalidCentralSystemCertificate", "critical"),
        ("FirmwareUpdated", "critical"),
        ("InvalidMessages", "notable"),
        ("VendorsOwn", "notable"),
    ],
)
def test_the_standards_critical_types_are_critical(told: str, severity: str) -> None:
    assert security.severity_of_type(told) == severity


def test_s16_stopping_another_stations_session_is_noted_once(cast: Cast) -> None:
    now = timezone.now()
    Session.objects.create(
        operator=cast.operator,
        station=cast.dc_station,
        connector=cast.tethered,
        ocpp_transaction_id="4711",
        started_at=now,
        received_at=now,
    )
    for number in ("4711", "815"):
        OrphanStop.objects.create(
            operator=cast.operator,
            station=cast.ac_station,
            ocpp_transaction_id=number,
            occurred_at=now,
            received_at=now,
            payload={},
        )

    assert [security.note_foreign_stops(as_of=now) for _ in range(2)] == [1, 1]
    noted = Observation.objects.get(kind="foreign_transaction")
    assert noted.station_id == cast.ac_station.pk


def try_to_sign_in(email: str, address: str, password: str = "wrong") -> int:
    form = {"username": email, "password": password}
    return Client(REMOTE_ADDR=address).post(reverse("sign_in"), form).status_code


def test_guessing_at_one_name_is_stopped_and_the_owner_elsewhere_is_not(cast: Cast) -> None:
    email = f"{uuid.uuid4()}@example.org"
    owner = User.objects.create_user(email, "b5Kd-fjord-91", name="Owner")
    here, elsewhere = f"2001:db8::{uuid.uuid4().hex[:4]}", f"2001:db8:1::{uuid.uuid4().hex[:4]}"

    found = [try_to_sign_in(email, here) for _ in range(throttle.MOST_PAIR + 1)]

    assert found == [200] * throttle.MOST_PAIR + [429]
    assert try_to_sign_in(email, here, "b5Kd-fjord-91") == 429
    assert try_to_sign_in(owner.email, elsewhere, "b5Kd-fjord-91") == 302


def test_without_the_cache_people_still_sign_in(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise RedisAway

    for name in ("get_many", "add", "incr"):
        monkeypatch.setattr(cache, name, away, raising=False)
    email = f"{uuid.uuid4()}@example.org"
    User.objects.create_user(email, "b5Kd-fjord-91", name="Owner")

    assert try_to_sign_in(email, "192.0.2.1") == 200
    assert try_to_sign_in(email, "192.0.2.1", "b5Kd-fjord-91") == 302


def test_the_events_of_one_station_are_paged_and_narrowed(cast: Cast, as_web: Any) -> None:
    now = timezone.now()
    Observation.objects.bulk_create(
        Observation(
            operator=cast.operator,
            station=cast.ac_station,
            kind="security_event",
            detail={"type": f"VendorEvent{n:02}", "severity": "notable"},
            occurred_at=now - timedelta(minutes=n),
            received_at=now,
        )
        for n in range(60)
    )
    address = reverse("station_security", args=[cast.ac_station.pk])

    with signed_in(cast.dag, as_web) as client:
        first, second = (client.get(f"{address}?page={n}").content.decode() for n in (1, 2))
        found = client.get(f"{address}?q=event59").content.decode()
        none = client.get(f"{address}?severity=critical").content.decode()

    assert "VendorEvent49" in first
    assert "VendorEvent59" not in first
    assert "VendorEvent59" in second
    assert "VendorEvent59" in found
    assert "VendorEvent01" not in found
    assert "VendorEvent" not in none
