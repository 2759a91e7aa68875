"""Recorded charging: session lists of other systems, and conversations with stations."""

from stations.recordings.conversations import (
    ConversationRefused,
    RecordedRow,
    read_conversation,
)
from stations.recordings.lists import (
    ListMapping,
    ListRefused,
    MappingRefused,
    WrongRow,
    opened,
    parse_mapping,
    read_session_list,
)

__all__ = [
    "ConversationRefused",
    "ListMapping",
    "ListRefused",
    "MappingRefused",
    "RecordedRow",
    "WrongRow",
    "opened",
    "parse_mapping",
    "read_conversation",
    "read_session_list",
]
