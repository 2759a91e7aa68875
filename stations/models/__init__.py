from stations.models.bulk import BulkCommand, BulkState, BulkTarget
from stations.models.cables import Cable, CableFitting
from stations.models.limits import OperationLimits
from stations.models.places import Connector, Evse, Location, OcppVersion, Station, Status
from stations.models.sessions import OrphanStop, Session
from stations.models.signs import Impairment, Observation, StatusChange
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
    "Command",
    "Connector",
    "Evse",
    "FirmwareCampaign",
    "FirmwareImage",
    "FirmwareJob",
    "Impairment",
    "Inbox",
    "Location",
    "MeterValue",
    "Observation",
    "OcppFrame",
    "OcppVersion",
    "OperationLimits",
    "OrphanStop",
    "Session",
    "Station",
    "StationLog",
    "StationReport",
    "Status",
    "StatusChange",
    "Token",
    "TransferLink",
]
