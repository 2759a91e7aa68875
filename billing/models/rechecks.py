from typing import ClassVar

from django.db import models

from billing.models.cdrs import Cdr
from chargenet.core import access
from chargenet.core.models import Operator


class PriceRecheck(models.Model):
    """One night's reckoning: the Cdrs of a day priced again from what was stored with them."""

    SEEN_BY: ClassVar = access.NETWORK_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    # The day, local to the operator, on which they were rated.
    day = models.DateField()
    checked = models.PositiveIntegerField(default=0)
    # Rated before anything was stored with them: nothing to price them from.
    unstored = models.PositiveIntegerField(default=0)
    different = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()

    objects = access.TenantQuerySet["PriceRecheck"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["operator", "day"], name="billing_recheck_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.operator_id} {self.day}"


class PriceDifference(models.Model):
    """A Cdr that would come to something else if it were priced again from what was stored."""

    SEEN_BY: ClassVar = access.NETWORK_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    cdr = models.OneToOneField(Cdr, on_delete=models.PROTECT, related_name="difference")
    # {"what": [names of what differs], "billed": {...}, "again": {...}}, amounts as text
    detail = models.JSONField()
    found_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    # Set when a later reckoning came to what was billed.
    gone_at = models.DateTimeField(null=True, blank=True)

    objects = access.TenantQuerySet["PriceDifference"].as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["operator", "-found_at"], name="billing_difference_newest")
        ]

    def __str__(self) -> str:
        return f"cdr {self.cdr_id}"
