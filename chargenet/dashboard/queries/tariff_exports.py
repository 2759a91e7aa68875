"""A price list said in OCPI, and in words what of it is lost on the way."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from billing.models import Tariff
from billing.queries import shown
from billing.tariffs.native.export import Export, export_tariff
from billing.tariffs.native.model import NativeTariff
from billing.tariffs.ocpi_document import Identity, Version
from billing.tariffs.writing import instant_text
from chargenet.dashboard.queries.tariff_forms import party_of


def export(tariff: Tariff, ours: NativeTariff, version: Version, as_of: datetime) -> Export:
    """Return one version of a price list as OCPI says it, with what is lost."""
    identity = Identity(
        country_code=tariff.operator.country or "SE",
        party_id=party_of(tariff.operator.slug),
        id=tariff.code,
        last_updated=instant_text(tariff.created_at.replace(microsecond=0)),
    )
    zone = ZoneInfo(tariff.operator.timezone)
    spot = shown.spot_ahead(tariff, ours, as_of)
    return export_tariff(ours, identity, version=version, zone=zone, spot=spot)


def lost_of(tariff: Tariff, ours: NativeTariff, as_of: datetime) -> list[str]:
    """Return in the reader's language what an export loses."""
    made = export(tariff, ours, Version.V2_3_0, as_of)
    return [_(each.template) % each.values for each in made.lost]
