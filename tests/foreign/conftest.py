"""What the foreign stacks talk to: a real gateway, and the packages they come in."""

from tests.foreign.node import node_modules
from tests.integration.stations.conftest import cast, gateway, gateway_process, until

__all__ = ["cast", "gateway", "gateway_process", "node_modules", "until"]
