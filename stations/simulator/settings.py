"""What a charger lets the other side read and set, by its 1.6 key and its 2.0.1 variable."""

from dataclasses import dataclass, field

READ_ONLY = {
    *("NumberOfConnectors", "SupportedFeatureProfiles", "ConnectorPhaseRotation"),
    *("GetConfigurationMaxKeys", "ActiveMonitoringBase", "ActiveMonitoringLevel"),
    "ItemsPerMessage",
}
WRITE_ONLY = {"AuthorizationKey"}
NEEDS_REBOOT = {"WebSocketPingInterval"}
DEFAULTS = {
    "AllowOfflineTxForUnknownId": "true",
    "AuthorizeRemoteTxRequests": "false",
    "ClockAlignedDataInterval": "0",
    "ConnectionTimeOut": "60",
    "ConnectorPhaseRotation": "NotApplicable",
    "GetConfigurationMaxKeys": "50",
    "HeartbeatInterval": "300",
    "LocalAuthorizeOffline": "true",
    "LocalPreAuthorize": "false",
    "MeterValueSampleInterval": "60",
    "MeterValuesSampledData": "Energy.Active.Import.Register,Power.Active.Import,Power.Offered,"
    "Current.Import,Voltage,SoC,Temperature",
    "MinimumStatusDuration": "5",
    "NumberOfConnectors": "1",
    "ResetRetries": "1",
    "StopTransactionOnEVSideDisconnect": "true",
    "StopTransactionOnInvalidId": "true",
    "SupportedFeatureProfiles": "Core,RemoteTrigger,SmartCharging,Reservation",
    "StopTxnSampledData": "",
    "TransactionMessageAttempts": "3",
    "TransactionMessageRetryInterval": "10",
    "UnlockConnectorOnEVSideDisconnect": "true",
    "WebSocketPingInterval": "60",
}
# What only OCPP 2 names.
DEFAULTS_2 = {
    "ActiveMonitoringBase": "FactoryDefault",
    "ActiveMonitoringLevel": "9",
    "ItemsPerMessage": "8",
    "OfflineQueuingSeverity": "2",
    "OfflineThreshold": "60",
    "RetryBackOffRandomRange": "10",
    "RetryBackOffRepeatTimes": "3",
    "RetryBackOffWaitMinimum": "5",
    "TxStartedMeasurands": "",
}
MEASURED = {
    *("Energy.Active.Import.Register", "Power.Active.Import", "Power.Offered"),
    *("Current.Import", "Voltage", "SoC", "Temperature"),
}
LISTS = {"MeterValuesSampledData", "StopTxnSampledData", "TxStartedMeasurands"}
# Some makes give up early and will not be told otherwise: with them billing data can be lost.
FEW_ATTEMPTS = 5
VARIABLES = {
    ("AuthCtrlr", "AuthorizeRemoteStart"): "AuthorizeRemoteTxRequests",
    ("AuthCtrlr", "OfflineTxForUnknownIdEnabled"): "AllowOfflineTxForUnknownId",
    ("AlignedDataCtrlr", "Interval"): "ClockAlignedDataInterval",
    ("OCPPCommCtrlr", "HeartbeatInterval"): "HeartbeatInterval",
    ("OCPPCommCtrlr", "MessageAttempts"): "TransactionMessageAttempts",
    ("OCPPCommCtrlr", "MessageAttemptInterval"): "TransactionMessageRetryInterval",
    ("OCPPCommCtrlr", "OfflineThreshold"): "OfflineThreshold",
    ("OCPPCommCtrlr", "RetryBackOffRandomRange"): "RetryBackOffRandomRange",
    ("OCPPCommCtrlr", "RetryBackOffRepeatTimes"): "RetryBackOffRepeatTimes",
    ("OCPPCommCtrlr", "RetryBackOffWaitMinimum"): "RetryBackOffWaitMinimum",
    ("OCPPCommCtrlr", "WebSocketPingInterval"): "WebSocketPingInterval",
    ("DeviceDataCtrlr", "ItemsPerMessage"): "ItemsPerMessage",
    ("MonitoringCtrlr", "ActiveMonitoringBase"): "ActiveMonitoringBase",
    ("MonitoringCtrlr", "ActiveMonitoringLevel"): "ActiveMonitoringLevel",
    ("MonitoringCtrlr", "OfflineQueuingSeverity"): "OfflineQueuingSeverity",
    ("SampledDataCtrlr", "TxUpdatedInterval"): "MeterValueSampleInterval",
    ("SampledDataCtrlr", "TxStartedMeasurands"): "TxStartedMeasurands",
    ("SampledDataCtrlr", "TxUpdatedMeasurands"): "MeterValuesSampledData",
    ("SampledDataCtrlr", "TxEndedMeasurands"): "StopTxnSampledData",
    ("SecurityCtrlr", "BasicAuthPassword"): "AuthorizationKey",
    ("TxCtrlr", "EVConnectionTimeOut"): "ConnectionTimeOut",
    ("TxCtrlr", "StopTxOnEVSideDisconnect"): "StopTransactionOnEVSideDisconnect",
    ("TxCtrlr", "StopTxOnInvalidId"): "StopTransactionOnInvalidId",
}
INSTANCES = {
    ("DeviceDataCtrlr", "ItemsPerMessage"): "GetVariables",
    ("OCPPCommCtrlr", "MessageAttempts"): "TransactionEvent",
    ("OCPPCommCtrlr", "MessageAttemptInterval"): "TransactionEvent",
}


@dataclass
class Settings:
    """The present values of one station."""

    values: dict[str, str]
    measured: set[str] = field(default_factory=lambda: set(MEASURED))
    most_attempts: int = 100

    def whole(self, key: str) -> int:
        """Return a number."""
        return int(self.values[key])

    def set(self, key: str, value: str) -> str:
        """Take a value; returns the word 1.6 answers with."""
        if key in WRITE_ONLY:
            return "Accepted" if 1 <= len(value) <= 64 else "Rejected"
        if key not in self.values:
            return "NotSupported"
        if key in READ_ONLY or not _fits(self.values[key], value):
            return "Rejected"
        if key in LISTS and not set(filter(None, value.split(","))) <= self.measured:
            return "Rejected"
        if key == "TransactionMessageAttempts" and int(value) > self.most_attempts:
            return "Rejected"
        self.values[key] = value
        return "RebootRequired" if key in NEEDS_REBOOT else "Accepted"


def defaults(connectors: int, sample_s: int) -> Settings:
    """Return the values a station leaves the factory with."""
    own = {"NumberOfConnectors": str(connectors), "MeterValueSampleInterval": str(sample_s)}
    return Settings(DEFAULTS | own)


def factory(connectors: int, sample_s: int, *, ocpp: str, is_dc: bool, gives_up: bool) -> Settings:
    """Return the values of one make: 2.0.1 measures no temperature, only DC knows the battery."""
    made = defaults(connectors, sample_s)
    if ocpp != "1.6":
        made.values |= DEFAULTS_2
        made.measured -= {"Temperature"}
    if not is_dc:
        made.measured -= {"SoC"}
    told = made.values["MeterValuesSampledData"].split(",")
    made.values["MeterValuesSampledData"] = ",".join(w for w in told if w in made.measured)
    made.most_attempts = FEW_ATTEMPTS if gives_up else made.most_attempts
    return made


def _fits(old: str, new: str) -> bool:
    if old in ("true", "false"):
        return new.lower() in ("true", "false")
    if old.isdigit():
        return new.isdigit()
    return len(new) <= 500
