from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chargenet.core import access
from chargenet.core.models import Operator
from stations.models.places import Station
from stations.models.wire import Command


class BulkState(models.TextChoices):
    """How far work on many stations has come."""

    DRAFT = "draft", _("To be confirmed")
    WAITING = "waiting", _("Waits for a second person")
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    STOPPED = "stopped", _("Stopped")
    DONE = "done", _("Done")


class BulkCommand(models.Model):
    """One command for many stations: who, what, how fast, and who agreed."""

    SEEN_BY: ClassVar = access.COMMAND_ROLES

    OVER: ClassVar = (BulkState.STOPPED, BulkState.DONE)

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=40)
    payload = models.JSONField(default=dict)
    reason = models.CharField(max_length=200)
    # How the stations were chosen, as the form said it: for the reader, never for the work.
    chosen_by = models.JSONField(default=dict)
    station_count = models.PositiveIntegerField(default=0)
    per_minute = models.PositiveIntegerField(default=30)
    spread_s = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=8, choices=BulkState.choices, default=BulkState.DRAFT)
    needs_approval = models.BooleanField(default=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    # When the next one may leave: the pace is kept over crashes and any number of workers.
    next_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = access.TenantQuerySet["BulkCommand"].as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["id"], condition=Q(state="running"), name="stations_bulk_running"
            ),
            models.Index(fields=["operator", "-id"], name="stations_bulk_recent"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(per_minute__gte=1), name="stations_bulk_pace"),
            models.CheckConstraint(condition=Q(spread_s__lte=600), name="stations_bulk_spread"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=models.F("requested_by")),
                name="stations_bulk_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} x {self.station_count}"


class BulkTarget(models.Model):
    """One station of a bulk command."""

    SEEN_BY: ClassVar = access.COMMAND_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits")
        SENT = "sent", _("Under way")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        STOPPED = "stopped", _("Not sent")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    bulk = models.ForeignKey(BulkCommand, on_delete=models.PROTECT, related_name="targets")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="+")
    # Its place in the line plus its share of the random delay; a later sweep sends it.
    due_after_s = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    command = models.ForeignKey(
        Command, on_delete=models.SET_NULL, null=True, related_name="+", db_constraint=False
    )
    # The end of the command, kept here: commands are forgotten before this is.
    outcome = models.CharField(max_length=8, blank=True)
    detail = models.CharField(max_length=255, blank=True)
    sent_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = access.TenantQuerySet["BulkTarget"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bulk", "station"], name="stations_bulk_once_each")
        ]
        indexes = [
            models.Index(
                fields=["bulk", "due_after_s", "id"],
                condition=Q(state="waiting"),
                name="stations_bulk_waiting",
            ),
            models.Index(
                fields=["station"], condition=Q(state="sent"), name="stations_bulk_under_way"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bulk_id} {self.station_id} {self.state}"
