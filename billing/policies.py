"""How an operator invoices, said by a person."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from billing.einvoice import numbers
from billing.models import InvoicePolicy
from billing.swedish import swish
from chargenet.core import audit
from chargenet.core.models import User

WHOLE = {"grace_days": range(61), "reminders": range(4), "reminder_after_days": range(1, 91)}
SWITCHES = (
    *("rounds_to_krona", "has_f_skatt", "sends_email", "takes_reminder_fee", "takes_interest"),
)


class NotAPolicy(ValueError):
    """A value cannot be taken; the text says which, in the reader's language."""


def set_policy(
    *, operator_id: int, values: Mapping[str, str | bool], changed_by: User, as_of: datetime
) -> InvoicePolicy:
    """Keep how an operator's invoices are made from now on. Raises NotAPolicy."""
    clean = _clean(values)
    with transaction.atomic():
        row, _is_new = InvoicePolicy.objects.select_for_update().get_or_create(
            operator_id=operator_id
        )
        before = {name: getattr(row, name) for name in clean}
        changed = {
            name: [before[name], value] for name, value in clean.items() if before[name] != value
        }
        InvoicePolicy.objects.filter(pk=row.pk).update(
            **clean, changed_at=as_of, changed_by=changed_by
        )
        audit.record(
            operator_id=operator_id,
            user_id=changed_by.pk,
            action="invoice_policy_set",
            object_type="invoice_policy",
            object_id=row.pk,
            as_of=as_of,
            details=changed,
        )
    return InvoicePolicy.objects.get(pk=row.pk)


def _clean(values: Mapping[str, str | bool]) -> dict[str, int | bool | str]:
    clean: dict[str, int | bool | str] = {name: bool(values.get(name)) for name in SWITCHES}
    words = {
        "grace_days": _("days of grace: a whole number up to 60"),
        "reminders": _("reminders: a whole number up to 3"),
        "reminder_after_days": _("days to the reminder: a whole number from 1 to 90"),
    }
    for name, allowed in WHOLE.items():
        raw = str(values.get(name, ""))
        if not (raw.isascii() and raw.isdigit() and len(raw) < 4 and int(raw) in allowed):
            raise NotAPolicy(words[name])
        clean[name] = int(raw)
    payee = numbers.digits_of(str(values.get("swish_number", "")))
    if payee and not swish.is_swish_number(payee):
        raise NotAPolicy(_("the Swish number of a company is ten digits and begins with 123"))
    return clean | {"swish_number": payee}
