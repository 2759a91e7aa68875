"""What most views begin with: who asks, and of which station."""

from collections.abc import Iterable

from django.http import Http404, HttpRequest

from chargenet.core import access
from chargenet.core.models import Operator, User
from chargenet.dashboard.queries import stations
from stations.models import Station


def person(request: HttpRequest) -> User:
    """Return who asks; the view has required a role or a login."""
    assert isinstance(request.user, User), "only a person signed in has a role"
    return request.user


def operators(request: HttpRequest, roles: Iterable[str]) -> list[Operator]:
    """Return the operators a person works for in one of these roles."""
    ids = access.operator_ids(request.user, roles)
    return list(Operator.objects.filter(pk__in=ids).order_by("name"))


def chosen_operator(found: list[Operator], raw: str) -> Operator:
    """Return the one an address or a form names, the first where it names none; raises Http404."""
    chosen = [each for each in found if raw in {"", str(each.pk)}]
    if not chosen:
        raise Http404
    return chosen[0]


def edited_operator(request: HttpRequest, roles: Iterable[str]) -> Operator:
    """Return the operator a form names to who has one of the roles there.

    Raises Http404, PermissionDenied.
    """
    access.require_role(request.user, roles)
    return chosen_operator(operators(request, roles), request.POST.get("operator", ""))


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
