from typing import ClassVar

from django.conf import settings
from django.db import models

from billing.models.prices import Tariff
from chargenet.core import access
from chargenet.core.models import Operator


class TariffDraft(models.Model):
    """The next version of a price list, while somebody works on it; nothing is priced by it."""

    SEEN_BY: ClassVar = access.NETWORK_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=36)
    name = models.CharField(max_length=120)
    # JSON as text, so that each price keeps its digits: {"tariff": OCPI's object, our own parts}.
    text = models.TextField()
    # Whose spot prices hold, where the energy has them.
    spot_area = models.CharField(max_length=12, blank=True)
    base = models.ForeignKey(Tariff, on_delete=models.PROTECT, null=True, related_name="+")
    # Counts what was saved: two tabs do not undo each other.
    revision = models.PositiveIntegerField(default=1)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    edited_at = models.DateTimeField()

    objects = access.TenantQuerySet["TariffDraft"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["operator", "code"], name="billing_draft_once")
        ]

    def __str__(self) -> str:
        return f"{self.code} draft"
