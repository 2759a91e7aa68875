from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chargenet.core import access
from chargenet.core.models import Operator
from faults.models.tickets import Ticket
from stations.models import Connector, Location, Station


class ReportKind(models.TextChoices):
    """What a driver may say is wrong, in a driver's words."""

    DANGER = "danger", _("It is hot, smells, sparks or smokes")
    WILL_NOT_START = "no_start", _("Charging does not start")
    STOPPED = "stopped", _("Charging stopped by itself")
    STUCK = "stuck", _("The cable is stuck")
    DAMAGED = "damaged", _("Cable, plug or station is damaged")
    DARK = "dark", _("No light, nothing on the screen")
    PAYMENT = "payment", _("Card, app or payment does not work")
    BLOCKED = "blocked", _("The place is blocked")
    OTHER = "other", _("Something else")


class DriverReport(models.Model):
    """What somebody at a cable told us, without signing in."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "location_id"

    class State(models.TextChoices):
        NEW = "new", _("New")
        RIGHT = "right", _("Closed: was right")
        WRONG = "wrong", _("Closed: nothing was wrong")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="driver_reports")
    connector = models.ForeignKey(
        Connector, on_delete=models.PROTECT, related_name="driver_reports"
    )
    kind = models.CharField(max_length=8, choices=ReportKind.choices)
    text = models.CharField(max_length=1000, blank=True)
    # Only to answer with: forgotten when the report is closed.
    contact = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=5, default="sv")
    # Tells two people apart, and nothing else about them: a keyed digest of where it came from.
    reporter = models.CharField(max_length=32)
    # From the form: a report that a poor network sends twice is one.
    idempotency_key = models.CharField(max_length=40)
    state = models.CharField(max_length=5, choices=State.choices, default=State.NEW)
    answer = models.CharField(max_length=1000, blank=True)
    answered_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, null=True, related_name="reports")

    objects = access.TenantQuerySet["DriverReport"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connector", "idempotency_key"], name="faults_report_once"
            ),
            models.CheckConstraint(
                condition=Q(state="new", closed_at__isnull=True)
                | (~Q(state="new") & Q(closed_at__isnull=False) & Q(contact="")),
                name="faults_report_closed_forgets",
            ),
        ]
        indexes = [
            models.Index(fields=["operator", "-received_at"], name="faults_report_recent"),
            models.Index(fields=["connector", "-received_at"], name="faults_report_connector"),
        ]

    def __str__(self) -> str:
        return f"{self.connector_id} {self.kind}"


class ReportPhoto(models.Model):
    """The picture of a driver's report, encoded anew: nothing of the phone's own file is kept."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "report__location_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    report = models.OneToOneField(DriverReport, on_delete=models.PROTECT, related_name="photo")
    picture = models.BinaryField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    objects = access.TenantQuerySet["ReportPhoto"].as_manager()

    def __str__(self) -> str:
        return f"{self.report_id} {self.width}x{self.height}"


class StatusPolicy(models.Model):
    """How an operator shows what rules found: as the state of the place, or beside it."""

    SEEN_BY: ClassVar = access.SITE_ROLES

    operator = models.OneToOneField(Operator, on_delete=models.PROTECT, related_name="+")
    # A safety fault is always shown: nobody may choose to hide that.
    is_advisory = models.BooleanField(default=False)

    objects = access.TenantQuerySet["StatusPolicy"].as_manager()

    def __str__(self) -> str:
        return f"{self.operator_id} {self.is_advisory}"
