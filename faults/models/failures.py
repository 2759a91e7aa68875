from typing import ClassVar

from django.db import models
from django.db.models import Q

from chargenet.core import access
from chargenet.core.models import Operator
from stations.models import Station


class RuleFailure(models.Model):
    """A rule that could not bear what it was shown at one place, until it can.

    `aside` are the facts it has not counted, [kind, id]: it is shown them again.
    """

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, null=True, related_name="+")
    code = models.CharField(max_length=8)
    scope_key = models.CharField(max_length=40)
    error = models.CharField(max_length=300)
    times = models.PositiveIntegerField(default=0)
    aside = models.JSONField(default=list)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = access.TenantQuerySet["RuleFailure"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "code", "scope_key"],
                condition=Q(ended_at__isnull=True),
                name="faults_rulefailure_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.scope_key} {self.error}"
