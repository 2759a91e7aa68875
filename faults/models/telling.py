from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chargenet.core import access
from chargenet.core.models import Operator
from faults.models.tickets import Ticket


class TellingChoice(models.Model):
    """By which ways a person wants to be told at an operator; no row is the usual.

    A number is the least severe that is told: 3 is S1 to S3, 0 is nothing.
    """

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    email_least = models.PositiveSmallIntegerField(default=4)
    sms_least = models.PositiveSmallIntegerField(default=1)
    wants_digest = models.BooleanField(default=True)
    # Their own quiet hours, on the clock of the ticket's site; S1 and S2 wake them all the same.
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)

    objects = access.TenantQuerySet["TellingChoice"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["operator", "user"], name="faults_telling_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.email_least} {self.sms_least}"


class WayOut(models.Model):
    """A machine of somebody else that an operator has told: an SMS gateway or a webhook."""

    SEEN_BY: ClassVar = frozenset({"operator"})

    class Kind(models.TextChoices):
        SMS = "sms", _("SMS gateway")
        WEBHOOK = "webhook", _("Webhook")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    url = models.URLField(max_length=400)
    # What each message is signed with, sealed.
    sealed = models.BinaryField()
    sender = models.CharField(max_length=20, blank=True)
    least = models.PositiveSmallIntegerField(default=5)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    objects = access.TenantQuerySet["WayOut"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["operator"],
                condition=Q(kind="sms", is_active=True),
                name="faults_wayout_one_sms",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Notice(models.Model):
    """Something a person is to be told; gathered with others of the same site, then sent."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="notices")
    event = models.CharField(max_length=12)
    # Tells repetitions of an event apart: each is told once.
    turn = models.CharField(max_length=40)
    severity = models.PositiveSmallIntegerField()
    # What is told together: "5:12", person and site.
    group = models.CharField(max_length=40)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    # True when it was overtaken: closed, accepted, or silenced until its end.
    is_dropped = models.BooleanField(default=False)

    objects = access.TenantQuerySet["Notice"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "event", "turn", "user"], name="faults_notice_once"
            )
        ]
        indexes = [
            models.Index(F("due_at"), condition=Q(sent_at__isnull=True), name="faults_notice_due"),
            models.Index(fields=["group", "-sent_at"], name="faults_notice_group"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.event} {self.user_id}"


class CalendarLink(models.Model):
    """A person's secret address of a calendar; only the secret's hash is kept.

    It has no operator: who holds the secret is that person, whatever they work for.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    secret_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id}"
