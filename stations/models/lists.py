from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chargenet.core import access
from chargenet.core.models import Operator
from stations.models.places import Connector, Station
from stations.models.sessions import Session
from stations.models.tokens import Token


class LocalList(models.Model):
    """The list of tokens a station may let charge by itself: what we sent, what it has."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    class State(models.TextChoices):
        UNKNOWN = "unknown", _("Not asked yet")
        SENDING = "sending", _("Being sent")
        HELD = "held", _("As we sent it")
        REFUSED = "refused", _("Refused")
        UNSUPPORTED = "unsupported", _("Not supported")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    station = models.OneToOneField(Station, on_delete=models.PROTECT, related_name="local_list")
    is_wanted = models.BooleanField(default=True)
    state = models.CharField(max_length=11, choices=State.choices, default=State.UNKNOWN)
    # The station's limits, where it told them.
    max_entries = models.PositiveIntegerField(null=True)
    max_per_message = models.PositiveIntegerField(null=True)
    # What the station holds, as far as it accepted it: uid in lower case to [status, expires].
    entries = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=0)
    # What is on its way: the parts still to send, and the version they lead to.
    parts = models.JSONField(default=list)
    sending_version = models.PositiveIntegerField(null=True)
    station_version = models.IntegerField(null=True)
    left_out = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=120, blank=True)
    checked_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    # When to look again; a sweep reads this column instead of scanning.
    due_at = models.DateTimeField(null=True)

    objects = access.TenantQuerySet["LocalList"].as_manager()

    class Meta:
        indexes = [
            models.Index(
                F("due_at"), condition=Q(due_at__isnull=False), name="stations_locallist_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.station_id} v{self.version}"


class Reservation(models.Model):
    """A connector kept for a token until an instant."""

    SEEN_BY: ClassVar = access.SITE_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"
    PERSON_LOOKUP: ClassVar = "driver_id"

    class State(models.TextChoices):
        ASKED = "asked", _("Asked for")
        ACTIVE = "active", _("Reserved")
        REFUSED = "refused", _("Refused")
        CANCELLING = "cancelling", _("Being cancelled")
        CANCELLED = "cancelled", _("Cancelled")
        USED = "used", _("Used")
        EXPIRED = "expired", _("Expired")
        # The station gave it up: a fault, or it was taken out of service.
        REMOVED = "removed", _("Removed by the station")

    OPEN: ClassVar = ("asked", "active", "cancelling")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="reservations")
    # NULL is any connector of the station.
    connector = models.ForeignKey(
        Connector, on_delete=models.PROTECT, null=True, related_name="reservations"
    )
    # OCPP's number for it, unique at the station.
    number = models.PositiveIntegerField()
    token = models.ForeignKey(Token, on_delete=models.PROTECT, related_name="+")
    driver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    reason = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False
    )

    objects = access.TenantQuerySet["Reservation"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["station", "number"], name="stations_reservation_number"
            ),
            # One connector is kept for one driver at a time.
            models.UniqueConstraint(
                fields=["connector"],
                condition=Q(state__in=["asked", "active", "cancelling"]),
                name="stations_reservation_open",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="stations_reservation_forward"
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"],
                condition=Q(state__in=["asked", "active", "cancelling"]),
                name="stations_reservation_expiry",
            ),
            models.Index(fields=["operator", "-id"], name="stations_reservation_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.station_id} {self.number}"
