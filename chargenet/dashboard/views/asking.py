"""What most views begin with: who asks, and of which station."""

from collections.abc import Iterable

from django.http import HttpRequest

from chargenet.core import access
from chargenet.core.models import User
from chargenet.dashboard.queries import stations
from stations.models import Station


def person(request: HttpRequest) -> User:
    """Return who asks; the view has required a role or a login."""
    assert isinstance(request.user, User), "only a person signed in has a role"
    return request.user


def station(request: HttpRequest, station_id: int, roles: Iterable[str]) -> Station:
    """Return a station to who has one of the roles there; raises Http404, PermissionDenied."""
    access.require_role(request.user, roles)
    found = stations.station_for(request.user, station_id)
    access.require_role_at(request.user, roles, **_where(found))
    return found


def has_role(request: HttpRequest, station: Station, roles: Iterable[str]) -> bool:
    """Say whether who asks has one of the roles at a station's site."""
    return access.has_role_at(request.user, roles, **_where(station))


def _where(station: Station) -> dict[str, int]:
    return {"operator_id": station.operator_id, "location_id": station.location_id}
