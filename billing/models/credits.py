from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from billing.models.invoices import Invoice
from chargenet.core import access, money
from chargenet.core.models import Operator


class CreditUse(models.Model):
    """What became of money a customer had to get back: set off against a debt, or paid out.

    `source` is the invoice of which too much was paid, once it was credited. Written once.
    """

    SEEN_BY: ClassVar = access.NETWORK_ROLES
    PERSON_LOOKUP: ClassVar = "source__customer__user_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="credit_uses")
    # The invoice it was set off against; None where it was paid out.
    target = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, null=True, related_name="set_offs"
    )
    amount = money.money_field()
    # How it was paid out, as the bank's list has it.
    reference = models.CharField(max_length=80, blank=True)
    used_at = models.DateTimeField()
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = access.TenantQuerySet["CreditUse"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="billing_credit_use_positive"),
            models.CheckConstraint(
                condition=Q(target__isnull=False) | ~Q(reference=""),
                name="billing_credit_use_tells",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of {self.source_id}"
