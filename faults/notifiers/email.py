"""E-mail through Django's backend: the console in the demo, SMTP in production."""

from collections.abc import Mapping
from email.utils import parseaddr
from hashlib import sha256
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage

from faults.notifiers.protocol import NotifierError


def send(payload: Mapping[str, Any], key: str) -> None:
    """Send {"to", "subject", "text"}; sent twice it carries the same Message-ID.

    Raises NotifierError.
    """
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    message = EmailMessage(
        subject=payload["subject"],
        body=payload["text"],
        to=[payload["to"]],
        headers={
            "Message-ID": f"<{sha256(key.encode()).hexdigest()[:32]}@{domain}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    try:
        message.send()
    except SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise NotifierError(str(error), permanent=min(codes, default=500) >= 500) from error
    except SMTPResponseException as error:
        raise NotifierError(str(error), permanent=error.smtp_code >= 500) from error
    except ValueError as error:
        # A line break in a header, or an address no mail can go to.
        raise NotifierError(str(error), permanent=True) from error
    except (SMTPException, OSError) as error:
        raise NotifierError(str(error), permanent=False) from error
