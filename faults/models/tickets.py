from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chargenet.core import access
from chargenet.core.models import Operator
from stations.models import Cable, Connector, Location, Session, Station


class WaitFor(models.TextChoices):
    PARTS = "parts", _("A spare part")
    THIRD_PARTY = "third_party", _("Somebody else")
    GRID = "grid", _("The grid company")


class Closing(models.TextChoices):
    """How a ticket ended; empty while it has not."""

    VERIFIED = "verified", _("Repaired and proven")
    UNVERIFIED = "unverified", _("Repaired, never proven")
    GONE = "gone", _("Went by itself")
    DUPLICATE = "duplicate", _("Duplicate")
    NO_FAULT_FOUND = "no_fault", _("No fault found")
    WONT_FIX = "wont_fix", _("Will not be repaired")


class Exclusion(models.TextChoices):
    """Whose the downtime is, where a rule of uptime lets it be left out."""

    NONE = "none", _("Ours: counts as downtime")
    UTILITY = "utility", _("Power cut by the grid company")
    VEHICLE = "vehicle", _("The vehicle")
    MAINTENANCE = "scheduled_maintenance", _("Scheduled maintenance")
    VANDALISM = "vandalism", _("Vandalism")
    DISASTER = "natural_disaster", _("Natural disaster")
    CLOSED_SITE = "outside_opening_hours", _("Outside opening hours")
    USER = "user", _("The user")


class Ticket(models.Model):
    """Work for a person: one open ticket per scope and family of faults."""

    SEEN_BY: ClassVar = access.SITE_ROLES
    LOCATION_LOOKUP: ClassVar = "location_id"

    class State(models.TextChoices):
        NEW = "new", _("New")
        TRIAGED = "triaged", _("Looked at")
        ASSIGNED = "assigned", _("Assigned")
        ACKNOWLEDGED = "acknowledged", _("Accepted")
        EN_ROUTE = "en_route", _("On the way")
        ON_SITE = "on_site", _("On site")
        WAITING = "waiting", _("Waiting")
        RESOLVED = "resolved", _("Resolved, not yet proven")
        CLOSED = "closed", _("Closed")

    OPEN: ClassVar = (
        "new",
        "triaged",
        "assigned",
        "acknowledged",
        "en_route",
        "on_site",
        "waiting",
        "resolved",
    )
    # Open, and somebody has something to do: what is repaired waits for its proof.
    UNDONE: ClassVar = tuple(state for state in OPEN if state != "resolved")

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
    state = models.CharField(max_length=12, choices=State.choices, default=State.NEW)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    opened_at = models.DateTimeField()
    triaged_at = models.DateTimeField(null=True)
    assigned_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    en_route_at = models.DateTimeField(null=True)
    on_site_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    reopened = models.PositiveIntegerField(default=0)
    resolution = models.CharField(max_length=255, blank=True)
    # What was promised: moved on by the time the work waited for others.
    acknowledge_by = models.DateTimeField(null=True)
    restore_by = models.DateTimeField(null=True)
    wait_for = models.CharField(max_length=12, choices=WaitFor.choices, blank=True)
    waiting_since = models.DateTimeField(null=True)
    expected_on = models.DateField(null=True)
    waited_s = models.PositiveIntegerField(default=0)
    # When somebody else must be told: a sweep reads this column instead of scanning.
    escalate_at = models.DateTimeField(null=True)
    escalation_step = models.PositiveSmallIntegerField(default=0)
    reminded_at = models.DateTimeField(null=True)
    closing = models.CharField(max_length=12, choices=Closing.choices, blank=True)
    duplicate_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="duplicates"
    )
    component = models.CharField(max_length=24, blank=True)
    cause = models.CharField(max_length=24, blank=True)
    action = models.CharField(max_length=24, blank=True)
    exclusion_class = models.CharField(max_length=24, choices=Exclusion.choices, default="none")
    # Of the grid company, the police, the insurer: what an auditor asks for.
    exclusion_reference = models.CharField(max_length=255, blank=True)
    # The charge that showed that the repair holds; paid, or a technician's test.
    proof = models.CharField(max_length=8, blank=True)
    proof_session = models.ForeignKey(
        Session, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False
    )

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
            models.Index(
                F("escalate_at"),
                condition=Q(escalate_at__isnull=False),
                name="faults_ticket_escalate",
            ),
            models.Index(
                F("resolved_at"), condition=Q(state="resolved"), name="faults_ticket_unproven"
            ),
            models.Index(
                fields=["operator", "-closed_at"],
                condition=Q(state="closed"),
                name="faults_ticket_ended",
            ),
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
