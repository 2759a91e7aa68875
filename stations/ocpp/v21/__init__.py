"""OCPP 2.1: everything 2.0.1 says, and what 2.1 adds."""

from stations.ocpp import v201
from stations.ocpp.kept import Handle

ROUTES: dict[str, Handle] = {**v201.ROUTES}
