from django.conf import settings
from django.db import models
from django.db.models import F, Q

from chargenet.core.models.operator import Operator


class AuditEntry(models.Model):
    """What a person did; written once, never changed."""

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField()
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["operator", "-at"], name="core_audit_recent")]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"


class Outbox(models.Model):
    """Something that must leave the house, written with the fact that caused it."""

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120, unique=True)
    payload = models.JSONField()
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(
                F("due_at"),
                condition=Q(sent_at__isnull=True, failed_at__isnull=True),
                name="core_outbox_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class PeriodicRun(models.Model):
    """One slot of one periodic job; the unique row makes two beats harmless."""

    name = models.CharField(max_length=60)
    slot = models.DateTimeField()
    started_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "slot"], name="core_slot_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.slot:%Y-%m-%dT%H:%M:%S}"
