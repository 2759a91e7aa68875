"""PullDynamicScheduleUpdate: what does a dynamic profile say now? (OCPP 2.1 K28)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, StationView
from stations.ocpp.kept import always, report


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the question; its answer follows as UpdateDynamicSchedule where there is one."""
    answer = always(status="Rejected", statusInfo={"reasonCode": "NoUpdate"})
    return Facts((report("PullDynamicScheduleUpdate", payload, "chargingProfileId"),), answer)
