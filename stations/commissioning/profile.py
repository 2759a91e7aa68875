"""What we want every station to be set to, so that nothing it measures or sells is lost.

A station throws billing data away after its last attempt to deliver it (OCPP 1.6 §3.7.1,
2.0.1 E13.FR.04): many attempts, a steady connection, and enough samples to bill and to judge by.
"""

from dataclasses import dataclass
from typing import Final

from stations.variables import EXACT, Address, Rule

ATTEMPTS, RETRY_S, PING_S = 10, 60, 60
HEARTBEAT_S, ALIGNED_S, PLUG_S = 300, 900, 90
SAMPLE_AC_S, SAMPLE_DC_S, SHORTEST_SAMPLE_S = 60, 30, 5
REGISTER: Final = "Energy.Active.Import.Register"
# The first matter most: what a station cannot measure is dropped from the end.
MEASURANDS_16: Final = (
    REGISTER,
    "Power.Active.Import",
    "Current.Import",
    "Voltage",
    "SoC",
    "Current.Offered",
    "Temperature",
)
# OCPP 2.x has no Temperature measurand: its sensors are watched by monitors instead.
MEASURANDS_2: Final = MEASURANDS_16[:-1]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One setting we want. `is_vital`: without it, or with less, billing data may be lost."""

    address: Address
    value: str
    rule: Rule = EXACT
    is_list: bool = False
    is_vital: bool = False
    needs_reboot: bool = False


def wanted_of(version: str, *, is_dc: bool) -> tuple[Wanted, ...]:
    """Return what a station of a version is to be set to."""
    sample_s = SAMPLE_DC_S if is_dc else SAMPLE_AC_S
    return _of_16(sample_s) if version == "1.6" else _of_2(sample_s)


def _of_16(sample_s: int) -> tuple[Wanted, ...]:
    return (
        _key("TransactionMessageAttempts", ATTEMPTS, low=ATTEMPTS, is_vital=True),
        _key("TransactionMessageRetryInterval", RETRY_S, low=30, high=600, is_vital=True),
        # Below attempts times interval: a dead line is found before the attempts are used up.
        _key("WebSocketPingInterval", PING_S, low=10, high=PING_S),
        _key("HeartbeatInterval", HEARTBEAT_S, low=HEARTBEAT_S, high=900),
        _key("MeterValueSampleInterval", sample_s, low=SHORTEST_SAMPLE_S, high=sample_s),
        _key("ClockAlignedDataInterval", ALIGNED_S, low=60, high=ALIGNED_S),
        Wanted(Address("MeterValuesSampledData"), ",".join(MEASURANDS_16), is_list=True),
        Wanted(Address("StopTxnSampledData"), REGISTER, is_list=True),
        _key("ConnectionTimeOut", PLUG_S, low=30, high=300),
        _key("MinimumStatusDuration", 0, low=0, high=2),
        Wanted(Address("StopTransactionOnEVSideDisconnect"), "true"),
        Wanted(Address("UnlockConnectorOnEVSideDisconnect"), "true"),
        Wanted(Address("StopTransactionOnInvalidId"), "true"),
    )


def _of_2(sample_s: int) -> tuple[Wanted, ...]:
    measurands = ",".join(MEASURANDS_2)
    link, sampled = "OCPPCommCtrlr", "SampledDataCtrlr"
    return (
        _var(link, "MessageAttempts", ATTEMPTS, "TransactionEvent", low=ATTEMPTS, is_vital=True),
        _var(link, "MessageAttemptInterval", RETRY_S, "TransactionEvent", low=30, high=600,
             is_vital=True),
        _var(link, "WebSocketPingInterval", PING_S, low=10, high=PING_S),
        _var(link, "HeartbeatInterval", HEARTBEAT_S, low=HEARTBEAT_S, high=900),
        _var(link, "OfflineThreshold", 60, low=10, high=300),
        _var(link, "RetryBackOffWaitMinimum", 10, low=1, high=30),
        _var(link, "RetryBackOffRandomRange", 10, low=1, high=60),
        _var(link, "RetryBackOffRepeatTimes", 5, low=1, high=6),
        _var("TxCtrlr", "EVConnectionTimeOut", PLUG_S, low=30, high=300),
        Wanted(Address("StopTxOnEVSideDisconnect", "TxCtrlr"), "true"),
        Wanted(Address("StopTxOnInvalidId", "TxCtrlr"), "true"),
        _var(sampled, "TxUpdatedInterval", sample_s, low=SHORTEST_SAMPLE_S, high=sample_s),
        Wanted(Address("TxStartedMeasurands", sampled), REGISTER, is_list=True),
        Wanted(Address("TxUpdatedMeasurands", sampled), measurands, is_list=True),
        Wanted(Address("TxEndedMeasurands", sampled), REGISTER, is_list=True),
        _var("AlignedDataCtrlr", "Interval", ALIGNED_S, low=60, high=ALIGNED_S),
        _var("MonitoringCtrlr", "OfflineQueuingSeverity", 4, low=4, high=9),
    )  # fmt: skip


def _key(
    name: str, value: int, *, low: int, high: int | None = None, is_vital: bool = False
) -> Wanted:
    return Wanted(Address(name), str(value), Rule(low, high), is_vital=is_vital)


def _var(
    component: str,
    name: str,
    value: int,
    instance: str = "",
    *,
    low: int,
    high: int | None = None,
    is_vital: bool = False,
) -> Wanted:
    address = Address(name, component=component, variable_instance=instance)
    return Wanted(address, str(value), Rule(low, high), is_vital=is_vital)
