from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chargenet.core import access
from chargenet.core.models import Operator, Role
from stations.models import Location


class RuleTrial(models.Model):
    """A change of one rule's thresholds that is tried on stored history before it is made.

    `result` holds how many findings there were in truth, are and would be, and the first that
    would be new or gone; instants in ISO form.
    """

    # Who may set thresholds: it names stations of all sites.
    SEEN_BY: ClassVar = frozenset({Role.OPERATOR})

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Under way")
        DONE = "done", _("Done")
        FAILED = "failed", _("Not finished")

    class Problem(models.TextChoices):
        TOO_MUCH = "too_much", _("There is more stored than can be tried at once.")
        TOO_SLOW = "too_slow", _("It took too long.")
        LOST = "lost", _("The worker that tried it was lost.")

    OPEN: ClassVar = ("waiting", "running")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=8)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, null=True, related_name="+")
    station_model = models.CharField(max_length=80, blank=True)
    values = models.JSONField(default=dict)
    begin = models.DateTimeField()
    end = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    problem = models.CharField(max_length=8, choices=Problem.choices, blank=True)
    result = models.JSONField(default=dict)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    started_at = models.DateTimeField(null=True)

    objects = access.TenantQuerySet["RuleTrial"].as_manager()

    class Meta:
        constraints = [
            # a trial is a minute's work of a whole worker: an operator has one at a time
            models.UniqueConstraint(
                fields=["operator"],
                condition=Q(state__in=["waiting", "running"]),
                name="faults_ruletrial_one_at_a_time",
            ),
            models.CheckConstraint(condition=Q(begin__lt=F("end")), name="faults_ruletrial_span"),
        ]
        indexes = [models.Index(fields=["operator", "-asked_at"], name="faults_ruletrial_recent")]

    def __str__(self) -> str:
        return f"{self.code} {self.state}"
