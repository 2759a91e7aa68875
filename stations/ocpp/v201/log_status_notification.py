"""LogStatusNotification: how far the upload of a log is (OCPP 2.0.1 N01)."""

from stations.ocpp.v16.log_status_notification import handle

__all__ = ["handle"]
