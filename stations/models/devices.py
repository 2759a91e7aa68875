from typing import ClassVar

from django.db import models

from chargenet.core import access
from chargenet.core.models import Operator
from stations.models.places import Station


class DeviceVariable(models.Model):
    """One setting or reading of a station: a 2.x variable's attribute, or a 1.6 key.

    A 1.6 key has no component. EVSE and connector are 0 where none is named. What may only be
    written, and what is secret, has no value here.
    """

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    operator = models.ForeignKey(
        Operator, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    station = models.ForeignKey(
        Station, on_delete=models.PROTECT, related_name="variables", db_constraint=False
    )
    component = models.CharField(max_length=50, blank=True)
    component_instance = models.CharField(max_length=50, blank=True)
    evse = models.PositiveSmallIntegerField(default=0)
    connector = models.PositiveSmallIntegerField(default=0)
    variable = models.CharField(max_length=50)
    variable_instance = models.CharField(max_length=50, blank=True)
    attribute = models.CharField(max_length=6, default="Actual")
    # None: there is one and we may not see it, or the station gave none.
    value = models.TextField(null=True)  # noqa: DJ001
    mutability = models.CharField(max_length=9, blank=True)
    unit = models.CharField(max_length=16, blank=True)
    data_type = models.CharField(max_length=16, blank=True)
    min_limit = models.CharField(max_length=40, blank=True)
    max_limit = models.CharField(max_length=40, blank=True)
    values_list = models.TextField(blank=True)
    can_be_monitored = models.BooleanField(default=False)
    # The station said it does not know this, or a whole report came without it.
    is_missing = models.BooleanField(default=False)
    read_at = models.DateTimeField(null=True)
    # The station's word to the last change, and the value it takes after its next restart.
    set_answer = models.CharField(max_length=40, blank=True)
    set_at = models.DateTimeField(null=True)
    pending_value = models.TextField(null=True)  # noqa: DJ001

    objects = access.TenantQuerySet["DeviceVariable"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "station",
                    "variable",
                    "component",
                    "component_instance",
                    "evse",
                    "connector",
                    "variable_instance",
                    "attribute",
                ],
                name="stations_variable_once",
            )
        ]
        indexes = [models.Index(fields=["operator", "variable"], name="stations_variable_name")]

    def __str__(self) -> str:
        return f"{self.station_id} {self.component}.{self.variable}"

    @property
    def may_be_written(self) -> bool:
        """Whether the station says, or has not denied, that this can be set."""
        return self.mutability != "ReadOnly" and not self.is_missing


class DeviceMonitor(models.Model):
    """A monitor a 2.x station watches one of its variables with."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    operator = models.ForeignKey(
        Operator, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    station = models.ForeignKey(
        Station, on_delete=models.PROTECT, related_name="monitors", db_constraint=False
    )
    # The station's own number for it.
    number = models.BigIntegerField()
    component = models.CharField(max_length=50)
    component_instance = models.CharField(max_length=50, blank=True)
    evse = models.PositiveSmallIntegerField(default=0)
    connector = models.PositiveSmallIntegerField(default=0)
    variable = models.CharField(max_length=50)
    variable_instance = models.CharField(max_length=50, blank=True)
    kind = models.CharField(max_length=24)
    value = models.CharField(max_length=40)
    severity = models.PositiveSmallIntegerField()
    only_in_transaction = models.BooleanField(default=False)
    read_at = models.DateTimeField()

    objects = access.TenantQuerySet["DeviceMonitor"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["station", "number"], name="stations_monitor_once")
        ]

    def __str__(self) -> str:
        return f"{self.station_id} {self.component}.{self.variable} {self.kind}"


class DeviceReport(models.Model):
    """A report in parts: what was asked for, which parts came, and whether it is whole."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    class Kind(models.TextChoices):
        FULL = "full"
        PART = "part"
        MONITORS = "monitors"

    operator = models.ForeignKey(
        Operator, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    station = models.ForeignKey(
        Station, on_delete=models.PROTECT, related_name="device_reports", db_constraint=False
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    request_id = models.BigIntegerField()
    began_at = models.DateTimeField()
    parts = models.JSONField(default=list)
    last_part = models.IntegerField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = access.TenantQuerySet["DeviceReport"].as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["station", "request_id"], name="stations_devicereport_request")
        ]

    def __str__(self) -> str:
        return f"{self.station_id} {self.kind} {self.request_id}"
