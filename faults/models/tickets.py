from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chargenet.core import access
from chargenet.core.models import Operator
from stations.models import Cable, Connector, Location, Station


class Ticket(models.Model):
    """Work for a person: one open ticket per scope and family of faults."""

    SEEN_BY: ClassVar = access.SITE_ROLES
    LOCATION_LOOKUP: ClassVar = "location_id"

    class State(models.TextChoices):
        NEW = "new", _("New")
        ASSIGNED = "assigned", _("Assigned")
        EN_ROUTE = "en_route", _("On the way")
        ON_SITE = "on_site", _("On site")
        WAITING = "waiting", _("Waiting")
        RESOLVED = "resolved", _("Resolved, not yet proven")
        CLOSED = "closed", _("Closed")

    OPEN: ClassVar = ("new", "assigned", "en_route", "on_site", "waiting", "resolved")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    # What people say: counted per operator.
    number = models.PositiveIntegerField()
    scope_key = models.CharField(max_length=40)
    family = models.CharField(max_length=24)
    code = models.CharField(max_length=8)
    severity = models.PositiveSmallIntegerField()
    location = models.ForeignKey(Location, on_delete=models.PROTECT, null=True, related_name="+")
    station = models.ForeignKey(
        Station, on_delete=models.PROTECT, null=True, related_name="tickets"
    )
    connector = models.ForeignKey(
        Connector, on_delete=models.PROTECT, null=True, related_name="tickets"
    )
    cable = models.ForeignKey(Cable, on_delete=models.PROTECT, null=True, related_name="tickets")
    state = models.CharField(max_length=10, choices=State.choices, default=State.NEW)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    opened_at = models.DateTimeField()
    assigned_at = models.DateTimeField(null=True)
    on_site_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    reopened = models.PositiveIntegerField(default=0)
    resolution = models.CharField(max_length=255, blank=True)

    objects = access.TenantQuerySet["Ticket"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["operator", "number"], name="faults_ticket_number"),
            models.UniqueConstraint(
                fields=["operator", "scope_key", "family"],
                condition=~Q(state="closed"),
                name="faults_ticket_one_open",
            ),
        ]
        indexes = [
            models.Index(fields=["operator", "state", "severity"], name="faults_ticket_queue"),
            models.Index(fields=["assignee", "state"], name="faults_ticket_mine"),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"


class TicketNote(models.Model):
    """One line of a ticket's story: what somebody wrote, or what changed; written once."""

    SEEN_BY: ClassVar = access.SITE_ROLES
    LOCATION_LOOKUP: ClassVar = "ticket__location_id"

    class Kind(models.TextChoices):
        NOTE = "note", _("Note")
        CHANGE = "change", _("Change")
        EVIDENCE = "evidence", _("Evidence")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="notes")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.NOTE)
    text = models.TextField(blank=True)
    detail = models.JSONField(default=dict)
    # From the form: a post that a poor network sends twice is one note.
    idempotency_key = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()

    objects = access.TenantQuerySet["TicketNote"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="faults_note_once",
            )
        ]
        indexes = [models.Index(fields=["ticket", "at"], name="faults_note_story")]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.kind}"
