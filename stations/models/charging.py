from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chargenet.core import access
from chargenet.core.models import Operator
from stations.models.places import Station
from stations.models.sessions import Session


class ChargingProfile(models.Model):
    """A limit in time for a station: what we asked it to hold, or what it says it has."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    class Purpose(models.TextChoices):
        STATION_MAX = "station_max", _("The whole station")
        TX_DEFAULT = "tx_default", _("Every session")
        TX = "tx", _("This session")
        PRIORITY = "priority", _("Priority charging")
        EXTERNAL = "external", _("Set by others")

    class Maker(models.TextChoices):
        PERSON = "person", _("A person")
        SITE = "site", _("The site's limit")
        NEEDS = "needs", _("The vehicle's needs")
        STATION = "station", _("Found at the station")

    class State(models.TextChoices):
        SENT = "sent", _("Sent")
        INSTALLED = "installed", _("Installed")
        REFUSED = "refused", _("Refused")
        UNSURE = "unsure", _("Not confirmed")
        CLEARING = "clearing", _("Being cleared")
        CLEARED = "cleared", _("Cleared")

    # What may be in force at the station now.
    HELD: ClassVar = ("sent", "installed", "unsure", "clearing")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="profiles")
    # 0 is the whole station.
    evse_number = models.PositiveSmallIntegerField(default=0)
    # OCPP's number for it, unique at the station.
    number = models.IntegerField()
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    stack_level = models.PositiveSmallIntegerField(default=0)
    transaction = models.CharField(max_length=64, blank=True)
    maker = models.CharField(max_length=8, choices=Maker.choices, default=Maker.PERSON)
    # Kind, unit, start, duration, periods, as `stations.metering.schedules` reads them.
    schedule = models.JSONField(default=dict)
    # The schedule the station last accepted; where a newer one is refused this one goes on.
    accepted = models.JSONField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.SENT)
    reason = models.CharField(max_length=120, blank=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(null=True)

    objects = access.TenantQuerySet["ChargingProfile"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["station", "number"], name="stations_profile_number"),
            # No two of one purpose, level and place may hold at once (2.0.1 K01.FR.06, K01.FR.39).
            models.UniqueConstraint(
                fields=["station", "evse_number", "purpose", "stack_level", "transaction"],
                condition=Q(state__in=["sent", "installed", "unsure", "clearing"])
                & ~Q(maker="station"),
                name="stations_profile_level",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.station_id} {self.purpose} {self.number}"


class ExternalLimit(models.Model):
    """A limit somebody else set at a station, such as the grid or an energy manager."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="external_limits")
    evse_number = models.PositiveSmallIntegerField(default=0)
    source = models.CharField(max_length=20)
    is_grid_critical = models.BooleanField(default=False)
    schedules = models.JSONField(default=list)
    set_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)

    objects = access.TenantQuerySet["ExternalLimit"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["station", "evse_number", "source"],
                condition=Q(cleared_at__isnull=True),
                name="stations_externallimit_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.station_id} {self.source}"


class CompositeSchedule(models.Model):
    """What a station says it would allow at an EVSE, the newest answer."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="+")
    evse_number = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=1, default="A")
    asked_at = models.DateTimeField()
    starts_at = models.DateTimeField(null=True)
    duration_s = models.PositiveIntegerField(default=0)
    # [{"start", "limit", "phases"?}]
    periods = models.JSONField(default=list)
    # Empty once answered; else why there is none.
    refusal = models.CharField(max_length=60, blank=True)

    objects = access.TenantQuerySet["CompositeSchedule"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["station", "evse_number"], name="stations_composite_newest"
            )
        ]

    def __str__(self) -> str:
        return f"{self.station_id}/{self.evse_number}"


class ChargingNeed(models.Model):
    """What a vehicle said it needs, and what was made of it (NotifyEVChargingNeeds)."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="+")
    evse_number = models.PositiveSmallIntegerField()
    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False
    )
    mode = models.CharField(max_length=30, blank=True)
    energy_wh = models.IntegerField(null=True)
    max_current_a = models.IntegerField(null=True)
    departs_at = models.DateTimeField(null=True)
    detail = models.JSONField(default=dict)
    received_at = models.DateTimeField()
    # The vehicle's own plan in answer to ours (NotifyEVChargingSchedule).
    plan = models.JSONField(null=True)

    objects = access.TenantQuerySet["ChargingNeed"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["station", "-received_at"], name="stations_need_recent")]

    def __str__(self) -> str:
        return f"{self.station_id}/{self.evse_number} {self.mode}"
