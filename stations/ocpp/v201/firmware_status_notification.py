"""FirmwareStatusNotification: how far a firmware update is (OCPP 2.0.1 L01)."""

from stations.ocpp.v16.firmware_status_notification import handle

__all__ = ["handle"]
