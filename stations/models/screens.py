from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chargenet.core import access
from chargenet.core.models import Operator
from stations.models.places import Connector, Station
from stations.models.sessions import Session


class Screen(models.Model):
    """What a station can show its driver, and what we let it show."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    station = models.OneToOneField(Station, on_delete=models.PROTECT, related_name="screen")
    shows_cost = models.BooleanField(default=False)
    shows_tariff = models.BooleanField(default=False)
    # Reckons with tariffs itself (OCPP 2.1 I07), and which ones it can take; NULL is any number.
    takes_tariffs = models.BooleanField(default=False)
    takes_conditions = models.BooleanField(default=True)
    most_prices = models.PositiveIntegerField(null=True)
    tariffs_at = models.DateTimeField(null=True)
    # When the station was last asked which tariffs it holds.
    tariffs_read_at = models.DateTimeField(null=True)
    # The tariff the station was last given, as it was said, and how that ended.
    tariff_key = models.CharField(max_length=60, blank=True)
    tariff_state = models.CharField(max_length=10, blank=True)
    tariff_at = models.DateTimeField(null=True)

    objects = access.TenantQuerySet["Screen"].as_manager()

    def __str__(self) -> str:
        return f"{self.station_id}"


class StationTariff(models.Model):
    """The tariff an EVSE of a station shall reckon with, and which one the station says it has."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    class State(models.TextChoices):
        SENT = "sent", _("Asked")
        HELD = "held", _("Held")
        REFUSED = "refused", _("Refused")
        UNSURE = "unsure", _("No answer")
        UNSAYABLE = "unsayable", _("Cannot be said")
        CLEARING = "clearing", _("Being cleared")
        CLEARED = "cleared", _("Cleared")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="tariffs")
    evse_number = models.PositiveIntegerField()
    # Of content and place: one id never stands for other content (I08).
    tariff_id = models.CharField(max_length=60, blank=True)
    # The tariff as it is said on the wire.
    text = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.SENT)
    reason = models.CharField(max_length=120, blank=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    # What the station said it has, and when; empty for none.
    reported_id = models.CharField(max_length=60, blank=True)
    reported_at = models.DateTimeField(null=True)

    objects = access.TenantQuerySet["StationTariff"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["station", "evse_number"], name="stations_tariff_one_evse"
            )
        ]

    def __str__(self) -> str:
        return f"{self.station_id}/{self.evse_number} {self.tariff_id[:8]}"

    @property
    def has_drift(self) -> bool:
        """Return whether the station last said something else than it had accepted."""
        if self.reported_at is None or self.state not in (self.State.HELD, self.State.CLEARED):
            return False
        return self.reported_id != self.tariff_id


class ShownCost(models.Model):
    """The running cost a session's driver was last shown, ready for the wire."""

    SEEN_BY: ClassVar = access.NETWORK_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    session = models.OneToOneField(
        Session, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    text = models.CharField(max_length=24)
    shown_at = models.DateTimeField()
    is_final = models.BooleanField(default=False)

    objects = access.TenantQuerySet["ShownCost"].as_manager()

    def __str__(self) -> str:
        return f"{self.session_id} {self.text}"


class DisplayMessage(models.Model):
    """A text on a station's screen: what we asked for, or what the station says it shows."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    class Priority(models.TextChoices):
        ALWAYS_FRONT = "AlwaysFront", _("Always in front")
        IN_FRONT = "InFront", _("In front")
        NORMAL = "NormalCycle", _("In turn with the others")

    class During(models.TextChoices):
        ALWAYS = "", _("Always")
        CHARGING = "Charging", _("Charging")
        FAULTED = "Faulted", _("Faulted")
        IDLE = "Idle", _("Idle")
        UNAVAILABLE = "Unavailable", _("Unavailable")

    class State(models.TextChoices):
        SENT = "sent", _("Sent")
        SHOWN = "shown", _("Shown")
        REFUSED = "refused", _("Refused")
        UNSURE = "unsure", _("Not confirmed")
        CLEARING = "clearing", _("Being cleared")
        CLEARED = "cleared", _("Cleared")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="screen_messages")
    number = models.IntegerField()
    priority = models.CharField(max_length=12, choices=Priority.choices, default=Priority.NORMAL)
    during = models.CharField(max_length=12, choices=During.choices, blank=True)
    text = models.CharField(max_length=512)
    format = models.CharField(max_length=8, default="UTF8")
    language = models.CharField(max_length=8, blank=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    transaction = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.SENT)
    reason = models.CharField(max_length=60, blank=True)
    is_ours = models.BooleanField(default=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(null=True)

    objects = access.TenantQuerySet["DisplayMessage"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["station", "number"], name="stations_display_number")
        ]

    def __str__(self) -> str:
        return f"{self.station_id} {self.number}"


class MeterKey(models.Model):
    """The public key a meter signs with; one first seen on the wire waits for a person's yes."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="meter_keys")
    # NULL is every meter of the station.
    connector = models.ForeignKey(
        Connector, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False
    )
    meter_serial = models.CharField(max_length=80, blank=True)
    # DER, in hexadecimal.
    key = models.CharField(max_length=1024)
    first_seen_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(
        "core.User", on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = access.TenantQuerySet["MeterKey"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["station", "connector", "key"],
                nulls_distinct=False,
                name="stations_meterkey_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.station_id} {self.key[:16]}"


class SignedReading(models.Model):
    """A meter value as its meter signed it, word for word, and whether the signature holds."""

    SEEN_BY: ClassVar = access.SITE_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    class Verdict(models.TextChoices):
        GOOD = "good", _("Signature holds")
        BAD = "bad", _("Signature does not hold")
        UNKNOWN = "unknown", _("Cannot be checked")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    station = models.ForeignKey(
        Station, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    connector = models.ForeignKey(
        Connector, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, related_name="signed_readings", db_constraint=False
    )
    occurred_at = models.DateTimeField()
    context = models.CharField(max_length=24, blank=True)
    encoding = models.CharField(max_length=50, blank=True)
    # The sample as the station sent it.
    sample = models.JSONField()
    digest = models.CharField(max_length=32)
    public_key = models.CharField(max_length=1024, blank=True)
    meter_serial = models.CharField(max_length=80, blank=True)
    energy_wh = models.BigIntegerField(null=True)
    verdict = models.CharField(max_length=7, choices=Verdict.choices, default=Verdict.UNKNOWN)
    reason = models.CharField(max_length=80, blank=True)
    checked_at = models.DateTimeField()

    objects = access.TenantQuerySet["SignedReading"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "digest"], name="stations_signed_once")
        ]
        indexes = [
            models.Index(
                fields=["station"], condition=Q(verdict="bad"), name="stations_signed_bad"
            )
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.verdict}"
