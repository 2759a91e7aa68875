"""Charging that happened before us, or elsewhere: its places and its sessions."""

from stations.history.places import (
    PlaceIds,
    PlaceKey,
    PlaceTaken,
    Survey,
    find_places,
    find_stations,
    identity_of,
    make_places,
)
from stations.history.rows import SOURCE, count_known, make_tokens, record_sessions

__all__ = [
    "SOURCE",
    "PlaceIds",
    "PlaceKey",
    "PlaceTaken",
    "Survey",
    "count_known",
    "find_places",
    "find_stations",
    "identity_of",
    "make_places",
    "make_tokens",
    "record_sessions",
]
