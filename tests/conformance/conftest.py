"""The conformance cases are played at a real gateway."""

from tests.integration.stations.conftest import cast, gateway, gateway_process, until

__all__ = ["cast", "gateway", "gateway_process", "until"]
