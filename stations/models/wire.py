from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chargenet.core import access
from chargenet.core.models import Operator
from stations.models.places import Station


class OcppFrame(models.Model):
    """One exchange with a station, kept for disputes: a call, either way, and its answer.

    Partitioned by received_at, which is when our own calls left. The answer is empty while none
    came, and for ever where a frame deserved none.
    """

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES

    pk = models.CompositePrimaryKey("received_at", "id")
    id = models.BigIntegerField()
    operator_id = models.BigIntegerField()
    station_id = models.BigIntegerField()
    received_at = models.DateTimeField()
    # Who called: the station, or we.
    is_inbound = models.BooleanField(default=True)
    action = models.CharField(max_length=40, blank=True)
    message_id = models.CharField(max_length=36, blank=True)
    # The code of the CALLERROR that answered, else empty.
    error = models.CharField(max_length=40, blank=True)
    frame = models.BinaryField()
    answer = models.BinaryField(null=True)
    answered_at = models.DateTimeField(null=True)

    objects = access.TenantQuerySet["OcppFrame"].as_manager()

    class Meta:
        # Partitions are beyond Django: the table is made in SQL in its migration.
        managed = False
        db_table = "stations_ocppframe"

    def __str__(self) -> str:
        return f"{self.station_id} {self.action}"


class MeterValue(models.Model):
    """One sample of one connector in typed columns; partitioned by received_at."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES

    pk = models.CompositePrimaryKey("received_at", "id")
    id = models.BigIntegerField()
    operator_id = models.BigIntegerField()
    station_id = models.BigIntegerField()
    connector_id = models.BigIntegerField()
    session_id = models.BigIntegerField(null=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    context = models.CharField(max_length=24, blank=True)
    energy_wh = models.BigIntegerField(null=True)
    power_w = models.IntegerField(null=True)
    power_offered_w = models.IntegerField(null=True)
    current_a = models.DecimalField(max_digits=9, decimal_places=3, null=True)
    current_l1_a = models.DecimalField(max_digits=9, decimal_places=3, null=True)
    current_l2_a = models.DecimalField(max_digits=9, decimal_places=3, null=True)
    current_l3_a = models.DecimalField(max_digits=9, decimal_places=3, null=True)
    current_offered_a = models.DecimalField(max_digits=9, decimal_places=3, null=True)
    voltage_v = models.DecimalField(max_digits=9, decimal_places=3, null=True)
    voltage_l1_v = models.DecimalField(max_digits=9, decimal_places=3, null=True)
    voltage_l2_v = models.DecimalField(max_digits=9, decimal_places=3, null=True)
    voltage_l3_v = models.DecimalField(max_digits=9, decimal_places=3, null=True)
    soc_percent = models.SmallIntegerField(null=True)
    temperature_c = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    temperature_body_c = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    # What has no column of its own, and quality flags: {"flags": [...], "other": [...]}.
    extra = models.JSONField(null=True)

    objects = access.TenantQuerySet["MeterValue"].as_manager()

    class Meta:
        managed = False
        db_table = "stations_metervalue"

    def __str__(self) -> str:
        return f"{self.connector_id} {self.occurred_at:%Y-%m-%dT%H:%M:%S}"


class Inbox(models.Model):
    """What a business key was answered: the row that makes a resent frame harmless.

    One row a frame, never partitioned, kept until its session is invoiced and 90 days.
    """

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES

    operator_id = models.BigIntegerField()
    station_id = models.BigIntegerField()
    key = models.CharField(max_length=200)
    payload_hash = models.BinaryField(max_length=16)
    action = models.CharField(max_length=40)
    answer = models.JSONField()
    session_id = models.BigIntegerField(null=True)
    received_at = models.DateTimeField()
    duplicates = models.PositiveIntegerField(default=0)
    # The first frame of the same key and other content, kept beside the one that counts.
    conflict = models.JSONField(null=True)
    state = models.CharField(max_length=10, default="stored")

    objects = access.TenantQuerySet["Inbox"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["station_id", "key"], name="stations_inbox_key")
        ]
        indexes = [models.Index(fields=["received_at"], name="stations_inbox_received")]

    def __str__(self) -> str:
        return f"{self.station_id} {self.key}"


class Command(models.Model):
    """A call to a station: sent at most once an attempt, with a final state always."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        CLAIMED = "claimed", _("Claimed")
        SENT = "sent", _("Sent")
        ACCEPTED = "accepted", _("Accepted")
        REJECTED = "rejected", _("Rejected")
        ERROR = "error", _("Error")
        TIMEOUT = "timeout", _("No answer in time")
        UNKNOWN = "unknown", _("Outcome unknown")
        EXPIRED = "expired", _("Expired")

    FINAL: ClassVar = ("accepted", "rejected", "error", "timeout", "unknown", "expired")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="commands")
    action = models.CharField(max_length=40)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    claimed_epoch = models.BigIntegerField(null=True)
    message_id = models.CharField(max_length=36, blank=True)
    sent_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    answer = models.JSONField(null=True)
    error = models.CharField(max_length=255, blank=True)
    # What the command is a part of, as "kind:id": whoever began it hears how it ended.
    origin = models.CharField(max_length=60, blank=True)
    # What stands as "***" in the payload, sealed; gone once the command has ended.
    sealed = models.BinaryField(null=True)
    # When what its end means was drawn from it; the sweep finds the ends nobody followed.
    followed_at = models.DateTimeField(null=True)
    # What a program sent with it, so that asking twice is one command; and what it then asked.
    idempotency_key = models.CharField(max_length=64, blank=True, db_default="")
    request_hash = models.CharField(max_length=64, blank=True, db_default="")

    objects = access.TenantQuerySet["Command"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="stations_command_asked_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["station", "id"],
                condition=Q(state__in=["queued", "claimed", "sent"]),
                name="stations_command_open",
            ),
            models.Index(
                fields=["station", "id"],
                condition=Q(finished_at__isnull=False, followed_at__isnull=True),
                name="stations_command_unfollowed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.state}"


class StationReport(models.Model):
    """A message whose meaning a worker draws after it was answered: device model, jobs, lists."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    operator = models.ForeignKey(
        Operator, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    station = models.ForeignKey(
        Station, on_delete=models.PROTECT, related_name="reports", db_constraint=False
    )
    # The OCPP action that brought it.
    kind = models.CharField(max_length=40)
    request_id = models.BigIntegerField(null=True)
    seq_no = models.IntegerField(null=True)
    is_last = models.BooleanField(default=True)
    payload = models.JSONField(default=dict)
    received_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=255, blank=True)

    objects = access.TenantQuerySet["StationReport"].as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["station", "id"],
                condition=Q(applied_at__isnull=True),
                name="stations_report_open",
            ),
            models.Index(fields=["received_at"], name="stations_report_received"),
        ]

    def __str__(self) -> str:
        return f"{self.station_id} {self.kind}"
