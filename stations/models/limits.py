from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from chargenet.core import access
from chargenet.core.models import Operator


class OperationLimits(models.Model):
    """What an operator lets people do to many stations at once, and how long logs are kept."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES

    operator = models.OneToOneField(Operator, on_delete=models.PROTECT, related_name="+")
    # More stations than this need a second person (remote stop, reset, availability, firmware).
    approval_above = models.PositiveIntegerField(default=5, validators=[MaxValueValidator(10_000)])
    most_per_minute = models.PositiveIntegerField(
        default=60, validators=[MinValueValidator(1), MaxValueValidator(6000)]
    )
    # Where neither the protocol nor the security profile demands a signature.
    may_install_unsigned = models.BooleanField(default=False)
    # A token that charges somewhere may not begin a second session (OCPP's ConcurrentTx).
    forbids_concurrent = models.BooleanField(default=False)
    # The kill switch: while it is on, no bulk command and no firmware job leaves.
    is_halted = models.BooleanField(default=False)
    halted_at = models.DateTimeField(null=True)
    halted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # Raw frames name people's tokens: they are personal data, kept for disputes and no longer.
    frames_kept_days = models.PositiveIntegerField(
        default=90, validators=[MinValueValidator(1), MaxValueValidator(3650)]
    )
    reports_kept_days = models.PositiveIntegerField(
        default=30, validators=[MinValueValidator(1), MaxValueValidator(3650)]
    )
    commands_kept_days = models.PositiveIntegerField(
        default=400, validators=[MinValueValidator(1), MaxValueValidator(3650)]
    )
    uploads_kept_days = models.PositiveIntegerField(
        default=90, validators=[MinValueValidator(1), MaxValueValidator(3650)]
    )

    objects = access.TenantQuerySet["OperationLimits"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(most_per_minute__gte=1), name="stations_limits_some_pace"
            ),
            models.CheckConstraint(
                condition=Q(
                    frames_kept_days__gte=1,
                    reports_kept_days__gte=1,
                    commands_kept_days__gte=1,
                    uploads_kept_days__gte=1,
                ),
                name="stations_limits_kept_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operator_id}"
