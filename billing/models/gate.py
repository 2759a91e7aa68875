from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chargenet.core import access
from chargenet.core.models import Operator
from stations.models import Session


class Outcome(models.TextChoices):
    """What a session is charged in spite of a fault."""

    BILL = "bill", _("Bill all of it")
    ENERGY_ONLY = "energy_only", _("Bill the energy only")
    WAIVE = "waive", _("Bill nothing")


class GateSetting(models.Model):
    """What one check of the gate does at an operator, and from which limits on."""

    SEEN_BY: ClassVar = access.NETWORK_ROLES

    class Action(models.TextChoices):
        HOLD = "hold", _("Hold the session")
        WAIVE = "waive", _("Bill nothing")
        NOTE = "note", _("Bill, and note it")
        OFF = "off", _("Do not check")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    check_name = models.CharField(max_length=40)
    action = models.CharField(max_length=5, choices=Action.choices)
    # Limits by name, whole numbers: seconds, Wh, percent, or whole units of the currency.
    limits = models.JSONField(default=dict)
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = access.TenantQuerySet["GateSetting"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "check_name"], name="billing_gatesetting_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.check_name} {self.action}"


class FairRule(models.Model):
    """One row of the policy: which faults at which energy are billed how, [valid_from, until).

    Never edited: a change ends the row and writes the next one, so that its history is its rows.
    """

    SEEN_BY: ClassVar = access.NETWORK_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    # A fault's code, or the family of its rules; empty is any.
    code = models.CharField(max_length=8, blank=True)
    family = models.CharField(max_length=20, blank=True)
    cause = models.CharField(max_length=10, blank=True)
    # The band of energy, [from, until) Wh.
    from_wh = models.PositiveIntegerField(default=0)
    until_wh = models.PositiveIntegerField(null=True, blank=True)
    outcome = models.CharField(max_length=11, choices=Outcome.choices)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = access.TenantQuerySet["FairRule"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "position"],
                condition=Q(valid_until__isnull=True),
                name="billing_fairrule_place",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="billing_fairrule_forward",
            ),
            models.CheckConstraint(
                condition=Q(until_wh__isnull=True) | Q(until_wh__gt=F("from_wh")),
                name="billing_fairrule_band",
            ),
            models.CheckConstraint(
                condition=Q(code="") | Q(family=""), name="billing_fairrule_code_or_family"
            ),
        ]

    def __str__(self) -> str:
        until = "" if self.until_wh is None else self.until_wh
        fault = self.code or self.family or "any fault"
        band = f"{self.from_wh}-{until} Wh"
        return f"{self.position}: {fault}, {self.cause or 'any cause'}, {band}: {self.outcome}"


class SessionRuling(models.Model):
    """What a person decided of a held session, and why; the facts as they were stay with it."""

    SEEN_BY: ClassVar = access.NETWORK_ROLES

    class Deed(models.TextChoices):
        RELEASE = "release", _("Released as it is")
        CORRECT = "correct", _("Corrected")
        WAIVE = "waive", _("Waived")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="rulings")
    # Which ruling of this session, from 1: two windows cannot both make the same one.
    turn = models.PositiveSmallIntegerField()
    deed = models.CharField(max_length=7, choices=Deed.choices)
    reason = models.CharField(max_length=500)
    held_for = models.CharField(max_length=40)
    findings = models.JSONField(default=list)
    # {"started_at", "ended_at", "energy_wh", "meter_start_wh", "meter_stop_wh", "flags"}
    original = models.JSONField()
    # What is billed instead of it: {"started_at", "ended_at", "energy_wh"}; empty but for CORRECT.
    corrected = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    objects = access.TenantQuerySet["SessionRuling"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "turn"], name="billing_ruling_turn")
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.deed}"

    @property
    def corrected_from(self) -> datetime | None:
        """Return when it began, as corrected."""
        return self._corrected("started_at")

    @property
    def corrected_until(self) -> datetime | None:
        """Return when it ended, as corrected."""
        return self._corrected("ended_at")

    def _corrected(self, name: str) -> datetime | None:
        return datetime.fromisoformat(self.corrected[name]) if self.corrected else None
