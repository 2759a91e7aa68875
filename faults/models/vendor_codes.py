from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from chargenet.core import access
from chargenet.core.models import Operator
from faults.models.faults import Severity


class VendorErrorCode(models.Model):
    """What a make's own error code stands for, as an operator wrote it down.

    An empty vendor, model or firmware is every one; an empty fault says: it is no trouble.
    """

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    vendor = models.CharField(max_length=80, blank=True)
    model = models.CharField(max_length=80, blank=True)
    firmware_from = models.CharField(max_length=80, blank=True)
    firmware_to = models.CharField(max_length=80, blank=True)
    # As the station writes it, and as it is compared: without case, blanks and signs.
    code = models.CharField(max_length=80)
    folded = models.CharField(max_length=80)
    fault_code = models.CharField(max_length=8, blank=True)
    # Empty: as serious as that fault usually is.
    severity = models.PositiveSmallIntegerField(choices=Severity.choices, null=True)
    note = models.CharField(max_length=255, blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = access.TenantQuerySet["VendorErrorCode"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "folded", "vendor", "model", "firmware_from", "firmware_to"],
                name="faults_vendorerrorcode_once",
            ),
            models.CheckConstraint(
                condition=~Q(folded=""), name="faults_vendorerrorcode_says_something"
            ),
        ]
        ordering = ["vendor", "model", "code", "pk"]

    def __str__(self) -> str:
        return f"{self.vendor} {self.model} {self.code}"
