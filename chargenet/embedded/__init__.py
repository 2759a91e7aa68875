"""Private PostgreSQL and Redis for a machine that has neither, and the demo on top of them."""

from chargenet.embedded.commands import engines_for_command, running_engines
from chargenet.embedded.engine import EngineFailed

__all__ = ["EngineFailed", "engines_for_command", "running_engines"]
