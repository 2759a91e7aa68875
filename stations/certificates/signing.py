"""Certificates for stations: their requests are taken, signed, delivered, and tried again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from django.conf import settings
from django.db import transaction

from chargenet.core.models import User
from stations import commands, status
from stations.certificates import authorities, requests, trust
from stations.certificates.authorities import AuthorityFailed
from stations.certificates.identity import CertificateRefused, check_identity
from stations.certificates.requests import STATION_KIND
from stations.models import CertificateRequest, Command, Station, StationAccess, StationReport

ORIGIN: Final = "certificate"
MOST_ATTEMPTS: Final = 4
FIRST_WAIT: Final = timedelta(minutes=5)
LIFETIME: Final = timedelta(hours=12)
# OCPP's own limit for a chain on the wire.
LONGEST_CHAIN: Final = 10_000
WARNED_BEFORE: Final = timedelta(days=30)
State = CertificateRequest.State


@transaction.atomic
def take_request(report: StationReport, as_of: datetime) -> None:
    """Take what a station asks to have signed, and have it signed where we may (A02, A03)."""
    station = report.station
    if CertificateRequest.objects.filter(report_id=report.pk).exists():
        return
    csr = str(report.payload.get("csr", ""))
    kind = str(report.payload.get("certificateType") or STATION_KIND)[:40]
    waiting = CertificateRequest.objects.filter(station=station, kind=kind, state=State.WAITING)
    if waiting.filter(csr=csr).exists():
        return  # the station asks again for what people have not signed yet
    waiting.update(state=State.REFUSED, reason="The station asked anew.", changed_at=as_of)
    row = CertificateRequest(
        operator_id=station.operator_id,
        station=station,
        report_id=report.pk,
        kind=kind,
        request_id=report.request_id,
        csr=csr,
        requested_at=report.received_at,
        changed_at=as_of,
    )
    try:
        request = requests.read_request(csr)
        row.common_name = request.common_name[:160]
        requests.check_name(request, kind=kind, names=names_of(station))
    except CertificateRefused as refused:
        row.state, row.reason = State.REFUSED, str(refused)[:255]
    row.save(force_insert=True)
    if row.state == State.WAITING:
        sign(row, as_of=as_of)


def sign(row: CertificateRequest, *, as_of: datetime) -> None:
    """Ask the operator's authority to sign a waiting request; people's turn where it has none."""
    operator, authority = row.operator, authorities.choose("", "")
    if row.kind == STATION_KIND:  # vehicles' certificates have authorities of their own
        authority = authorities.choose(settings.CERTIFICATE_FOLDER, operator.slug)
    request = requests.read_request(row.csr)
    try:
        signed = authority.sign(request, organization=operator.legal_name, as_of=as_of)
    except AuthorityFailed as failed:
        row.reason, row.attempts = str(failed)[:255], row.attempts + 1
        row.next_try_at = None if failed.permanent else as_of + _wait(row.attempts)
        row.save(update_fields=["reason", "attempts", "next_try_at"])
        return
    if signed is None:
        CertificateRequest.objects.filter(pk=row.pk).update(next_try_at=None)
        return
    trust.ensure_station_authority(operator, signed.issuer, as_of=as_of)
    _keep_chain(row, signed.chain, as_of)


@transaction.atomic
def upload_chain(*, row: CertificateRequest, chain: str, as_of: datetime) -> Command:
    """Take the chain people had signed elsewhere, and send it. Raises CertificateRefused."""
    if row.state not in {State.WAITING, State.SIGNED, State.REJECTED, State.FAILED}:
        raise CertificateRefused("this request is done with")
    leaf = requests.split_chain(chain)[0]
    requests.check_chain(requests.read_request(row.csr), leaf)
    if row.kind == STATION_KIND:
        # What we would not let in must not be sent: the station would lock itself out.
        check_identity(
            chain.encode(),
            names=names_of(row.station),
            trust=trust.trust_of(row.operator),
            is_expired_allowed=False,
            as_of=as_of,
        )
    row.attempts = 0
    return _keep_chain(row, chain, as_of)


@transaction.atomic
def hear_delivery(command: Command, as_of: datetime) -> None:
    """Draw from how a delivery ended whether the station has its certificate now."""
    number = command.origin.partition(":")[2]
    row = CertificateRequest.objects.select_for_update().get(pk=int(number))
    if row.state != State.SIGNED:
        return
    row.changed_at = as_of
    if command.state == Command.State.ACCEPTED:
        row.state = State.ACCEPTED
        if row.kind == STATION_KIND:
            status.record_observation(
                kind="certificate_renewed",
                station_id=row.station_id,
                connector_id=None,
                occurred_at=as_of,
                source_id=row.serial_number,
                as_of=as_of,
            )
    elif command.state == Command.State.REJECTED:
        row.state, row.reason = State.REJECTED, "The station refused the certificate."
    elif row.attempts >= MOST_ATTEMPTS:
        row.state, row.reason = State.FAILED, f"Not delivered: {command.error}"[:255]
    else:
        row.next_try_at, row.reason = as_of + _wait(row.attempts), command.error
    row.save(update_fields=["state", "reason", "next_try_at", "changed_at"])


def try_again(*, as_of: datetime) -> int:
    """Sign and deliver what was put off until now; returns how many requests were due."""
    due = CertificateRequest.objects.filter(next_try_at__lte=as_of).order_by("next_try_at")[:100]
    for number in list(due.values_list("pk", flat=True)):
        with transaction.atomic():
            row = (
                CertificateRequest.objects.select_for_update(skip_locked=True)
                .filter(pk=number, next_try_at__lte=as_of)
                .first()
            )
            if row is not None and row.state == State.WAITING:
                sign(row, as_of=as_of)
            elif row is not None:
                _deliver(row, as_of)
    return len(due)


def warn_of_ends(*, as_of: datetime) -> int:
    """Have stations ask for a new certificate 30 days before theirs ends; returns how many."""
    ending = CertificateRequest.objects.filter(
        state=State.ACCEPTED,
        kind=STATION_KIND,
        not_after__gt=as_of,
        not_after__lt=as_of + WARNED_BEFORE,
        station__is_active=True,
    ).select_related("station")
    asked = 0
    for row in ending:
        newer = CertificateRequest.objects.filter(station=row.station, pk__gt=row.pk)
        seen = row.station.observations.filter(
            kind="certificate_ends", source_id=row.serial_number
        )
        if newer.exclude(state=State.REFUSED).exists() or seen.exists():
            continue
        status.record_observation(
            kind="certificate_ends",
            station_id=row.station_id,
            connector_id=None,
            occurred_at=as_of,
            source_id=row.serial_number,
            detail={"not_after": row.not_after.isoformat()} if row.not_after else {},
            as_of=as_of,
        )
        ask_for_request(station=row.station, requested_by=None, as_of=as_of)
        asked += 1
    return asked


def ask_for_request(*, station: Station, requested_by: User | None, as_of: datetime) -> Command:
    """Have a station make a new key and ask for its certificate."""
    is_16 = station.ocpp_version == "1.6"
    wanted = "SignChargePointCertificate" if is_16 else "SignChargingStationCertificate"
    return commands.send_command(
        station=station,
        action="ExtendedTriggerMessage" if is_16 else "TriggerMessage",
        payload={"requestedMessage": wanted},
        requested_by=requested_by,
        as_of=as_of,
        lifetime=LIFETIME,
    )


def names_of(station: Station) -> set[str]:
    """Return the names a certificate of a station may bear."""
    access = StationAccess.objects.filter(station=station).first()
    bound = access.certificate_name if access else ""
    return {station.identity, station.serial_number, bound} - {""}


def _keep_chain(row: CertificateRequest, chain: str, as_of: datetime) -> Command:
    leaf = requests.split_chain(chain)[0]
    row.chain, row.state, row.reason = chain, State.SIGNED, ""
    row.serial_number = f"{leaf.serial_number:x}"
    row.not_before, row.not_after = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    row.changed_at = as_of
    return _deliver(row, as_of)


def _deliver(row: CertificateRequest, as_of: datetime) -> Command:
    row.attempts, row.next_try_at = row.attempts + 1, None
    row.save()
    payload: dict[str, object] = {"chain": _fitting(row.chain)}
    if not _is_combined(row):
        payload["kind"] = row.kind
    if row.request_id is not None:
        payload["request_id"] = row.request_id
    return commands.send_command(
        station=row.station,
        action=commands.CERTIFICATE_SIGNED,
        payload=payload,
        as_of=as_of,
        lifetime=LIFETIME,
        origin=f"{ORIGIN}:{row.pk}",
    )


def _is_combined(row: CertificateRequest) -> bool:
    """Say whether a station named no kind: its certificate is good for us and for vehicles."""
    if row.report_id is None:
        return False
    report = StationReport.objects.filter(pk=row.report_id).first()
    return report is not None and "certificateType" not in report.payload


def _fitting(chain: str) -> str:
    """Return a chain that fits on the wire: those nearest the root are left out first."""
    certificates: Sequence[x509.Certificate] = requests.split_chain(chain)
    for count in range(len(certificates), 0, -1):
        text = "".join(trust.pem_of(one) for one in certificates[:count])
        if len(text) <= LONGEST_CHAIN:
            return text
    return chain


def _wait(attempts: int) -> timedelta:
    return FIRST_WAIT * (1 << max(attempts - 1, 0))
