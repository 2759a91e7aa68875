"""What rules are shown of a station: what is written on it, what goes on, what was told."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from faults import queries
from faults.models import Ticket
from faults.rules.protocol import Snapshot
from stations import commands
from stations.models import (
    Cable,
    CableFitting,
    ConnectorSignal,
    MeterValue,
    Observation,
    Session,
)
from tests import cast
from tests.cast import Cast
from tests.integration.faults import scene
from tests.integration.faults.scene import NOON, minutes

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    return cast.make_cast()


def shown(station_id: int, minute: float = 1) -> Snapshot:
    taken = queries.take_snapshot(station_id, NOON + minutes(minute))
    assert taken is not None
    return taken.snapshot


def sample(session: Session, at: datetime, **said: object) -> None:
    MeterValue.objects.create(
        id=int(at.timestamp()),
        operator_id=session.operator_id,
        station_id=session.station_id,
        connector_id=session.connector_id,
        session_id=session.pk,
        occurred_at=at,
        received_at=at,
        **said,
    )


def test_a_card_says_what_a_connector_is_and_what_it_gives(made: Cast) -> None:
    cable = Cable.objects.create(operator=made.ac_station.operator, serial_number="K-9")
    CableFitting.objects.create(
        operator=cable.operator, cable=cable, connector=made.socket, fitted_at=NOON
    )
    for signal, seen_at in (("energy", NOON), ("soc", None)):
        ConnectorSignal.objects.create(
            operator=cable.operator,
            connector=made.socket,
            signal=signal,
            seen_at=seen_at,
            looked_at=NOON,
        )

    card = shown(made.ac_station.pk).cards[made.socket.pk]

    assert (card.cable_id, card.cable_since) == (cable.pk, NOON)
    assert card.signals == frozenset({"energy"})
    assert card.has_cable
    assert not card.is_dc
    assert shown(made.dc_station.pk).cards[made.tethered.pk].signals is None


def test_every_word_about_a_station_is_shown_once(made: Cast) -> None:
    Observation.objects.create(
        operator=made.ac_station.operator,
        station=made.ac_station,
        connector=made.socket,
        kind="reading",
        detail={"cable_c": 61.0},
        occurred_at=NOON,
        received_at=NOON,
    )

    notices = shown(made.ac_station.pk).notices

    assert [(one.kind, one.connector_id, one.detail["cable_c"]) for one in notices] == [
        ("reading", made.socket.pk, 61.0)
    ]


def test_a_session_that_draws_nothing_is_shown_with_since_when(made: Cast) -> None:
    session = scene.charge(made.socket, made.astrids_token, at=NOON - minutes(90))
    for minute, power_w in ((-60, 11_000), (-30, 0), (-10, 0)):
        sample(session, NOON + minutes(minute), power_w=power_w)
    Session.objects.filter(pk=session.pk).update(
        state="open", ended_at=None, completed_at=None, last_power_w=0, last_register_wh=5000
    )

    open_session = shown(made.ac_station.pk).open_sessions[made.socket.pk]

    assert open_session.still_since == NOON - minutes(60)
    assert (open_session.power_w, open_session.is_suspended) == (0, False)


def test_a_completed_session_is_measured_and_says_how_it_began(made: Cast) -> None:
    session = scene.charge(made.socket, made.astrids_token, at=NOON - minutes(60))
    for minute in range(0, 40):
        at = NOON - minutes(60) + minutes(minute)
        amperes = Decimal(16)
        sample(
            session,
            at,
            energy_wh=1000 + 184 * minute,
            power_w=11_040,
            current_l1_a=amperes,
            current_l2_a=amperes,
            current_l3_a=amperes,
        )

    (outcome,) = shown(made.ac_station.pk).sessions

    assert outcome.channel == "rfid"
    assert outcome.measures is not None
    assert outcome.measures.samples == 40
    assert outcome.measures.phase_shares == pytest.approx((1, 1, 1))


def test_a_session_that_was_asked_for_is_not_the_readers(made: Cast) -> None:
    commands.send_command(
        station=made.ac_station,
        action=commands.REMOTE_START,
        payload={"token": made.astrids_token.uid, "evse": 1},
        as_of=NOON - minutes(61),
    )
    type(made.ac_station).objects.filter(pk=made.ac_station.pk).update(ocpp_version="1.6")
    scene.charge(made.socket, made.astrids_token, at=NOON - minutes(60))

    (outcome,) = shown(made.ac_station.pk).sessions

    assert outcome.channel == "remote"


def test_a_technician_on_site_is_seen(made: Cast) -> None:
    assert not shown(made.ac_station.pk).is_attended
    Ticket.objects.create(
        operator=made.ac_station.operator,
        number=1,
        scope_key=f"station:{made.ac_station.pk}",
        family="link",
        code="F01",
        severity=2,
        station=made.ac_station,
        state=Ticket.State.ON_SITE,
        opened_at=NOON,
    )
    assert shown(made.ac_station.pk).is_attended


def test_months_of_samples_cost_one_query_for_each_session(
    made: Cast, django_assert_max_num_queries
) -> None:
    for number in range(3):
        session = scene.charge(
            made.socket, made.astrids_token, at=NOON - timedelta(hours=3 * number + 2)
        )
        sample(session, session.started_at + minutes(1), power_w=11_000)
    with django_assert_max_num_queries(16):
        assert len(shown(made.ac_station.pk).sessions) == 3


def test_two_contacts_that_differ_are_seen_in_what_the_session_measured(made: Cast) -> None:
    session = scene.charge(made.tethered, None, at=NOON - minutes(50))
    for minute in range(12):
        at = NOON - minutes(45 - minute)
        warmth = {"temperature_c": 61, "extra": {"flags": [], "other": [], "pair_c": 40.0}}
        sample(session, at, current_a=200, power_w=70_000, **warmth)

    (outcome,) = shown(made.dc_station.pk).sessions

    assert outcome.measures is not None
    assert outcome.measures.pair_gap_k == 21
