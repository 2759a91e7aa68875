"""SecurityEventNotification: something that may be an attack (OCPP 2.0.1 A04)."""

from stations.ocpp.v16.security_event_notification import handle

__all__ = ["handle"]
