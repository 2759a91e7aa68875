"""Sessions: what the stations' frames become, many stations in one transaction."""

from stations.sessions.arrivals import Arrival, Batch, Recorded
from stations.sessions.places import Places
from stations.sessions.record import record_batch

__all__ = ["Arrival", "Batch", "Places", "Recorded", "record_batch"]
