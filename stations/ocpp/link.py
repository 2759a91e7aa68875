"""Framing, limits and routing of OCPP."""
