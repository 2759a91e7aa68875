from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chargenet.core import access
from chargenet.core.models import Operator
from stations.models.cables import Cable
from stations.models.places import Connector, Station
from stations.models.tokens import Token


class Session(models.Model):
    """One charging session: OCPP's transaction in our words."""

    SEEN_BY: ClassVar = access.SITE_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"
    PERSON_LOOKUP: ClassVar = "driver_id"

    class State(models.TextChoices):
        OPEN = "open", _("Charging")
        COMPLETED = "completed", _("Completed")
        # Stored and shown, never billed: the facts contradict themselves.
        FLAGGED = "flagged", _("Flagged")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    # No foreign-key checks on the socket's path: a checker proves the references.
    station = models.ForeignKey(
        Station, on_delete=models.PROTECT, related_name="sessions", db_constraint=False
    )
    connector = models.ForeignKey(
        Connector, on_delete=models.PROTECT, related_name="sessions", db_constraint=False
    )
    cable = models.ForeignKey(
        Cable, on_delete=models.PROTECT, null=True, related_name="sessions", db_constraint=False
    )
    token = models.ForeignKey(
        Token, on_delete=models.PROTECT, null=True, related_name="sessions", db_constraint=False
    )
    driver = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,
    )
    # The station's string in 2.x, our random 31-bit number in 1.6, the file's id on import.
    ocpp_transaction_id = models.CharField(max_length=64)
    id_tag = models.CharField(max_length=255, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)
    meter_start_wh = models.BigIntegerField(null=True)
    meter_stop_wh = models.BigIntegerField(null=True)
    last_register_wh = models.BigIntegerField(null=True)
    last_power_w = models.IntegerField(null=True)
    last_soc_percent = models.SmallIntegerField(null=True)
    last_meter_at = models.DateTimeField(null=True)
    energy_wh = models.BigIntegerField(null=True)
    # Connected after the vehicle stopped asking for power: parking, in seconds.
    parking_s = models.PositiveIntegerField(default=0)
    parking_since = models.DateTimeField(null=True)
    stop_reason = models.CharField(max_length=40, blank=True)
    needs_review = models.BooleanField(default=False)
    flags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    last_seq_no = models.IntegerField(null=True)
    remote_start_id = models.BigIntegerField(null=True)
    source = models.CharField(max_length=8, default="ocpp")

    objects = access.TenantQuerySet["Session"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["station", "ocpp_transaction_id"], name="stations_session_transaction"
            ),
            models.CheckConstraint(
                condition=Q(energy_wh__isnull=True) | Q(energy_wh__gte=0),
                name="stations_session_energy_not_negative",
            ),
            models.CheckConstraint(
                condition=~Q(state="completed")
                | (
                    Q(ended_at__gte=F("started_at"))
                    & Q(ended_at__isnull=False)
                    & Q(energy_wh__isnull=False)
                ),
                name="stations_session_completed_is_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["operator", "-started_at"], name="stations_session_recent"),
            models.Index(fields=["connector", "-started_at"], name="stations_session_connector"),
            models.Index(
                fields=["driver", "-started_at"],
                condition=Q(driver__isnull=False),
                name="stations_session_driver",
            ),
            models.Index(F("connector"), condition=Q(state="open"), name="stations_session_open"),
            models.Index(fields=["completed_at"], name="stations_session_completed"),
            models.Index(
                F("token"),
                condition=Q(state="open") & Q(token__isnull=False),
                name="stations_session_open_token",
            ),
        ]

    def __str__(self) -> str:
        return f"session {self.pk}"


class OrphanStop(models.Model):
    """A stop for a transaction we do not know: kept, answered, to be matched."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="orphan_stops")
    ocpp_transaction_id = models.CharField(max_length=64)
    id_tag = models.CharField(max_length=255, blank=True)
    meter_stop_wh = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=40, blank=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    payload = models.JSONField()
    session = models.ForeignKey(Session, on_delete=models.PROTECT, null=True, related_name="+")

    objects = access.TenantQuerySet["OrphanStop"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["station", "-received_at"], name="stations_orphan_recent")]

    def __str__(self) -> str:
        return f"{self.station_id} {self.ocpp_transaction_id}"
