"""What may be said to a station, by version: our words and OCPP's own."""

from collections.abc import Mapping
from typing import Final

from stations.ocpp import schemas
from stations.ocpp.calls import certificates, files, remote, settings, smart
from stations.ocpp.calls.rules import CallUnfit, check_rules
from stations.ocpp.calls.said import Payload, Said, Words

WORDS: Final[Words] = {
    **remote.WORDS,
    **settings.WORDS,
    **files.WORDS,
    **certificates.WORDS,
    **smart.WORDS,
}
OURS: Final = frozenset(word for _, word in WORDS)

_V16 = """
    ChangeAvailability ChangeConfiguration ClearCache DataTransfer GetConfiguration
    RemoteStartTransaction RemoteStopTransaction Reset UnlockConnector
    GetDiagnostics UpdateFirmware GetLocalListVersion SendLocalList CancelReservation ReserveNow
    ClearChargingProfile GetCompositeSchedule SetChargingProfile TriggerMessage
    CertificateSigned DeleteCertificate ExtendedTriggerMessage GetInstalledCertificateIds GetLog
    InstallCertificate SignedUpdateFirmware
"""
_V201 = """
    CertificateSigned SetVariables GetVariables GetBaseReport GetReport SetNetworkProfile Reset
    ClearCache SendLocalList GetLocalListVersion GetTransactionStatus RequestStartTransaction
    RequestStopTransaction UnlockConnector TriggerMessage ChangeAvailability ReserveNow
    CancelReservation CostUpdated SetChargingProfile GetChargingProfiles ClearChargingProfile
    GetCompositeSchedule UpdateFirmware PublishFirmware UnpublishFirmware
    GetInstalledCertificateIds DeleteCertificate InstallCertificate GetLog GetMonitoringReport
    SetMonitoringBase SetMonitoringLevel SetVariableMonitoring ClearVariableMonitoring
    CustomerInformation SetDisplayMessage GetDisplayMessages ClearDisplayMessage DataTransfer
"""
_V21 = """
    NotifyWebPaymentStarted SetDefaultTariff GetTariffs ClearTariffs ChangeTransactionTariff
    UsePriorityCharging UpdateDynamicSchedule AdjustPeriodicEventStream GetPeriodicEventStream
    NotifyAllowedEnergyTransfer AFRRSignal SetDERControl GetDERControl ClearDERControl
    RequestBatterySwap
"""
CALLABLE: Final[Mapping[str, frozenset[str]]] = {
    "1.6": frozenset(_V16.split()),
    "2.0.1": frozenset(_V201.split()),
    "2.1": frozenset((_V201 + _V21).split()),
}


def translate(version: str, command_id: int, action: str, payload: Payload) -> Said:
    """Return the action and payload a station of a version understands; raises CallUnfit."""
    name, fitted = _say(version, command_id, action, payload)
    if name not in CALLABLE[version]:
        kind = "call to a station" if schemas.is_known(version, name) else "action"
        raise CallUnfit(f"{name} is no {kind} of OCPP {version}.")
    fault = schemas.first_fault(version, name, fitted, is_answer=False, with_formats=True)
    if fault is not None:
        raise CallUnfit(f"{name}: {fault.text}")
    check_rules(name, fitted)
    return name, fitted


def _say(version: str, command_id: int, action: str, payload: Payload) -> Said:
    say = WORDS.get((version, action))
    if say is None:
        if action in OURS:
            raise CallUnfit(f"OCPP {version} has no {action}.")
        return action, payload
    try:
        return say(payload, command_id)
    except KeyError as error:
        raise CallUnfit(f"{action} needs {error.args[0]}.") from error
    except (AttributeError, TypeError, ValueError) as error:
        raise CallUnfit(f"{action} needs {error}.") from error
