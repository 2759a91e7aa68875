from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chargenet.core import access
from chargenet.core.models import Operator
from stations.models.places import Connector


class Cable(models.Model):
    """A charging cable (laddkabel): an asset with a life of its own."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES

    class Type(models.TextChoices):
        TYPE2 = "type2", "Type 2"
        CCS2 = "ccs2", "CCS2"
        CHADEMO = "chademo", "CHAdeMO"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    serial_number = models.CharField(max_length=60)
    type = models.CharField(max_length=8, choices=Type.choices, default=Type.TYPE2)
    length_cm = models.PositiveIntegerField(null=True, blank=True)
    max_current_a = models.PositiveSmallIntegerField(null=True, blank=True)
    plug_cycles = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = access.TenantQuerySet["Cable"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "serial_number"], name="stations_cable_serial"
            ),
        ]
        verbose_name = _("charging cable")

    def __str__(self) -> str:
        return self.serial_number


class CableFitting(models.Model):
    """A cable fitted to one connector for a time, [fitted_at, removed_at)."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "connector__station__location_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    cable = models.ForeignKey(Cable, on_delete=models.PROTECT, related_name="fittings")
    connector = models.ForeignKey(Connector, on_delete=models.PROTECT, related_name="fittings")
    fitted_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = access.TenantQuerySet["CableFitting"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True) | Q(removed_at__gt=F("fitted_at")),
                name="stations_fitting_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["connector"],
                condition=Q(removed_at__isnull=True),
                name="stations_fitting_open_per_connector",
            ),
            models.UniqueConstraint(
                fields=["cable"],
                condition=Q(removed_at__isnull=True),
                name="stations_fitting_open_per_cable",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cable_id}@{self.connector_id}"
