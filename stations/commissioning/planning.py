"""Which steps a round takes, in which order."""

from collections.abc import Iterator, Sequence

from stations.commissioning import profile, templates
from stations.commissioning.profile import Wanted
from stations.models import Commissioning, CommissioningStep, Connector, OcppVersion, Station

DC_STANDARDS = ("COMBO", "CHADEMO")
Kind = CommissioningStep.Kind


def steps_of(
    commissioning: Commissioning, settings: Sequence[Wanted] | None
) -> list[CommissioningStep]:
    """Return the steps of a round, numbered, not yet saved."""
    return [
        CommissioningStep(
            operator_id=commissioning.operator_id,
            commissioning=commissioning,
            position=position,
            kind=kind,
            target=wanted.address.as_json() if wanted else {},
            wanted=wanted.value if wanted else "",
            rule=_rule(wanted) if wanted else {},
        )
        for position, (kind, wanted) in enumerate(_planned(commissioning, settings), start=1)
    ]


def wanted_for(station: Station) -> list[Wanted]:
    """Return what a station is to be set to: the profile, and over it the operator's templates."""
    own = {each.address: each for each in templates.wanted_values(station)}
    general = profile.wanted_of(station.ocpp_version, is_dc=is_dc(station))
    kept = [each for each in general if each.address not in own]
    return [*kept, *own.values()]


def is_dc(station: Station) -> bool:
    """Say whether a station charges with direct current."""
    standards = Connector.objects.filter(station=station).values_list("standard", flat=True)
    return any(word in standard.upper() for standard in standards for word in DC_STANDARDS)


def _planned(
    commissioning: Commissioning, settings: Sequence[Wanted] | None
) -> Iterator[tuple[str, Wanted | None]]:
    station = commissioning.station
    if settings is None:
        yield Kind.READ, None
    for wanted in wanted_for(station) if settings is None else settings:
        yield (Kind.MEASURANDS if wanted.is_list else Kind.SET), wanted
    if settings is None and station.ocpp_version != OcppVersion.V16:
        for kind in (Kind.BASE, Kind.LEVEL, Kind.MONITORS, Kind.READ_MONITORS):
            yield kind, None
    yield Kind.VERIFY, None


def _rule(wanted: Wanted) -> dict[str, int]:
    flags = {"vital": wanted.is_vital, "reboot": wanted.needs_reboot}
    return wanted.rule.as_json() | {name: 1 for name, is_on in flags.items() if is_on}
