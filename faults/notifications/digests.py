"""The weekly letter: what is open and wakes nobody."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, ngettext

from chargenet.core.models import Operator, Outbox, User
from faults.models import Fault
from faults.notifications import notices
from faults.rules import words

# Monday at seven, where the operator is.
WEEKDAY, HOUR = 0, 7
INFORMATION = 5
MOST = 100


def send_digests(*, as_of: datetime) -> int:
    """Write each operator's weekly letter once its Monday morning has come; returns how many."""
    written = 0
    for operator in Operator.objects.order_by("pk"):
        local = as_of.astimezone(ZoneInfo(operator.timezone))
        is_time = local.weekday() == WEEKDAY and local.hour >= HOUR
        if is_time:
            written += _send(operator, f"{local:%G-W%V}", as_of)
    return written


def _send(operator: Operator, week: str, as_of: datetime) -> int:
    prefix = f"digest:{operator.pk}:{week}:"
    if Outbox.objects.filter(key__startswith=prefix).exists():
        return 0
    open_now = Fault.objects.filter(
        operator=operator, state=Fault.State.FIRING, severity=INFORMATION
    ).select_related("station", "location")
    faults = list(open_now.order_by("location__name", "code", "pk")[:MOST])
    if not faults:
        return 0
    rows = [
        Outbox(
            operator=operator,
            kind="email",
            key=f"{prefix}{person.pk}",
            payload=_letter(faults, person, as_of),
            created_at=as_of,
            due_at=as_of,
        )
        for person in notices.digest_readers(operator.pk)
    ]
    return len(Outbox.objects.bulk_create(rows, ignore_conflicts=True))


def _letter(faults: Sequence[Fault], person: User, as_of: datetime) -> dict[str, str]:
    with translation.override(person.language):
        count = len(faults)
        subject = ngettext(
            "%(count)d thing to know this week", "%(count)d things to know this week", count
        )
        lines = [_line(fault, as_of) for fault in faults]
        text = "\n".join([*lines, "", f"{settings.PUBLIC_URL}/faults/?severity={INFORMATION}"])
    return {"to": person.email, "subject": subject % {"count": count}, "text": text}


def _line(fault: Fault, as_of: datetime) -> str:
    site = fault.location.name if fault.location else gettext("the network")
    station = f", {fault.station.name}" if fault.station else ""
    days = (as_of - fault.began_at) // timedelta(days=1)
    since = ngettext("%(days)d day", "%(days)d days", days) % {"days": days}
    return " ".join(
        f"{site}{station}: {gettext(words.words_for(fault.code).name)}, {since}".split()
    )
