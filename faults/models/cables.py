from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from chargenet.core import access
from chargenet.core.models import Operator
from stations.models import Cable, Connector


class CableReading(models.Model):
    """How warm one session made a cable: one row a session that tells it."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "connector__station__location_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    cable = models.ForeignKey(Cable, on_delete=models.PROTECT, related_name="readings")
    connector = models.ForeignKey(Connector, on_delete=models.PROTECT, related_name="+")
    session_id = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    # Rise of temperature per ampere squared, K/A²; NULL where the session was too short to say.
    theta = models.FloatField(null=True)
    hottest_c = models.FloatField(null=True)
    ambient_c = models.FloatField(null=True)

    objects = access.TenantQuerySet["CableReading"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["cable", "-at"], name="faults_cablereading_cable")]

    def __str__(self) -> str:
        return f"{self.cable_id} {self.at:%Y-%m-%d %H:%M}"


class CableLife(models.Model):
    """What a cable has been through, and how likely it is the next to fail."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "connector__station__location_id"

    class Retired(models.TextChoices):
        WORN = "worn", _("Worn")
        DAMAGED = "damaged", _("Damaged")
        STOLEN = "stolen", _("Cut or stolen")
        OTHER = "other", _("Other")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    cable = models.OneToOneField(Cable, on_delete=models.PROTECT, related_name="life")
    # Where it is fitted; NULL in store.
    connector = models.ForeignKey(Connector, on_delete=models.PROTECT, null=True, related_name="+")
    fitted_at = models.DateTimeField(null=True)
    sessions = models.PositiveIntegerField(default=0)
    energy_wh = models.BigIntegerField(default=0)
    # θ of its first sessions at this connector, and how many times that its newest ones have.
    base_theta = models.FloatField(null=True)
    times_base = models.FloatField(null=True)
    hottest_c = models.FloatField(null=True)
    faults = models.PositiveIntegerField(default=0)
    risk = models.PositiveSmallIntegerField(default=0)
    # Why, heaviest first: [{"word", "points", and the figures behind}].
    reasons = models.JSONField(default=list)
    retired_at = models.DateTimeField(null=True)
    retired_why = models.CharField(max_length=8, choices=Retired.choices, blank=True)
    updated_at = models.DateTimeField()

    objects = access.TenantQuerySet["CableLife"].as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["operator", "-risk"], name="faults_cablelife_risk"),
            models.Index(fields=["updated_at"], name="faults_cablelife_updated"),
        ]

    def __str__(self) -> str:
        return f"{self.cable_id}: {self.risk}"
