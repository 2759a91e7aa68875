"""Signed meter values of sessions: kept word for word, believed once the key is."""

import base64
from typing import Any

import pytest

from stations import signatures
from stations.models import (
    MeterKey,
    MeterValue,
    Observation,
    Session,
    SignedReading,
    Station,
)
from tests import cast
from tests.integration.stations.smart_station import (
    NOW,
    begin,
)
from tests.unit.stations.test_signed import ocmf, public

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> cast.Cast:
    made = cast.make_cast()
    Station.objects.update(is_online=True)
    return made


def signed_session(made: cast.Cast, text: str, key: str = "") -> Session:
    session = begin(made.socket, "77")
    wrapped: dict[str, Any] = {"signedMeterData": base64.b64encode(text.encode()).decode()}
    if key:
        told = f"oca:base16:asn1:{key}".encode()
        wrapped["publicKey"] = base64.b64encode(told).decode()
    MeterValue.objects.create(
        id=session.pk,
        operator_id=session.operator_id,
        station_id=session.station_id,
        connector_id=session.connector_id,
        session_id=session.pk,
        occurred_at=NOW,
        received_at=NOW,
        extra={"other": [{"signedMeterValue": wrapped, "context": "Transaction.End"}]},
    )
    return session


def test_a_signed_value_is_kept_word_for_word_and_believed_once_its_key_is(
    made: cast.Cast,
) -> None:
    session = signed_session(made, ocmf(), public())

    assert signatures.keep_signed(session_id=session.pk, as_of=NOW) == 1
    assert signatures.keep_signed(session_id=session.pk, as_of=NOW) == 0
    reading = SignedReading.objects.get()
    assert (reading.verdict, reading.reason) == ("unknown", "no key is trusted yet")
    assert (reading.energy_wh, reading.meter_serial) == (13_500, "M-1")

    key = MeterKey.objects.get()
    assert signatures.approve_key(key=key, approved_by=made.cilla, as_of=NOW) == 1
    reading.refresh_from_db()
    assert reading.verdict == "good"


def test_a_signature_that_does_not_hold_makes_a_person_look(made: cast.Cast) -> None:
    session = signed_session(made, ocmf().replace("13.5", "99.5"))
    signatures.add_key(
        station=made.ac_station,
        connector_id=None,
        key=public(),
        approved_by=made.cilla,
        as_of=NOW,
    )
    Session.objects.filter(pk=session.pk).update(completed_at=NOW)

    assert signatures.sweep_signed(as_of=NOW) == 1

    session.refresh_from_db()
    assert session.needs_review
    assert session.flags == ["signature_bad"]
    assert Observation.objects.get().kind == "meter_signature_bad"
    with pytest.raises(signatures.KeyRefused):
        signatures.add_key(
            station=made.ac_station,
            connector_id=None,
            key="no key",
            approved_by=made.cilla,
            as_of=NOW,
        )


def test_text_that_is_no_ocmf_is_kept_all_the_same(made: cast.Cast) -> None:
    session = signed_session(made, "<signedData/>")

    signatures.keep_signed(session_id=session.pk, as_of=NOW)

    reading = SignedReading.objects.get()
    assert (reading.verdict, reading.sample["context"]) == ("unknown", "Transaction.End")
    assert reading.reason.startswith("not OCMF")
