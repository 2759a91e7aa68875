from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chargenet.core import access
from chargenet.core.models import Operator
from stations.models.places import Connector, Location, Station
from stations.models.sessions import Session


class LoadGroup(models.Model):
    """A fuse some stations share: what all of them together may draw, per phase."""

    SEEN_BY: ClassVar = access.SITE_ROLES
    LOCATION_LOOKUP: ClassVar = "location_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="load_groups")
    name = models.CharField(max_length=80)
    limit_a = models.PositiveIntegerField()
    # Below this no vehicle charges (IEC 61851-1): it is paused instead.
    min_current_a = models.PositiveSmallIntegerField(default=6)
    # What a connector may draw before we said anything, and when the line is cut.
    safe_current_a = models.PositiveSmallIntegerField(default=0)
    rotation_s = models.PositiveIntegerField(default=900)
    is_active = models.BooleanField(default=True)
    reconciled_at = models.DateTimeField(null=True)
    # What may be drawn now at most, per phase, by what stations accepted.
    ceiling_l1_a = models.PositiveIntegerField(default=0)
    ceiling_l2_a = models.PositiveIntegerField(default=0)
    ceiling_l3_a = models.PositiveIntegerField(default=0)

    objects = access.TenantQuerySet["LoadGroup"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["location", "name"], name="stations_loadgroup_name"),
            models.CheckConstraint(condition=Q(limit_a__gte=1), name="stations_loadgroup_limit"),
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class LoadMember(models.Model):
    """A station under a shared limit, and what it holds as its default."""

    SEEN_BY: ClassVar = access.SITE_ROLES
    LOCATION_LOOKUP: ClassVar = "group__location_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey(LoadGroup, on_delete=models.PROTECT, related_name="members")
    station = models.OneToOneField(Station, on_delete=models.PROTECT, related_name="load_member")
    # The site's phases at the station's L1, L2, L3: 123, 231, 312, or one digit.
    phases = models.CharField(max_length=3, default="123")
    is_dc = models.BooleanField(default=False)
    # The default the station is known to hold, A a connector; NULL is none, or nobody knows.
    default_a = models.PositiveIntegerField(null=True)
    default_pending_a = models.PositiveIntegerField(null=True)
    default_refused_at = models.DateTimeField(null=True)
    default_at = models.DateTimeField(null=True)

    objects = access.TenantQuerySet["LoadMember"].as_manager()

    def __str__(self) -> str:
        return f"{self.group_id} {self.station_id}"


class LoadShare(models.Model):
    """A connector's part of a shared limit now, and why."""

    SEEN_BY: ClassVar = access.SITE_ROLES
    LOCATION_LOOKUP: ClassVar = "member__group__location_id"

    class State(models.TextChoices):
        IDLE = "idle", _("Nobody charges")
        RUNNING = "running", _("Charges")
        HELD = "held", _("Waits for its turn")
        WAITING = "waiting", _("About to begin")
        FULL = "full", _("The vehicle asks for nothing")
        OFFLINE = "offline", _("Station offline")
        REFUSED = "refused", _("The station refuses limits")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(LoadMember, on_delete=models.PROTECT, related_name="shares")
    connector = models.OneToOneField(Connector, on_delete=models.PROTECT, related_name="share")
    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.IDLE)
    target_a = models.PositiveIntegerField(default=0)
    # What the running session may draw as the station accepted it; NULL is its default.
    confirmed_a = models.PositiveIntegerField(null=True)
    pending_a = models.PositiveIntegerField(null=True)
    # What nobody knows whether the station took: it may hold either.
    is_unsure = models.BooleanField(default=False)
    # A vehicle that draws less than it may: what it was seen to want, and a little more.
    wants_a = models.PositiveIntegerField(null=True)
    changed_at = models.DateTimeField(null=True)
    turn_since = models.DateTimeField(null=True)
    waits_since = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)

    objects = access.TenantQuerySet["LoadShare"].as_manager()

    def __str__(self) -> str:
        return f"{self.connector_id} {self.state}"


class Hold(models.Model):
    """A time in which we, not the vehicle, kept a session from charging."""

    SEEN_BY: ClassVar = access.SITE_ROLES
    LOCATION_LOOKUP: ClassVar = "connector__station__location_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    connector = models.ForeignKey(
        Connector, on_delete=models.PROTECT, related_name="holds", db_constraint=False
    )
    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, null=True, related_name="holds", db_constraint=False
    )
    cause = models.CharField(max_length=20, default="site_limit")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = access.TenantQuerySet["Hold"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connector", "cause"],
                condition=Q(ended_at__isnull=True),
                name="stations_hold_open",
            )
        ]
        indexes = [models.Index(fields=["session", "started_at"], name="stations_hold_session")]

    def __str__(self) -> str:
        return f"{self.connector_id} {self.cause}"
