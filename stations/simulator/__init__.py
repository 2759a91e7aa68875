"""A fleet of simulated chargers: a foreign client that speaks only OCPP.

Nothing of ours is imported here and nothing but a socket is touched.
"""
