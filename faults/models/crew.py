from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chargenet.core import access
from chargenet.core.models import Operator
from faults.models.faults import Severity
from stations.models import Location, Station


class Skill(models.TextChoices):
    AC = "ac", _("AC stations")
    DC = "dc", _("DC stations")
    HV = "hv", _("High voltage")
    NETWORK = "network", _("Network and SIM")


class Rank(models.TextChoices):
    TECHNICIAN = "technician", _("Technician")
    LEAD = "lead", _("Team lead")
    MANAGER = "manager", _("Manager")


class CrewMember(models.Model):
    """What a person of the crew can do, and where; membership says what they may."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    rank = models.CharField(max_length=10, choices=Rank.choices, default=Rank.TECHNICIAN)
    skills = ArrayField(models.CharField(max_length=8, choices=Skill.choices), default=list)
    # Sites that are theirs first; empty: none more than another.
    site_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)

    objects = access.TenantQuerySet["CrewMember"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["operator", "user"], name="faults_crew_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.rank}"


class Duty(models.Model):
    """A time in which a person is on call."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    objects = access.TenantQuerySet["Duty"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "user", "starts_at"], name="faults_duty_once"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="faults_duty_forward"
            ),
        ]
        indexes = [models.Index(fields=["operator", "ends_at"], name="faults_duty_now")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.starts_at:%Y-%m-%d}"


class ServiceLevel(models.Model):
    """How soon an operator promises to answer and to restore, by severity."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    severity = models.PositiveSmallIntegerField(choices=Severity.choices)
    is_rural = models.BooleanField(default=False)
    acknowledge_s = models.PositiveIntegerField()
    restore_s = models.PositiveIntegerField()

    objects = access.TenantQuerySet["ServiceLevel"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "severity", "is_rural"], name="faults_level_once"
            )
        ]

    def __str__(self) -> str:
        return f"S{self.severity} {self.acknowledge_s} {self.restore_s}"


class TicketPolicy(models.Model):
    """When an operator's crew is told, how often again, and which sites are far away."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES

    operator = models.OneToOneField(Operator, on_delete=models.PROTECT, related_name="+")
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)
    repeat_s = models.PositiveIntegerField(default=4 * 3600)
    safety_repeat_s = models.PositiveIntegerField(default=15 * 60)
    group_wait_s = models.PositiveIntegerField(default=30)
    group_interval_s = models.PositiveIntegerField(default=300)
    rural_site_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    # Give a new ticket to who fits best, without asking.
    assigns_by_itself = models.BooleanField(default=False)

    objects = access.TenantQuerySet["TicketPolicy"].as_manager()

    def __str__(self) -> str:
        return f"{self.operator_id}"


class MaintenanceWindow(models.Model):
    """A time in which faults of a place are recorded and nobody is told."""

    SEEN_BY: ClassVar = access.SITE_ROLES
    LOCATION_LOOKUP: ClassVar = "location_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    # None: the whole site.
    station = models.ForeignKey(Station, on_delete=models.PROTECT, null=True, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=255)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()

    objects = access.TenantQuerySet["MaintenanceWindow"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="faults_window_forward"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="faults_window_reason"),
        ]
        indexes = [models.Index(fields=["location", "ends_at"], name="faults_window_place")]

    def __str__(self) -> str:
        return f"{self.location_id} {self.starts_at:%Y-%m-%d %H:%M}"
