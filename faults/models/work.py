from typing import ClassVar

from django.conf import settings
from django.db import models

from chargenet.core import access
from chargenet.core.models import Operator
from faults.models.tickets import Ticket


class _OfTicket(models.Model):
    """A row that belongs to a ticket and is seen by whoever sees it."""

    SEEN_BY: ClassVar = access.SITE_ROLES
    LOCATION_LOOKUP: ClassVar = "ticket__location_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        abstract = True


class TicketPhoto(_OfTicket):
    """A picture of a ticket, encoded anew: nothing of the phone's own file is kept."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="photos")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)
    # In the database, behind the tenants' wall and in its backup; at most some 300 kB.
    picture = models.BinaryField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    caption = models.CharField(max_length=160, blank=True)
    idempotency_key = models.CharField(max_length=80)

    objects = access.TenantQuerySet["TicketPhoto"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "idempotency_key"], name="faults_photo_once")
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.pk}"


class TicketTick(_OfTicket):
    """One point of the checklist, ticked by somebody; `text` is what it said then."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="ticks")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    key = models.CharField(max_length=24)
    text = models.CharField(max_length=255)

    objects = access.TenantQuerySet["TicketTick"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "key"], name="faults_tick_once")]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.key}"


class TicketPart(_OfTicket):
    """A spare part that a ticket needs or has used."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="parts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    name = models.CharField(max_length=120)
    number = models.CharField(max_length=60, blank=True)
    quantity = models.PositiveSmallIntegerField(default=1)
    is_used = models.BooleanField(default=False)
    idempotency_key = models.CharField(max_length=40)

    objects = access.TenantQuerySet["TicketPart"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "idempotency_key"], name="faults_part_once")
        ]

    def __str__(self) -> str:
        return f"{self.quantity} {self.name}"


class TicketWatcher(_OfTicket):
    """Somebody who wants to hear what happens to a ticket that is not theirs."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="watchers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)

    objects = access.TenantQuerySet["TicketWatcher"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "user"], name="faults_watcher_once")
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.user_id}"


class ChecklistItem(models.Model):
    """A point an operator added to the checklist of one fault code, or of all."""

    SEEN_BY: ClassVar = access.SITE_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    # Empty: of every code.
    code = models.CharField(max_length=8, blank=True)
    text = models.CharField(max_length=255)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    objects = access.TenantQuerySet["ChecklistItem"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["operator", "code"], name="faults_checklist_code")]

    def __str__(self) -> str:
        return self.text
