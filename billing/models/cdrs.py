from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from billing.models.customers import CostCentre, Customer
from billing.models.prices import Tariff
from chargenet.core import access, money
from chargenet.core.models import Operator
from stations.models import Cable, Connector, Location, Session, Station


class TariffSnapshot(models.Model):
    """A price list as it was when it priced something, kept once whatever number it priced."""

    SEEN_BY: ClassVar = access.NETWORK_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    tariff = models.ForeignKey(Tariff, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    # JSON as text, so that each price keeps its digits: OCPI's tariff, or ours around it.
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = access.TenantQuerySet["TariffSnapshot"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tariff", "digest"], name="billing_snapshot_once")
        ]

    def __str__(self) -> str:
        return f"{self.tariff_id} {self.digest[:8]}"


class Cdr(models.Model):
    """The priced, frozen session: written once, never edited or deleted."""

    SEEN_BY: ClassVar = access.NETWORK_ROLES
    PERSON_LOOKUP: ClassVar = "driver_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    session = models.OneToOneField(Session, on_delete=models.PROTECT, related_name="cdr")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="+")
    connector = models.ForeignKey(Connector, on_delete=models.PROTECT, related_name="+")
    cable = models.ForeignKey(Cable, on_delete=models.PROTECT, null=True, related_name="+")
    driver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, related_name="cdrs"
    )
    # None where a person waived what no price list priced.
    tariff = models.ForeignKey(Tariff, on_delete=models.PROTECT, null=True, related_name="+")
    cost_centre = models.ForeignKey(
        CostCentre, on_delete=models.PROTECT, null=True, related_name="+"
    )
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    energy_wh = models.BigIntegerField()
    parking_s = models.PositiveIntegerField(default=0)
    total_excl_vat = money.money_field()
    vat_amount = money.money_field()
    total_incl_vat = money.money_field()
    # [{"rate": "25", "excl_vat": "…", "vat": "…", "incl_vat": "…"}], rounded; sums to the totals
    vat_breakdown = models.JSONField()
    # The priced lines, exact, as `billing.tariffs` explains them.
    lines = models.JSONField()
    # How VAT was decided, `billing.vat.reverse` in words: what, by which article, since when.
    vat_decision = models.JSONField(default=dict)
    # What the gate found and ruled, and what the session would have come to without it.
    gate = models.JSONField(default=dict)
    # Which rule chose the tariff, and which row said so: {"rule", "assignment"? or "contract"?}
    chosen = models.JSONField(default=dict)
    snapshot = models.ForeignKey(
        TariffSnapshot, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # What was handed to the engine beside the session and the tariff, exact.
    given = models.JSONField(default=dict)
    rated_at = models.DateTimeField()

    objects = access.TenantQuerySet["Cdr"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(total_incl_vat=F("total_excl_vat") + F("vat_amount")),
                name="billing_cdr_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(energy_wh__gte=0) & Q(ended_at__gte=F("started_at")),
                name="billing_cdr_physical",
            ),
        ]
        indexes = [
            models.Index(fields=["operator", "-ended_at"], name="billing_cdr_recent"),
            models.Index(fields=["customer", "ended_at"], name="billing_cdr_customer"),
        ]

    def __str__(self) -> str:
        return f"cdr {self.pk}"


class RatingHold(models.Model):
    """Why a completed session has no Cdr yet: it waits here, it is never priced 0."""

    SEEN_BY: ClassVar = access.NETWORK_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    session = models.OneToOneField(Session, on_delete=models.PROTECT, related_name="rating_hold")
    reason = models.CharField(max_length=40)
    detail = models.CharField(max_length=255, blank=True)
    held_at = models.DateTimeField()
    tried_at = models.DateTimeField()
    # Every check that found something: [{"check": …, "verdict": …, "evidence": {…}}]
    findings = models.JSONField(default=list)
    # What it would come to if it were released as it is; None where nothing can price it.
    at_risk = money.money_field(null=True)

    objects = access.TenantQuerySet["RatingHold"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["operator", "held_at"], name="billing_hold_oldest")]

    def __str__(self) -> str:
        return f"{self.session_id} {self.reason}"
