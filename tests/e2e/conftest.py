"""Journeys use the same real gateway as the tests of the stations."""

from tests.integration.stations.conftest import cast, gateway, gateway_process, until

__all__ = ["cast", "gateway", "gateway_process", "until"]
