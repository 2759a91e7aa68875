"""DataTransfer: a vendor's own words (OCPP 2.0.1 P01)."""

from stations.ocpp.v16.data_transfer import handle

__all__ = ["handle"]
