"""Telling people of tickets: written with the deed, gathered, sent by a relay that may be late."""

from faults.notifications.digests import send_digests
from faults.notifications.gathering import gather_due
from faults.notifications.letters import Told
from faults.notifications.notices import (
    notify_crew,
    notify_person,
    notify_watchers,
    tell_machines,
    write,
)
from faults.notifications.relay import relay_due

# S1 to S3 are told at once; what is only degraded waits for somebody to look at the list.
TELL_AT_ONCE = 3

__all__ = [
    "TELL_AT_ONCE",
    "Told",
    "gather_due",
    "notify_crew",
    "notify_person",
    "notify_watchers",
    "relay_due",
    "send_digests",
    "tell_machines",
    "write",
]
