"""OCPP 2.1: what a station may be told that 2.0.1 did not know; ids of our own."""

from typing import Any

import pytest

from tests.conformance.bed import Bed
from tests.conformance.phrases import at
from tests.conformance.player import Player

ACCEPTED = {"status": "Accepted"}
TOKEN = {"idToken": "SWAP-1", "type": "Central"}
TARIFF = {
    "tariffId": "nord-1",
    "currency": "SEK",
    "energy": {"prices": [{"priceKwh": 4.5}], "taxRates": [{"type": "VAT", "tax": 25}]},
}
CLEARED = {"clearTariffsResult": [{"tariffId": "nord-1", "status": "Accepted"}]}
STREAM = {"id": 3, "params": {"interval": 10, "values": 5}, "variableMonitoringId": 1}


def tells(
    bed: Bed,
    station: Player,
    action: str,
    asked: dict[str, Any],
    answer: dict[str, Any] | None = None,
    state: str = "accepted",
) -> None:
    given = ACCEPTED if answer is None else answer
    bed.exchange(station, action, asked, given, state=state)


def test_tc_21_c_03_payment_by_web_has_begun(bed: Bed, station_21: Player) -> None:
    """A station is told that somebody pays by their phone.

    C25
    """
    asked = {"evseId": 1, "timeout": 120}
    tells(bed, station_21, "NotifyWebPaymentStarted", asked, {})


@pytest.mark.parametrize(
    ("answer", "state"), [("Accepted", "accepted"), ("ConditionNotSupported", "rejected")]
)
def test_tc_21_i_01_default_tariff(bed: Bed, station_21: Player, answer: str, state: str) -> None:
    """The tariff of an EVSE is set; a station that cannot compute it refuses.

    I07
    """
    asked = {"evseId": 1, "tariff": TARIFF}
    tells(bed, station_21, "SetDefaultTariff", asked, {"status": answer}, state)


def test_tc_21_i_02_tariffs_are_listed(bed: Bed, station_21: Player) -> None:
    """A station says which tariffs it has.

    I09
    """
    assigned = [{"tariffId": "nord-1", "tariffKind": "DefaultTariff", "evseIds": [1]}]
    tells(bed, station_21, "GetTariffs", {"evseId": 0}, ACCEPTED | {"tariffAssignments": assigned})


def test_tc_21_i_03_tariffs_are_cleared(bed: Bed, station_21: Player) -> None:
    """A tariff is taken away.

    I10
    """
    tells(bed, station_21, "ClearTariffs", {"tariffIds": ["nord-1"]}, CLEARED)


def test_tc_21_i_04_tariff_of_a_transaction(bed: Bed, station_21: Player) -> None:
    """The tariff of a running transaction is changed.

    I11
    """
    asked = {"tariff": TARIFF, "transactionId": "tx-1"}
    tells(bed, station_21, "ChangeTransactionTariff", asked)


@pytest.mark.parametrize(
    ("answer", "state"), [("Accepted", "accepted"), ("NoProfile", "rejected")]
)
def test_tc_21_k_03_priority_is_given(
    bed: Bed, station_21: Player, answer: str, state: str
) -> None:
    """A transaction gets priority, if the station has a profile for it.

    K21
    """
    asked = {"transactionId": "tx-1", "activate": True}
    tells(bed, station_21, "UsePriorityCharging", asked, {"status": answer}, state)


def test_tc_21_k_04_dynamic_limit(bed: Bed, station_21: Player) -> None:
    """The limit of a dynamic profile is moved.

    K28
    """
    asked = {"chargingProfileId": 7, "scheduleUpdate": {"limit": 10}}
    tells(bed, station_21, "UpdateDynamicSchedule", asked)


def test_tc_21_n_05_stream_is_adjusted(bed: Bed, station_21: Player) -> None:
    """A stream sends less often.

    N13
    """
    tells(bed, station_21, "AdjustPeriodicEventStream", {"id": 3, "params": {"interval": 60}})


def test_tc_21_n_06_streams_are_listed(bed: Bed, station_21: Player) -> None:
    """A station says which streams are open.

    N12
    """
    tells(bed, station_21, "GetPeriodicEventStream", {}, {"constantStreamData": [STREAM]})


def test_tc_21_q_01_directions_of_energy(bed: Bed, station_21: Player) -> None:
    """A transaction may take energy in, or give it back too.

    Q01
    """
    asked = {"transactionId": "tx-1", "allowedEnergyTransfer": ["AC_BPT"]}
    tells(bed, station_21, "NotifyAllowedEnergyTransfer", asked)


def test_tc_21_q_02_frequency_signal(bed: Bed, station_21: Player) -> None:
    """The signal of the grid's operator is passed on.

    Q08
    """
    tells(bed, station_21, "AFRRSignal", {"timestamp": at(), "signal": 5})


@pytest.mark.parametrize(
    ("action", "asked"),
    [
        (
            "SetDERControl",
            {
                "isDefault": False,
                "controlId": "c-1",
                "controlType": "LimitMaxDischarge",
                "limitMaxDischarge": {"priority": 1, "pctMaxDischargePower": 50},
            },
        ),
        ("GetDERControl", {"requestId": 18, "controlId": "c-1"}),
        ("ClearDERControl", {"isDefault": False, "controlId": "c-1"}),
    ],
)
def test_tc_21_r_02_grid_services_are_told(
    bed: Bed, station_21: Player, action: str, asked: dict[str, Any]
) -> None:
    """A control of the grid is set, asked for and cleared.

    R04
    """
    tells(bed, station_21, action, asked)


def test_tc_21_s_02_battery_is_asked_for(bed: Bed, station_21: Player) -> None:
    """A swap is asked for.

    S02
    """
    tells(bed, station_21, "RequestBatterySwap", {"idToken": TOKEN, "requestId": 19})


def test_tc_21_f_01_an_older_word_is_not_said(bed: Bed, station: Player) -> None:
    """What 2.0.1 does not know is refused before it leaves.

    FR.03
    """
    command = bed.ask(station, "UsePriorityCharging", transactionId="tx-1", activate=True)

    ended = bed.ended(command)
    assert (ended.state, "UsePriorityCharging" in ended.error) == ("error", True)
