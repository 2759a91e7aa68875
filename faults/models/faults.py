from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chargenet.core import access
from chargenet.core.models import Operator
from faults.models.tickets import Ticket
from stations.models import Cable, Connector, Location, Station


class Severity(models.IntegerChoices):
    S1 = 1, _("S1 Safety")
    S2 = 2, _("S2 Station down")
    S3 = 3, _("S3 Connector down")
    S4 = 4, _("S4 Degraded")
    S5 = 5, _("S5 Information")


class Scope(models.TextChoices):
    CONNECTOR = "connector", _("Connector")
    STATION = "station", _("Station")
    SITE = "site", _("Site")
    NETWORK = "network", _("Network")
    COHORT = "cohort", _("Firmware cohort")


class Fault(models.Model):
    """A condition a rule found, with the evidence it was found by."""

    SEEN_BY: ClassVar = access.SITE_ROLES
    LOCATION_LOOKUP: ClassVar = "location_id"

    class State(models.TextChoices):
        PENDING = "pending", _("Watching")
        FIRING = "firing", _("Open")
        CLEARED = "cleared", _("Cleared")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=8)
    scope = models.CharField(max_length=10, choices=Scope.choices)
    # "connector:17", "station:4" …: what the fault is about, one word for the unique index.
    scope_key = models.CharField(max_length=40)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, null=True, related_name="+")
    station = models.ForeignKey(
        Station, on_delete=models.PROTECT, null=True, related_name="faults"
    )
    connector = models.ForeignKey(
        Connector, on_delete=models.PROTECT, null=True, related_name="faults"
    )
    cable = models.ForeignKey(Cable, on_delete=models.PROTECT, null=True, related_name="faults")
    severity = models.PositiveSmallIntegerField(choices=Severity.choices)
    state = models.CharField(max_length=8, choices=State.choices)
    attribution = models.CharField(max_length=10, default="unknown")
    began_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    cleared_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField()
    reopened = models.PositiveIntegerField(default=0)
    # When waiting alone changes something: a sweep reads this column instead of scanning.
    check_at = models.DateTimeField(null=True)
    # What explains it, "F40:site:3": while that holds, this one opens no ticket.
    inhibited_by = models.CharField(max_length=60, blank=True)
    evidence = models.JSONField(default=dict)
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, null=True, related_name="faults")

    objects = access.TenantQuerySet["Fault"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "code", "scope_key"],
                condition=~Q(state="cleared"),
                name="faults_fault_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state="cleared", cleared_at__isnull=False)
                | (~Q(state="cleared") & Q(cleared_at__isnull=True)),
                name="faults_fault_cleared_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="firing") | Q(opened_at__isnull=False),
                name="faults_fault_firing_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["operator", "state", "severity"], name="faults_fault_open"),
            models.Index(fields=["station", "-began_at"], name="faults_fault_station"),
            models.Index(F("check_at"), condition=~Q(state="cleared"), name="faults_fault_check"),
            models.Index(
                fields=["inhibited_by"],
                condition=~Q(inhibited_by=""),
                name="faults_fault_explained",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.scope_key} {self.state}"


class RuleState(models.Model):
    """What a rule remembers about one thing it watches."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=8)
    scope_key = models.CharField(max_length=40)
    station = models.ForeignKey(Station, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.JSONField()
    # The newest fact the state has taken in: a fact is counted once, however often we look.
    watermark = models.CharField(max_length=80, blank=True)
    # False when the rule could not know: shown as blind, never taken for health.
    is_knowing = models.BooleanField(default=True)
    # When waiting alone changes the answer of a rule that holds no fault.
    check_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()

    objects = access.TenantQuerySet["RuleState"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "code", "scope_key"], name="faults_rulestate_once"
            )
        ]
        indexes = [
            models.Index(fields=["station"], name="faults_rulestate_station"),
            models.Index(
                F("check_at"),
                condition=Q(check_at__isnull=False),
                name="faults_rulestate_check",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.scope_key}"


class RuleSetting(models.Model):
    """Thresholds of one rule that an operator changed: everywhere, at a site, for a model.

    The narrower wins: site over model over everywhere. `values` are names of the rule's
    Thresholds, durations in seconds; `is_active` false switches the rule off there.
    """

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=8)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, null=True, related_name="+")
    station_model = models.CharField(max_length=80, blank=True)
    values = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = access.TenantQuerySet["RuleSetting"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "code", "location", "station_model"],
                nulls_distinct=False,
                name="faults_rulesetting_once",
            ),
            models.CheckConstraint(
                condition=Q(location__isnull=True) | Q(station_model=""),
                name="faults_rulesetting_one_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.location_id or self.station_model or 'everywhere'}"


class Downtime(models.Model):
    """A time in which a driver could not have charged at a connector, and why."""

    SEEN_BY: ClassVar = access.SITE_ROLES
    LOCATION_LOOKUP: ClassVar = "connector__station__location_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    connector = models.ForeignKey(Connector, on_delete=models.PROTECT, related_name="downtimes")
    fault = models.ForeignKey(Fault, on_delete=models.PROTECT, null=True, related_name="downtimes")
    reason_code = models.CharField(max_length=8)
    exclusion_class = models.CharField(max_length=24, default="none")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = access.TenantQuerySet["Downtime"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connector", "fault", "started_at"], name="faults_downtime_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="faults_downtime_forward",
            ),
        ]
        indexes = [
            models.Index(fields=["connector", "-started_at"], name="faults_downtime_recent")
        ]

    def __str__(self) -> str:
        return f"{self.connector_id} {self.reason_code}"
