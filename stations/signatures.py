"""Signed meter values of sessions: kept word for word, and checked where the key is trusted."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from chargenet.core.models import User
from stations import status
from stations.metering import signed
from stations.metering.signed import NotOcmf, Ocmf, Verdict
from stations.models import MeterKey, MeterValue, Session, SignedReading, Station

BAD_FLAG: Final = "signature_bad"
OBSERVED: Final = "meter_signature_bad"
LOOKED_BACK: Final = timedelta(hours=1)
MOST_AT_ONCE: Final = 500
MOST_READINGS: Final = 200


class KeyRefused(ValueError):
    """A text that is no public key a signature could be held against."""


@transaction.atomic
def keep_signed(*, session_id: int, as_of: datetime) -> int:
    """Keep what a session's meter signed, and check it; returns how many readings are new."""
    session = Session.objects.select_related("connector").get(pk=session_id)
    rows = MeterValue.objects.filter(session_id=session_id, extra__other__isnull=False)
    new = 0
    for row in rows.order_by("occurred_at")[:MOST_READINGS]:
        for sample in _signed_samples(row):
            new += _keep(session, row, sample, as_of)
    if new:
        _judge(session, as_of)
    return new


def sweep_signed(*, as_of: datetime) -> int:
    """Keep what a lost nudge left of the last hour; returns how many readings are new."""
    ids = Session.objects.filter(completed_at__gt=as_of - LOOKED_BACK, signed_readings=None)
    signing = Q(
        pk__in=MeterValue.objects.filter(
            session_id__in=ids.values("pk"), extra__other__isnull=False
        ).values("session_id")
    )
    found = list(ids.filter(signing).values_list("pk", flat=True)[:MOST_AT_ONCE])
    return sum(keep_signed(session_id=session_id, as_of=as_of) for session_id in found)


def _signed_samples(row: MeterValue) -> Iterator[Mapping[str, Any]]:
    for sample in (row.extra or {}).get("other") or []:
        if isinstance(sample, Mapping) and (
            sample.get("format") == "SignedData" or "signedMeterValue" in sample
        ):
            yield sample


def _keep(session: Session, row: MeterValue, sample: Mapping[str, Any], as_of: datetime) -> int:
    text, key, encoding = signed.unwrap(sample)
    digest = blake2b(text.encode(), digest_size=16).hexdigest()
    if SignedReading.objects.filter(session=session, digest=digest).exists():
        return 0
    reading = SignedReading(
        operator_id=session.operator_id,
        station_id=session.station_id,
        connector_id=session.connector_id,
        session=session,
        occurred_at=row.occurred_at,
        context=str(sample.get("context", ""))[:24],
        encoding=encoding or ("OCMF" if text.startswith(signed.PREFIX) else ""),
        sample=dict(sample),
        digest=digest,
        public_key=key[:1024],
        checked_at=as_of,
    )
    if key:
        _see_key(reading, as_of)
    _check(reading)
    reading.save(force_insert=True)
    return 1


def _see_key(reading: SignedReading, as_of: datetime) -> None:
    """Note a key first seen on the wire; nothing is believed by it until a person says so."""
    MeterKey.objects.get_or_create(
        station_id=reading.station_id,
        connector_id=reading.connector_id,
        key=reading.public_key,
        defaults={"operator_id": reading.operator_id, "first_seen_at": as_of},
    )


def _check(reading: SignedReading) -> None:
    """Write on a reading what its text says and whether its signature holds."""
    text, _, _ = signed.unwrap(reading.sample)
    try:
        document = signed.parse_ocmf(text)
    except NotOcmf as error:
        verdict = Verdict(signed.UNKNOWN, f"not OCMF: {error}")
    else:
        reading.energy_wh = document.energy_wh
        reading.meter_serial = document.meter_serial
        verdict = _verdict(reading, document)
    reading.verdict, reading.reason = verdict.word, verdict.reason[:80]


def _verdict(reading: SignedReading, document: Ocmf) -> Verdict:
    """Hold a document against every trusted key of its meter; one that fits is enough."""
    keys = MeterKey.objects.filter(
        Q(connector_id=reading.connector_id) | Q(connector_id=None),
        station_id=reading.station_id,
        approved_at__isnull=False,
    ).values_list("key", flat=True)
    verdicts = [signed.check(document, key) for key in keys]
    if not verdicts:
        return Verdict(signed.UNKNOWN, "no key is trusted yet")
    for word in (signed.GOOD, signed.BAD):
        for verdict in verdicts:
            if verdict.word == word:
                return verdict
    return verdicts[0]


def _judge(session: Session, as_of: datetime) -> None:
    """Let a person look at a session one of whose signatures does not hold, and a rule see it."""
    bad = session.signed_readings.filter(verdict=signed.BAD).order_by("pk").first()
    if bad is None:
        return
    if BAD_FLAG not in session.flags:
        Session.objects.filter(pk=session.pk).update(
            flags=[*session.flags, BAD_FLAG], needs_review=True
        )
    status.record_observation(
        kind=OBSERVED,
        station_id=session.station_id,
        connector_id=session.connector_id,
        occurred_at=bad.occurred_at,
        source_id=f"session:{session.pk}",
        as_of=as_of,
    )


@transaction.atomic
def approve_key(*, key: MeterKey, approved_by: User, as_of: datetime) -> int:
    """Trust a key from now on, and check its meter's readings anew; returns how many."""
    MeterKey.objects.filter(pk=key.pk).update(approved_at=as_of, approved_by=approved_by)
    rows = SignedReading.objects.filter(station_id=key.station_id)
    if key.connector_id is not None:
        rows = rows.filter(connector_id=key.connector_id)
    checked = list(rows.order_by("-pk")[:MOST_AT_ONCE])
    for reading in checked:
        _check(reading)
        reading.checked_at = as_of
    SignedReading.objects.bulk_update(
        checked, ["verdict", "reason", "energy_wh", "meter_serial", "checked_at"]
    )
    sessions = Session.objects.filter(pk__in={reading.session_id for reading in checked})
    for session in sessions:
        _judge(session, as_of)
    return len(checked)


def add_key(
    *, station: Station, connector_id: int | None, key: str, approved_by: User, as_of: datetime
) -> MeterKey:
    """Trust a key that came on paper; raises KeyRefused for what is none."""
    plain = "".join(key.split()).lower()
    if not signed.decode(plain) or len(plain) > 1024:
        raise KeyRefused("a public key is DER in hexadecimal")
    row = MeterKey.objects.filter(station=station, key=plain, connector=connector_id).first()
    if row is None:
        row = MeterKey.objects.create(
            operator_id=station.operator_id,
            station=station,
            connector_id=connector_id,
            key=plain,
            first_seen_at=as_of,
        )
    approve_key(key=row, approved_by=approved_by, as_of=as_of)
    return row
