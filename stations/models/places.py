from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chargenet.core import access
from chargenet.core.models import Operator


class OcppVersion(models.TextChoices):
    V16 = "1.6", "OCPP 1.6"
    V201 = "2.0.1", "OCPP 2.0.1"
    V21 = "2.1", "OCPP 2.1"


class Status(models.TextChoices):
    """The nine states of OCPP 1.6; 2.x reports Occupied, which the transaction refines."""

    AVAILABLE = "Available", _("Available")
    PREPARING = "Preparing", _("Preparing")
    CHARGING = "Charging", _("Charging")
    SUSPENDED_EV = "SuspendedEV", _("Paused by the vehicle")
    SUSPENDED_EVSE = "SuspendedEVSE", _("Paused by the station")
    FINISHING = "Finishing", _("Finishing")
    RESERVED = "Reserved", _("Reserved")
    UNAVAILABLE = "Unavailable", _("Unavailable")
    FAULTED = "Faulted", _("Faulted")
    OCCUPIED = "Occupied", _("Occupied")
    UNKNOWN = "", _("Unknown")


class Location(models.Model):
    """A site: where stations stand."""

    SEEN_BY: ClassVar = access.SITE_ROLES
    LOCATION_LOOKUP: ClassVar = "id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=160)
    street = models.CharField(max_length=160, blank=True)
    postal_code = models.CharField(max_length=16, blank=True)
    city = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=2, default="SE")
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    timezone = models.CharField(max_length=64, default="Europe/Stockholm")
    # Published hours, as `stations.metering.opening` reads them; none: it never closes.
    opening_hours = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = access.TenantQuerySet["Location"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["operator", "name"], name="stations_location_name")
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Station(models.Model):
    """A charging station: one OCPP identity, one socket at a time."""

    SEEN_BY: ClassVar = access.SITE_ROLES
    LOCATION_LOOKUP: ClassVar = "location_id"

    class Registration(models.TextChoices):
        NEW = "new", _("Never booted")
        ACCEPTED = "accepted", _("Accepted")
        PENDING = "pending", _("Pending")
        REJECTED = "rejected", _("Rejected")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="stations")
    # The OCPP identity is a credential: never on a public page, map, QR code or API.
    identity = models.CharField(max_length=48, unique=True)
    name = models.CharField(max_length=80)
    vendor = models.CharField(max_length=80, blank=True)
    model = models.CharField(max_length=80, blank=True)
    serial_number = models.CharField(max_length=80, blank=True)
    firmware_version = models.CharField(max_length=80, blank=True)
    ocpp_version = models.CharField(max_length=5, choices=OcppVersion.choices, blank=True)
    max_power_w = models.PositiveIntegerField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    strict_inbound = models.BooleanField(default=False)
    security_profile = models.PositiveSmallIntegerField(default=1)
    password_hash = models.CharField(max_length=160, blank=True)
    registration = models.CharField(
        max_length=8, choices=Registration.choices, default=Registration.NEW
    )
    # Whose line it shares, an APN or a router: those go silent together.
    network_group = models.CharField(max_length=40, blank=True, default="")
    heartbeat_interval_s = models.PositiveIntegerField(default=300)
    status = models.CharField(max_length=16, choices=Status.choices, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    # The epoch grows with every authenticated connection; an older socket may write nothing.
    epoch = models.BigIntegerField(default=0)
    is_online = models.BooleanField(default=False)
    connected_at = models.DateTimeField(null=True)
    disconnected_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField(null=True)
    last_boot_at = models.DateTimeField(null=True)
    # When silence becomes a question; a sweep reads this column instead of scanning.
    check_after = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = access.TenantQuerySet["Station"].as_manager()

    class Meta:
        indexes = [
            models.Index(
                F("check_after"), condition=Q(is_active=True), name="stations_station_check"
            ),
            models.Index(
                fields=["name"], opclasses=["text_pattern_ops"], name="stations_station_name"
            ),
            models.Index(fields=["operator", "location"], name="stations_station_site"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(security_profile__range=(0, 3)), name="stations_station_profile"
            ),
            models.CheckConstraint(
                condition=~Q(identity__contains=":") & ~Q(identity=""),
                name="stations_station_identity",
            ),
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Evse(models.Model):
    """One place that charges one vehicle at a time; in OCPP 1.6 every connector is one."""

    SEEN_BY: ClassVar = access.SITE_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="evses")
    number = models.PositiveSmallIntegerField()
    public_id = models.CharField(max_length=48, blank=True)
    max_power_w = models.PositiveIntegerField(null=True, blank=True)

    objects = access.TenantQuerySet["Evse"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["station", "number"], name="stations_evse_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="stations_evse_from_1"),
        ]

    def __str__(self) -> str:
        return f"{self.station_id}/{self.number}"


class Connector(models.Model):
    """The place a vehicle is plugged in: a tethered cable's post, or a socket."""

    SEEN_BY: ClassVar = access.SITE_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    class Kind(models.TextChoices):
        TETHERED = "tethered", _("Fixed cable")
        SOCKET = "socket", _("Socket")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="connectors")
    evse = models.ForeignKey(Evse, on_delete=models.PROTECT, related_name="connectors")
    number = models.PositiveSmallIntegerField()
    # What the QR code says: unguessable, and tells nothing about the OCPP identity.
    public_code = models.CharField(max_length=12, unique=True)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.SOCKET)
    standard = models.CharField(max_length=24, default="IEC_62196_T2")
    max_power_w = models.PositiveIntegerField(null=True, blank=True)
    status = models.CharField(max_length=16, choices=Status.choices, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    vendor_error_code = models.CharField(max_length=80, blank=True)
    status_occurred_at = models.DateTimeField(null=True)
    status_received_at = models.DateTimeField(null=True)
    last_register_wh = models.BigIntegerField(null=True)
    last_power_w = models.IntegerField(null=True)
    last_meter_at = models.DateTimeField(null=True)

    objects = access.TenantQuerySet["Connector"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["evse", "number"], name="stations_connector_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="stations_connector_from_1"),
        ]
        indexes = [models.Index(fields=["station", "number"], name="stations_connector_station")]

    def __str__(self) -> str:
        return f"{self.station_id}/{self.evse_id}/{self.number}"

    @property
    def point(self) -> str:
        """Return its number as people read it, that of its EVSE mostly; reads the EVSE."""
        evse = self.evse.number
        return str(evse) if self.number == 1 else f"{evse}.{self.number}"
