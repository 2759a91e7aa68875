from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chargenet.core import access
from chargenet.core.models import Operator
from stations.models.places import Connector, Station
from stations.models.wire import Command


class Commissioning(models.Model):
    """One round of setting a station up: what we wanted of it, and what it made of that."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    class Reason(models.TextChoices):
        FIRST = "first", _("First contact")
        FIRMWARE = "firmware", _("New firmware")
        ASKED = "asked", _("Asked for")
        TEMPLATE = "template", _("Configuration template")

    class State(models.TextChoices):
        RUNNING = "running", _("Being set up")
        DONE = "done", _("Set up")
        STOPPED = "stopped", _("Stopped")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="commissionings")
    reason = models.CharField(max_length=8, choices=Reason.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    # What the station ran when it was set up: another one is set up anew.
    firmware_version = models.CharField(max_length=80, blank=True)
    ocpp_version = models.CharField(max_length=5, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    began_at = models.DateTimeField()
    # Not before this: chargers that have just connected stall or restart on a call.
    next_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    restarts = models.PositiveSmallIntegerField(default=0)
    # Why billing data may be lost with this station: words of stations.commissioning.outcome.
    risks = models.JSONField(default=list)
    note = models.CharField(max_length=255, blank=True)

    objects = access.TenantQuerySet["Commissioning"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["station"],
                condition=Q(state="running"),
                name="stations_commissioning_one_at_a_time",
            )
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=Q(state="running"),
                name="stations_commissioning_due",
            ),
            models.Index(fields=["station", "-id"], name="stations_commissioning_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.station_id} {self.state}"


class CommissioningStep(models.Model):
    """One thing to read or set while a station is set up."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "commissioning__station__location_id"

    class Kind(models.TextChoices):
        READ = "read", _("Read what it is set to")
        SET = "set", _("Set")
        MEASURANDS = "list", _("Choose what it measures")
        BASE = "base", _("Choose its monitors")
        LEVEL = "level", _("Choose what it reports")
        MONITORS = "monitors", _("Watch its parts")
        READ_MONITORS = "watched", _("Read what it watches")
        VERIFY = "verify", _("Read back what was set")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        ASKED = "asked", _("Asked")
        ALREADY = "already", _("Was so already")
        DONE = "done", _("Set now")
        REBOOT = "reboot", _("After a restart")
        REFUSED = "refused", _("Refused")
        UNSUPPORTED = "unknown", _("Not known to the station")
        IGNORED = "ignored", _("Accepted, but not kept")
        FAILED = "failed", _("No answer")
        SKIPPED = "skipped", _("Left out")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    commissioning = models.ForeignKey(
        Commissioning, on_delete=models.CASCADE, related_name="steps"
    )
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    # Which setting: the fields of stations.variables.Address; empty for reading.
    target = models.JSONField(default=dict)
    wanted = models.TextField(blank=True)
    # How a value found is judged: exact, at_least or between.
    rule = models.JSONField(default=dict)
    found = models.TextField(null=True)  # noqa: DJ001
    answer = models.CharField(max_length=255, blank=True)
    progress = models.JSONField(default=dict)
    attempts = models.PositiveSmallIntegerField(default=0)
    command = models.ForeignKey(Command, on_delete=models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(null=True)

    objects = access.TenantQuerySet["CommissioningStep"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["commissioning", "position"], name="stations_commissioningstep_order"
            )
        ]

    def __str__(self) -> str:
        return f"{self.commissioning_id} {self.position} {self.state}"


class ConnectorSignal(models.Model):
    """A kind of signal and how we know that a connector gives it: what rules may rely on."""

    SEEN_BY: ClassVar = access.SITE_ROLES
    LOCATION_LOOKUP: ClassVar = "connector__station__location_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    connector = models.ForeignKey(Connector, on_delete=models.PROTECT, related_name="signals")
    # One of stations.commissioning.signals.SIGNALS.
    signal = models.CharField(max_length=24)
    # When it was last really there; None where the station only promises it.
    seen_at = models.DateTimeField(null=True)
    is_promised = models.BooleanField(default=False)
    looked_at = models.DateTimeField()

    objects = access.TenantQuerySet["ConnectorSignal"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connector", "signal"], name="stations_connectorsignal_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.connector_id} {self.signal}"
