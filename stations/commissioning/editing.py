"""Making and changing configuration templates."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from chargenet.core.models import Operator
from stations import variables
from stations.models import (
    ConfigurationTemplate,
    Location,
    OcppVersion,
    Station,
    TemplatePlace,
    TemplateValue,
)

MOST_VALUES, LONGEST_NAME, LONGEST_VALUE = 200, 80, 1000


class TemplateRefused(ValueError):
    """A template that cannot be as asked; the text says why."""


@transaction.atomic
def create_template(
    *,
    operator: Operator,
    name: str,
    ocpp_version: str,
    vendor: str = "",
    model: str = "",
    firmware: tuple[str, str] = ("", ""),
    as_of: datetime,
) -> ConfigurationTemplate:
    """Make an empty template for stations of a version; raises TemplateRefused."""
    if not name or len(name) > LONGEST_NAME:
        raise TemplateRefused(_("A template needs a name of at most 80 characters."))
    if ocpp_version not in OcppVersion.values:
        raise TemplateRefused(_("Choose the protocol: settings have other names in each."))
    if any(len(part) > LONGEST_NAME for part in (vendor, model, *firmware)):
        raise TemplateRefused(_("Vendor, model and firmware have at most 80 characters."))
    if ConfigurationTemplate.objects.filter(operator=operator, name=name).exists():
        raise TemplateRefused(_("There is a template of this name."))
    return ConfigurationTemplate.objects.create(
        operator=operator,
        name=name,
        ocpp_version=ocpp_version,
        vendor=vendor,
        model=model,
        firmware_from=firmware[0],
        firmware_to=firmware[1],
        created_at=as_of,
    )


@transaction.atomic
def want_value(
    *, template: ConfigurationTemplate, setting: str, value: str, needs_reboot: bool
) -> TemplateValue:
    """Let a template want a value of a setting; raises TemplateRefused."""
    try:
        address = variables.read_name(setting, template.ocpp_version)
    except ValueError as error:
        raise TemplateRefused(
            _("Write a setting as Component.Variable, or Component.Variable[Instance].")
        ) from error
    if variables.is_secret(address):
        raise TemplateRefused(_("Passwords and keys do not belong into a template."))
    if len(value) > LONGEST_VALUE:
        raise TemplateRefused(_("A value has at most 1000 characters."))
    if TemplateValue.objects.filter(template=template).count() >= MOST_VALUES:
        raise TemplateRefused(_("A template has at most 200 settings."))
    parts = address.as_json()
    parts.pop("attribute")
    parts.pop("connector")
    wanted, _is_new = TemplateValue.objects.update_or_create(
        template=template,
        **parts,
        defaults={
            "operator_id": template.operator_id,
            "value": value,
            "needs_reboot": needs_reboot,
        },
    )
    return wanted


def assign_template(
    *, template: ConfigurationTemplate, location: Location | None, station: Station | None
) -> None:
    """Let a template hold at a site or a station, besides where it holds already."""
    TemplatePlace.objects.get_or_create(
        template=template,
        location=location,
        station=station,
        defaults={"operator_id": template.operator_id},
    )
