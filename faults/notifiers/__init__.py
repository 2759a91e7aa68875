"""The ways out of the house: one line each, by the kind of the outbox row."""

from faults.notifiers import email, web
from faults.notifiers.protocol import Notifier, NotifierError

NOTIFIERS: dict[str, Notifier] = {
    "email": email.send,
    "sms": web.send_sms,
    "webhook": web.send_webhook,
}

__all__ = ["NOTIFIERS", "Notifier", "NotifierError"]
