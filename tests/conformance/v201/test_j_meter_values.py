"""Block J of OCPP 2.0.1: what the meters say, by the clock and by the transaction."""

from typing import Any

from stations.models import MeterValue, Session
from tests.conformance.bed import Bed
from tests.conformance.phrases import (
    BEGIN,
    CLOCK,
    END,
    PLACE,
    card,
    event,
    meter,
)
from tests.conformance.player import Player

SIGNED = {
    "signedMeterData": "T0NNRnx7fQ==",
    "signingMethod": "ECDSA-secp256r1-SHA256",
    "encodingMethod": "OCMF",
    "publicKey": "",
}


def started(bed: Bed, **more: Any) -> dict[str, Any]:
    return event("Started", 0, "Authorized", -60, idToken=card(bed.token().uid), **more)


def samples(station: Player) -> list[tuple[int | None, str, bool]]:
    """Return register, context and whether it belongs to a session, of each sample."""
    found = MeterValue.objects.filter(station_id=station.row.pk).order_by("occurred_at")
    return [(s.energy_wh, s.context, s.session_id is not None) for s in found]


def test_tc_j_01_by_the_clock_without_transaction(bed: Bed, station: Player) -> None:
    """A register between transactions is kept for its connector.

    J01.FR.18
    """
    assert station.call("MeterValues", {"evseId": 1} | meter(5000, 0, CLOCK)) == {}

    assert samples(station) == [(5000, CLOCK, False)]


def test_tc_j_02_by_the_clock_in_a_transaction(bed: Bed, station: Player) -> None:
    """A register in a transaction belongs to its session.

    J01.FR.18
    """
    station.call("TransactionEvent", started(bed) | PLACE | meter(0, -60, BEGIN))
    aligned = event("Updated", 1, "MeterValueClock", -30) | meter(250, -30, CLOCK)
    assert station.call("TransactionEvent", aligned) == {}

    assert samples(station) == [(0, BEGIN, True), (250, CLOCK, True)]
    assert bed.session(station).last_register_wh == 250


def test_tc_j_03_by_the_clock_at_the_end(bed: Bed, station: Player) -> None:
    """The end brings the registers of the clock with it; the last one counts.

    J01.FR.18
    """
    station.call("TransactionEvent", started(bed) | PLACE | meter(0, -60, BEGIN))
    values = [*meter(250, -30, CLOCK)["meterValue"], *meter(400, 0, END)["meterValue"]]
    ended = event("Ended", 1, "StopAuthorized", info={"stoppedReason": "Local"})
    station.call("TransactionEvent", ended | {"meterValue": values})

    session = bed.session(station)
    assert (session.state, session.energy_wh) == ("completed", 400)
    assert samples(station) == [(0, BEGIN, True), (250, CLOCK, True), (400, END, True)]


def test_tc_j_04_by_the_clock_and_signed(bed: Bed, station: Player) -> None:
    """A signed register is kept with its signature, letter for letter.

    J01.FR.18
    """
    payload = {"evseId": 1} | meter(5000, 0, CLOCK, signedMeterValue=SIGNED)
    assert station.call("MeterValues", payload) == {}

    assert samples(station) == [(5000, CLOCK, False)]
    assert SIGNED["signedMeterData"].encode() in bed.frames(station, "MeterValues")[0]


def test_tc_j_07_sampled_at_the_start(bed: Bed, station: Player) -> None:
    """The first register of a transaction is what it began with.

    J02.FR.19
    """
    station.call("TransactionEvent", started(bed) | PLACE | meter(70, -60, BEGIN))

    assert samples(station) == [(70, BEGIN, True)]
    assert bed.session(station).meter_start_wh == 70


def test_tc_j_08_sampled_before_the_evse_is_known(bed: Bed, station: Player) -> None:
    """The register comes when the plug is in; it is what the session began with.

    J02.FR.19
    """
    station.call("TransactionEvent", started(bed))
    plugged = event("Updated", 1, "CablePluggedIn", -50, **PLACE)
    station.call("TransactionEvent", plugged | meter(70, -50, BEGIN))

    assert bed.session(station).meter_start_wh == 70
    assert samples(station) == [(70, BEGIN, True)]


def test_tc_j_09_sampled_on_the_way(bed: Bed, station: Player) -> None:
    """Each sample of a transaction is kept, and the last one shown.

    J02.FR.19
    """
    station.call("TransactionEvent", started(bed) | PLACE | meter(0, -60, BEGIN))
    for number in (1, 2):
        sample = event("Updated", number, "MeterValuePeriodic", -60 + 10 * number)
        station.call("TransactionEvent", sample | meter(100 * number, -60 + 10 * number))

    assert [register for register, _, _ in samples(station)] == [0, 100, 200]
    assert bed.session(station).last_register_wh == 200


def test_tc_j_10_sampled_at_the_end(bed: Bed, station: Player) -> None:
    """The last register of a transaction is what it ended with.

    J02.FR.19
    """
    session = _charged(bed, station)

    assert (session.energy_wh, session.meter_stop_wh) == (400, 400)
    assert samples(station)[-1] == (400, END, True)


def test_tc_j_11_sampled_and_signed(bed: Bed, station: Player) -> None:
    """Signed registers bill as others do, and are kept letter for letter.

    J02.FR.19
    """
    session = _charged(bed, station, signedMeterValue=SIGNED)

    assert (session.state, session.energy_wh) == ("completed", 400)
    for frame in bed.frames(station, "TransactionEvent"):
        assert SIGNED["signedMeterData"].encode() in frame


def _charged(bed: Bed, station: Player, **more: Any) -> Session:
    station.call("TransactionEvent", started(bed) | PLACE | meter(0, -60, BEGIN, **more))
    ended = event("Ended", 1, "StopAuthorized", info={"stoppedReason": "Local"})
    station.call("TransactionEvent", ended | meter(400, 0, END, **more))
    return bed.session(station)
