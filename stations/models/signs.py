from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chargenet.core import access
from chargenet.core.models import Operator
from stations.models.places import Connector, Station, Status

# What stations tell of their security, and what the gateway saw itself at its door and after it.
SECURITY_KINDS = (
    "security_event",
    "authentication_failed",
    "profile_refused",
    "certificate_refused",
    "serial_mismatch",
    "identity_contested",
    "taken_over",
    "token_guessing",
    "foreign_transaction",
)


class StatusChange(models.Model):
    """What a station said of itself or of a connector, and when."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    operator = models.ForeignKey(
        Operator, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    station = models.ForeignKey(
        Station, on_delete=models.PROTECT, related_name="status_changes", db_constraint=False
    )
    # NULL is the station itself: OCPP 1.6 connector 0.
    connector = models.ForeignKey(
        Connector,
        on_delete=models.PROTECT,
        null=True,
        related_name="status_changes",
        db_constraint=False,
    )
    status = models.CharField(max_length=16, choices=Status.choices)
    error_code = models.CharField(max_length=60, blank=True)
    vendor_id = models.CharField(max_length=255, blank=True)
    vendor_error_code = models.CharField(max_length=80, blank=True)
    detail = models.CharField(max_length=255, blank=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()

    objects = access.TenantQuerySet["StatusChange"].as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["station", "-received_at"], name="stations_status_station"),
            models.Index(fields=["connector", "-occurred_at"], name="stations_status_connector"),
        ]

    def __str__(self) -> str:
        return f"{self.connector_id} {self.status}"


class Observation(models.Model):
    """A word and ids about a station that a rule must see; never an amount."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    station = models.ForeignKey(
        Station, on_delete=models.PROTECT, related_name="observations", db_constraint=False
    )
    connector = models.ForeignKey(
        Connector, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False
    )
    kind = models.CharField(max_length=40)
    source_id = models.CharField(max_length=80, blank=True)
    detail = models.JSONField(default=dict)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()

    objects = access.TenantQuerySet["Observation"].as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["station", "kind", "-occurred_at"], name="stations_observation_kind"
            ),
            # What is new at a station, for the rules.
            models.Index(fields=["station", "-received_at"], name="stations_observation_news"),
            models.Index(
                fields=["operator", "-occurred_at"],
                condition=Q(kind__in=SECURITY_KINDS),
                name="stations_observation_security",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["station", "kind", "source_id"],
                condition=~Q(source_id=""),
                name="stations_observation_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.station_id} {self.kind}"


class Impairment(models.Model):
    """A time in which a connector could not do its job, or did it in doubt, as faults said."""

    SEEN_BY: ClassVar = access.SITE_ROLES
    LOCATION_LOOKUP: ClassVar = "connector__station__location_id"

    class Cause(models.TextChoices):
        STATION = "station", _("Station")
        CABLE = "cable", _("Cable")
        NETWORK = "network", _("Network")
        GRID = "grid", _("Grid")
        VEHICLE = "vehicle", _("Vehicle")
        UNKNOWN = "unknown", _("Unknown")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    connector = models.ForeignKey(Connector, on_delete=models.PROTECT, related_name="impairments")
    code = models.CharField(max_length=8)
    cause = models.CharField(max_length=8, choices=Cause.choices, default=Cause.UNKNOWN)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    # False: it charged, but less than it should, or what its meter told is in doubt.
    is_blocking = models.BooleanField(default=True)

    objects = access.TenantQuerySet["Impairment"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connector", "code", "started_at"], name="stations_impairment_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="stations_impairment_forward",
            ),
        ]
        indexes = [
            models.Index(fields=["connector", "-started_at"], name="stations_impairment_at")
        ]

    def __str__(self) -> str:
        return f"{self.connector_id} {self.code}"
