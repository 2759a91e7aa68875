"""The ways out of the house: one line each, by the kind of the outbox row."""

from faults.notifiers import email
from faults.notifiers.protocol import Notifier, NotifierError

NOTIFIERS: dict[str, Notifier] = {"email": email.send}

__all__ = ["NOTIFIERS", "Notifier", "NotifierError"]
