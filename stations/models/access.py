from typing import ClassVar

from django.db import models

from chargenet.core import access
from chargenet.core.models import Operator
from stations.models.places import Station


class StationAccess(models.Model):
    """How a station proves who it is, beside its password and profile; a row where it matters."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    station = models.OneToOneField(Station, on_delete=models.PROTECT, related_name="access")
    # Profile 0: nobody is asked who he is. Only where a person said so, and a network is trusted.
    is_open_allowed = models.BooleanField(default=False)
    # Passwords that were sent, and with which nobody has come yet, parted by blanks: they open
    # beside the one that counts until the station's answer or its login decides.
    pending_password_hash = models.CharField(max_length=480, blank=True)
    password_changed_at = models.DateTimeField(null=True)
    # A profile the station was told to change to; its first connection with it makes it the one.
    pending_profile = models.PositiveSmallIntegerField(null=True)
    # The name in the station's certificate where it is neither its identity nor its serial number.
    certificate_name = models.CharField(max_length=80, blank=True)
    is_expired_allowed = models.BooleanField(default=False)
    # The station waits (Pending) until it has a certificate that is not expired (A00.FR.429).
    is_renewing = models.BooleanField(default=False)

    objects = access.TenantQuerySet["StationAccess"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(pending_profile__isnull=True)
                | models.Q(pending_profile__range=(1, 3)),
                name="stations_access_profile",
            )
        ]

    def __str__(self) -> str:
        return f"access of {self.station_id}"
