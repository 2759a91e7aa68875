from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from chargenet.core import access
from chargenet.core.models import Operator, Role
from stations.models.places import Location, OcppVersion, Station


class ConfigurationTemplate(models.Model):
    """What an operator wants stations of some make to be set to."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    # Empty fits every one; firmware from and up to, both included, compared part by part.
    vendor = models.CharField(max_length=80, blank=True)
    model = models.CharField(max_length=80, blank=True)
    firmware_from = models.CharField(max_length=80, blank=True)
    firmware_to = models.CharField(max_length=80, blank=True)
    ocpp_version = models.CharField(max_length=5, choices=OcppVersion.choices, blank=True)
    is_active = models.BooleanField(default=True)
    # It holds at its places, or in the whole network where none is named.
    created_at = models.DateTimeField()

    objects = access.TenantQuerySet["ConfigurationTemplate"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["operator", "name"], name="stations_template_name")
        ]

    def __str__(self) -> str:
        return self.name


class TemplatePlace(models.Model):
    """A site or a station a template is assigned to."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    template = models.ForeignKey(
        ConfigurationTemplate, on_delete=models.CASCADE, related_name="places"
    )
    location = models.ForeignKey(Location, on_delete=models.PROTECT, null=True, related_name="+")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, null=True, related_name="+")

    objects = access.TenantQuerySet["TemplatePlace"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(location__isnull=False, station__isnull=True)
                | Q(location__isnull=True, station__isnull=False),
                name="stations_templateplace_one",
            ),
            models.UniqueConstraint(
                fields=["template", "location"],
                condition=Q(location__isnull=False),
                name="stations_templateplace_site",
            ),
            models.UniqueConstraint(
                fields=["template", "station"],
                condition=Q(station__isnull=False),
                name="stations_templateplace_station",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template_id} {self.location_id or self.station_id}"


class TemplateValue(models.Model):
    """One setting of a template; addressed as the station's version names it."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    template = models.ForeignKey(
        ConfigurationTemplate, on_delete=models.CASCADE, related_name="values"
    )
    component = models.CharField(max_length=50, blank=True)
    component_instance = models.CharField(max_length=50, blank=True)
    evse = models.PositiveSmallIntegerField(default=0)
    variable = models.CharField(max_length=50)
    variable_instance = models.CharField(max_length=50, blank=True)
    value = models.CharField(max_length=1000, blank=True)
    needs_reboot = models.BooleanField(default=False)

    objects = access.TenantQuerySet["TemplateValue"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "template",
                    "component",
                    "component_instance",
                    "evse",
                    "variable",
                    "variable_instance",
                ],
                name="stations_templatevalue_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.component}.{self.variable}"


class StationImport(models.Model):
    """A list of stations somebody brought: looked through first, added whole or not at all."""

    SEEN_BY: ClassVar = frozenset({Role.OPERATOR})

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    name = models.CharField(max_length=120)
    added_at = models.DateTimeField(null=True)

    objects = access.TenantQuerySet["StationImport"].as_manager()

    def __str__(self) -> str:
        return self.name


class StationImportRow(models.Model):
    """One line of such a list, as read; no password is kept here."""

    SEEN_BY: ClassVar = frozenset({Role.OPERATOR})

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(StationImport, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    plan = models.JSONField(default=dict)
    error = models.CharField(max_length=255, blank=True)
    station = models.ForeignKey(Station, on_delete=models.SET_NULL, null=True, related_name="+")
    was_there = models.BooleanField(default=False)

    objects = access.TenantQuerySet["StationImportRow"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "line"], name="stations_importrow_line")
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.line}"
