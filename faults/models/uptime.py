from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from chargenet.core import access
from chargenet.core.models import Operator
from stations.models import Connector


class UptimeDay(models.Model):
    """One connector on one local day, counted for every rule that counts uptime; seconds.

    A rollup: made again from the ledger at any time, and proven against it.
    """

    SEEN_BY: ClassVar = access.SITE_ROLES
    LOCATION_LOOKUP: ClassVar = "connector__station__location_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    connector = models.ForeignKey(Connector, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    existed_s = models.PositiveIntegerField()
    open_s = models.PositiveIntegerField()
    # During opening hours: out for any reason, and by the narrower counts of single rules.
    down_s = models.PositiveIntegerField(default=0)
    down_uk_s = models.PositiveIntegerField(default=0)
    down_afirev_s = models.PositiveIntegerField(default=0)
    # What may be left out of it, by NEVI, and by California without its maintenance.
    excluded_nevi_s = models.PositiveIntegerField(default=0)
    excluded_cec_s = models.PositiveIntegerField(default=0)
    maintenance_s = models.PositiveIntegerField(default=0)
    # By the kind of outage; kinds overlap, so these do not add up.
    fault_s = models.PositiveIntegerField(default=0)
    offline_s = models.PositiveIntegerField(default=0)
    unavailable_s = models.PositiveIntegerField(default=0)
    faulted_s = models.PositiveIntegerField(default=0)
    computed_at = models.DateTimeField()

    objects = access.TenantQuerySet["UptimeDay"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connector", "day"], name="faults_uptimeday_once"),
            models.CheckConstraint(
                condition=Q(open_s__lte=F("existed_s"), down_s__lte=F("open_s")),
                name="faults_uptimeday_fits",
            ),
        ]
        indexes = [models.Index(fields=["operator", "day"], name="faults_uptimeday_period")]

    def __str__(self) -> str:
        return f"{self.connector_id} {self.day}"
