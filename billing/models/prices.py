from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from chargenet.core import access
from chargenet.core.models import Operator
from stations.models import Connector, Location, Station


class Tariff(models.Model):
    """One version of a price list in OCPI's structure; never edited once a Cdr used it."""

    SEEN_BY: ClassVar = access.NETWORK_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=36)
    version = models.PositiveIntegerField(default=1)
    name = models.CharField(max_length=120)
    currency = models.CharField(max_length=3)
    # The OCPI 2.2.1 or 2.3.0 tariff object, as `billing.tariffs` reads it.
    ocpi = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = access.TenantQuerySet["Tariff"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "code", "version"], name="billing_tariff_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class TariffAssignment(models.Model):
    """Which tariff holds where, [valid_from, valid_until); the narrowest place wins."""

    SEEN_BY: ClassVar = access.NETWORK_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    tariff = models.ForeignKey(Tariff, on_delete=models.PROTECT, related_name="assignments")
    location = models.ForeignKey(
        Location, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    station = models.ForeignKey(
        Station, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    connector = models.ForeignKey(
        Connector, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)

    objects = access.TenantQuerySet["TariffAssignment"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="billing_assignment_forward",
            ),
            models.CheckConstraint(
                condition=(
                    Q(location__isnull=True, station__isnull=True)
                    | Q(location__isnull=True, connector__isnull=True)
                    | Q(station__isnull=True, connector__isnull=True)
                ),
                name="billing_assignment_one_place",
            ),
        ]
        indexes = [models.Index(fields=["operator", "valid_from"], name="billing_assignment_at")]

    def __str__(self) -> str:
        return f"{self.tariff_id} from {self.valid_from:%Y-%m-%d}"
