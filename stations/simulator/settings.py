"""What a charger lets the other side read and set, by its 1.6 key and its 2.0.1 variable."""

from dataclasses import dataclass

READ_ONLY = {"NumberOfConnectors", "SupportedFeatureProfiles", "ConnectorPhaseRotation"}
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
    "NumberOfConnectors": "1",
    "ResetRetries": "1",
    "StopTransactionOnEVSideDisconnect": "true",
    "StopTransactionOnInvalidId": "true",
    "SupportedFeatureProfiles": "Core,RemoteTrigger,SmartCharging,Reservation",
    "TransactionMessageAttempts": "3",
    "TransactionMessageRetryInterval": "10",
    "UnlockConnectorOnEVSideDisconnect": "true",
    "WebSocketPingInterval": "60",
}
VARIABLES = {
    ("AuthCtrlr", "AuthorizeRemoteStart"): "AuthorizeRemoteTxRequests",
    ("AuthCtrlr", "OfflineTxForUnknownIdEnabled"): "AllowOfflineTxForUnknownId",
    ("AlignedDataCtrlr", "Interval"): "ClockAlignedDataInterval",
    ("OCPPCommCtrlr", "HeartbeatInterval"): "HeartbeatInterval",
    ("OCPPCommCtrlr", "MessageAttempts"): "TransactionMessageAttempts",
    ("OCPPCommCtrlr", "MessageAttemptInterval"): "TransactionMessageRetryInterval",
    ("OCPPCommCtrlr", "WebSocketPingInterval"): "WebSocketPingInterval",
    ("SampledDataCtrlr", "TxUpdatedInterval"): "MeterValueSampleInterval",
    ("SampledDataCtrlr", "TxUpdatedMeasurands"): "MeterValuesSampledData",
    ("SecurityCtrlr", "BasicAuthPassword"): "AuthorizationKey",
    ("TxCtrlr", "EVConnectionTimeOut"): "ConnectionTimeOut",
    ("TxCtrlr", "StopTxOnInvalidId"): "StopTransactionOnInvalidId",
}


@dataclass
class Settings:
    """The present values of one station."""

    values: dict[str, str]

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
        self.values[key] = value
        return "RebootRequired" if key in NEEDS_REBOOT else "Accepted"


def defaults(connectors: int, sample_s: int) -> Settings:
    """Return the values a station leaves the factory with."""
    own = {"NumberOfConnectors": str(connectors), "MeterValueSampleInterval": str(sample_s)}
    return Settings(DEFAULTS | own)


def _fits(old: str, new: str) -> bool:
    if old in ("true", "false"):
        return new.lower() in ("true", "false")
    if old.isdigit():
        return new.isdigit()
    return len(new) <= 500
