from stations.models.access import StationAccess
from stations.models.bulk import BulkCommand, BulkState, BulkTarget
from stations.models.cables import Cable, CableFitting
from stations.models.certificates import (
    CertificateAuthority,
    CertificateRequest,
    InstalledCertificate,
    RevokedCertificate,
)
from stations.models.charging import (
    ChargingNeed,
    ChargingProfile,
    CompositeSchedule,
    ExternalLimit,
)
from stations.models.commissioning import Commissioning, CommissioningStep, ConnectorSignal
from stations.models.devices import DeviceMonitor, DeviceReport, DeviceVariable
from stations.models.limits import OperationLimits
from stations.models.lists import LocalList, Reservation
from stations.models.places import Connector, Evse, Location, OcppVersion, Station, Status
from stations.models.quirks import KnownQuirk, Quirk, QuirkChoice, QuirkKind
from stations.models.screens import (
    DisplayMessage,
    MeterKey,
    Screen,
    ShownCost,
    SignedReading,
    StationTariff,
)
from stations.models.sessions import OrphanStop, Session
from stations.models.sharing import Hold, LoadGroup, LoadMember, LoadShare
from stations.models.signs import Impairment, Observation, StatusChange
from stations.models.templates import (
    ConfigurationTemplate,
    StationImport,
    StationImportRow,
    TemplatePlace,
    TemplateValue,
)
from stations.models.tokens import Token
from stations.models.transfers import (
    FirmwareCampaign,
    FirmwareImage,
    FirmwareJob,
    StationLog,
    TransferLink,
)
from stations.models.wire import Command, Inbox, MeterValue, OcppFrame, StationReport

__all__ = [
    "BulkCommand",
    "BulkState",
    "BulkTarget",
    "Cable",
    "CableFitting",
    "CertificateAuthority",
    "CertificateRequest",
    "ChargingNeed",
    "ChargingProfile",
    "Command",
    "Commissioning",
    "CommissioningStep",
    "CompositeSchedule",
    "ConfigurationTemplate",
    "Connector",
    "ConnectorSignal",
    "DeviceMonitor",
    "DeviceReport",
    "DeviceVariable",
    "DisplayMessage",
    "Evse",
    "ExternalLimit",
    "FirmwareCampaign",
    "FirmwareImage",
    "FirmwareJob",
    "Hold",
    "Impairment",
    "Inbox",
    "InstalledCertificate",
    "KnownQuirk",
    "LoadGroup",
    "LoadMember",
    "LoadShare",
    "LocalList",
    "Location",
    "MeterKey",
    "MeterValue",
    "Observation",
    "OcppFrame",
    "OcppVersion",
    "OperationLimits",
    "OrphanStop",
    "Quirk",
    "QuirkChoice",
    "QuirkKind",
    "Reservation",
    "RevokedCertificate",
    "Screen",
    "Session",
    "ShownCost",
    "SignedReading",
    "Station",
    "StationAccess",
    "StationImport",
    "StationImportRow",
    "StationLog",
    "StationReport",
    "StationTariff",
    "Status",
    "StatusChange",
    "TemplatePlace",
    "TemplateValue",
    "Token",
    "TransferLink",
]
