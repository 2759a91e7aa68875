from typing import ClassVar

from django.db import models

from chargenet.core import access
from chargenet.core.models import Operator


class SpotPrice(models.Model):
    """What the exchange asks for a quarter of an hour in one area, per kWh and without tax.

    Per operator: who reads them in answers for them, and nobody else's prices change.
    """

    SEEN_BY: ClassVar = access.NETWORK_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    area = models.CharField(max_length=12)
    # The start of the quarter, UTC.
    starts_at = models.DateTimeField()
    currency = models.CharField(max_length=3)
    # Exchanges quote per MWh with two decimals: per kWh that is five, below 0 now and then.
    price = models.DecimalField(max_digits=14, decimal_places=8)
    source = models.CharField(max_length=80, blank=True)
    read_at = models.DateTimeField()

    objects = access.TenantQuerySet["SpotPrice"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "area", "currency", "starts_at"], name="billing_spot_slot"
            )
        ]

    def __str__(self) -> str:
        return f"{self.area} {self.starts_at:%Y-%m-%d %H:%M}"
