"""SignCertificate: the station wants its certificate renewed (OCPP 2.0.1 A02, A03)."""

from stations.ocpp.v16.sign_certificate import handle

__all__ = ["handle"]
