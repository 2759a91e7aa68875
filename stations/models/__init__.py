from stations.models.cables import Cable, CableFitting
from stations.models.places import Connector, Evse, Location, OcppVersion, Station, Status
from stations.models.sessions import OrphanStop, Session
from stations.models.signs import Impairment, Observation, StatusChange
from stations.models.tokens import Token
from stations.models.wire import Command, Inbox, MeterValue, OcppFrame, StationReport

__all__ = [
    "Cable",
    "CableFitting",
    "Command",
    "Connector",
    "Evse",
    "Impairment",
    "Inbox",
    "Location",
    "MeterValue",
    "Observation",
    "OcppFrame",
    "OcppVersion",
    "OrphanStop",
    "Session",
    "Station",
    "StationReport",
    "Status",
    "StatusChange",
    "Token",
]
