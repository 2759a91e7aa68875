from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chargenet.core import access
from chargenet.core.models import Operator
from faults.models.faults import Fault
from stations.models import Command, Station


class HealingPolicy(models.Model):
    """How far an operator lets stations be mended from afar; no row is a dry run."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES

    class Mode(models.TextChoices):
        OFF = "off", _("Off")
        DRY_RUN = "dry_run", _("Dry run: say what would be done")
        ON = "on", _("On")

    operator = models.OneToOneField(Operator, on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(max_length=8, choices=Mode.choices, default=Mode.DRY_RUN)
    # S1 is made safe whatever the mode, unless this is switched off.
    makes_safe = models.BooleanField(default=True)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = access.TenantQuerySet["HealingPolicy"].as_manager()

    def __str__(self) -> str:
        return f"{self.operator_id} {self.mode}"


class Healing(models.Model):
    """What is being tried about one fault; `check_at` says when to look at it again."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    fault = models.OneToOneField(Fault, on_delete=models.PROTECT, related_name="healing")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=8)
    station_model = models.CharField(max_length=160, blank=True)
    # Which of the fault's returns this is about: the ladder begins anew with each.
    round = models.PositiveIntegerField(default=0)
    began_at = models.DateTimeField()
    check_at = models.DateTimeField(null=True)
    # What it waits for, or why nothing more is tried: a word of the ladder.
    why = models.CharField(max_length=24, blank=True)
    healed_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    # A place we locked is opened again once the fault is gone.
    released_at = models.DateTimeField(null=True)

    objects = access.TenantQuerySet["Healing"].as_manager()

    class Meta:
        indexes = [
            models.Index(
                F("check_at"), condition=Q(check_at__isnull=False), name="faults_healing_due"
            ),
            models.Index(fields=["operator", "-began_at"], name="faults_healing_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.station_id}"


class HealingStep(models.Model):
    """One step that was taken, or in a dry run would have been."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "healing__station__location_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    healing = models.ForeignKey(Healing, on_delete=models.PROTECT, related_name="steps")
    round = models.PositiveIntegerField(default=0)
    step = models.CharField(max_length=16)
    is_dry_run = models.BooleanField(default=False)
    command = models.ForeignKey(Command, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    # Did the fault go while this step was given its time?
    has_helped = models.BooleanField(null=True)

    objects = access.TenantQuerySet["HealingStep"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["healing", "at"], name="faults_healingstep_story")]

    def __str__(self) -> str:
        return f"{self.step} {self.at:%Y-%m-%d %H:%M}"
