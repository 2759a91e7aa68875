"""Registering thousands of stations at once, all or none."""

from collections.abc import Sequence

from django.db import transaction

from chargenet.core.models import Operator
from stations import registry
from stations.models import Connector, Evse, Location, Station
from stations.registry import Registered, StationPlan


@transaction.atomic
def add_new_stations(*, operator: Operator, plans: Sequence[StationPlan]) -> list[Registered]:
    """Register stations that do not exist, thousands in some dozen statements.

    All or none: raises IntegrityError where an identity is taken, StationRefused on an unfit plan.
    """
    for plan in plans:
        registry.refuse_unfit(operator=operator, plan=plan, known=None)
    sites = _sites(operator, {plan.site or registry.UNPLACED_SITE for plan in plans})
    made = [
        registry.new_station(sites[plan.site or registry.UNPLACED_SITE], plan) for plan in plans
    ]
    stations = Station.objects.bulk_create([one for one, _ in made], batch_size=500)
    registry.allow_open(stations)
    _add_connectors(operator, stations, plans)
    return [
        Registered(station=station, password=password, is_new=True)
        for station, (_, password) in zip(stations, made, strict=True)
    ]


def _add_connectors(
    operator: Operator, stations: Sequence[Station], plans: Sequence[StationPlan]
) -> None:
    evses = Evse.objects.bulk_create(
        (
            Evse(
                operator_id=operator.pk,
                station=station,
                number=number,
                max_power_w=station.max_power_w,
            )
            for station, plan in zip(stations, plans, strict=True)
            for number in range(1, (plan.connectors or 1) + 1)
        ),
        batch_size=500,
    )
    Connector.objects.bulk_create(
        (
            Connector(
                operator_id=operator.pk,
                station=evse.station,
                evse=evse,
                number=1,
                public_code=registry.new_public_code(),
                max_power_w=evse.max_power_w,
            )
            for evse in evses
        ),
        batch_size=500,
    )


def _sites(operator: Operator, names: set[str]) -> dict[str, Location]:
    """Return the sites of these names, made where they are missing."""
    known = Location.objects.filter(operator=operator, name__in=names)
    missing = names - set(known.values_list("name", flat=True))
    Location.objects.bulk_create(
        Location(
            operator=operator, name=name, country=operator.country, timezone=operator.timezone
        )
        for name in sorted(missing)
    )
    return {
        site.name: site
        for site in Location.objects.filter(operator=operator, name__in=names).select_related(
            "operator"
        )
    }
