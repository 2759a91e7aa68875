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
    # What OCPI cannot say, as `billing.tariffs.native` reads it beside "tariff"; empty is nothing.
    native = models.JSONField(default=dict, blank=True)
    # Whose spot prices hold, where the energy has them: SE1 to SE4, or any area of the exchange.
    spot_area = models.CharField(max_length=12, blank=True)
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
    """Which tariff holds for whom and where, [valid_from, valid_until); the narrowest wins.

    Of connectors of one power, W, from inclusive and below exclusive, where that is said.
    """

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
    # For whom: a group of customers, or a roaming partner; nobody named is everybody.
    group = models.ForeignKey(
        "billing.CustomerGroup", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    partner = models.ForeignKey(
        "billing.Customer", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    from_power_w = models.PositiveIntegerField(null=True, blank=True)
    below_power_w = models.PositiveIntegerField(null=True, blank=True)
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
            models.CheckConstraint(
                condition=Q(from_power_w__isnull=True)
                | Q(below_power_w__isnull=True)
                | Q(below_power_w__gt=F("from_power_w")),
                name="billing_assignment_some_power",
            ),
            models.CheckConstraint(
                condition=Q(group__isnull=True) | Q(partner__isnull=True),
                name="billing_assignment_one_payer",
            ),
        ]
        indexes = [models.Index(fields=["operator", "valid_from"], name="billing_assignment_at")]

    def __str__(self) -> str:
        return f"{self.tariff_id} from {self.valid_from:%Y-%m-%d}"
