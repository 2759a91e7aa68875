"""Who may see which rows: the first wall, in the query; row-level security is the second."""

from collections.abc import Iterable
from typing import Any, Self, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404

from chargenet.core.models import Membership, Role, User

NETWORK_ROLES = frozenset({Role.OPERATOR, Role.FINANCE, Role.SUPPORT})
TECHNICAL_ROLES = NETWORK_ROLES | {Role.TECHNICIAN}
SITE_ROLES = TECHNICAL_ROLES | {Role.HOST}
MONEY_ROLES = frozenset({Role.OPERATOR, Role.FINANCE})
# Who makes a station do something: it is not the bookkeeper's.
COMMAND_ROLES = frozenset({Role.OPERATOR, Role.SUPPORT, Role.TECHNICIAN})

Person = User | AnonymousUser
M = TypeVar("M", bound=models.Model)


def memberships_of(user: Person) -> list[Membership]:
    """Return the memberships of a person, read once per user object."""
    if not user.is_authenticated:
        return []
    cached: list[Membership] | None = user.__dict__.get("_memberships")
    if cached is None:
        cached = list(Membership.objects.filter(user_id=user.pk).select_related("operator"))
        user.__dict__["_memberships"] = cached
    return cached


def operator_ids(user: Person, roles: Iterable[str] | None = None) -> list[int]:
    """Return the operators a person works for, in any of the given roles."""
    wanted = None if roles is None else set(roles)
    return sorted(
        {m.operator_id for m in memberships_of(user) if wanted is None or m.role in wanted}
    )


def has_role(user: Person, *roles: str) -> bool:
    """Say whether a person has one of the roles at any operator."""
    return any(m.role in roles for m in memberships_of(user))


class TenantQuerySet(models.QuerySet[M]):
    """Rows of an operator, scoped by who looks.

    The model says how: SEEN_BY (roles), LOCATION_LOOKUP (what a site-bound role is bound by),
    PERSON_LOOKUP (whose own row it is). What a model does not say is closed.
    """

    def visible_to(self, user: Person) -> Self:
        """Return only the rows a person may see; an outsider gets none."""
        person_lookup: str | None = getattr(self.model, "PERSON_LOOKUP", None)
        if not user.is_authenticated or not person_lookup:
            return self.in_charge(user)
        return self.filter(self._of_roles(user) | models.Q(**{person_lookup: user.pk}))

    def in_charge(self, user: Person) -> Self:
        """Return only the rows a person sees in a role; what is their own has its own pages.

        A condition on the operator alone, so that a list is read along its index.
        """
        return self.filter(self._of_roles(user))

    def _of_roles(self, user: Person) -> models.Q:
        allowed = models.Q(pk__in=[])
        seen_by: frozenset[str] = getattr(self.model, "SEEN_BY", frozenset())
        location_lookup: str | None = getattr(self.model, "LOCATION_LOOKUP", None)
        for membership in memberships_of(user):
            if membership.role not in seen_by:
                continue
            rows = models.Q(operator_id=membership.operator_id)
            if membership.site_ids is not None:
                if location_lookup is None:
                    continue
                rows &= models.Q(**{f"{location_lookup}__in": membership.site_ids})
            allowed |= rows
        return allowed


def get_or_404(rows: models.QuerySet[M], user: Person, **lookup: Any) -> M:
    """Return the one visible row, or raise Http404 for a missing and a foreign one alike."""
    assert isinstance(rows, TenantQuerySet), "only tenant rows are looked up for a person"
    try:
        row: M = rows.visible_to(user).get(**lookup)
    except (rows.model.DoesNotExist, ValueError, OverflowError) as error:
        raise Http404 from error
    return row


def require_role(user: Person, roles: Iterable[str]) -> None:
    """Let a person with one of the roles pass.

    Raises PermissionDenied for a colleague of another role, Http404 for an outsider.
    """
    memberships = memberships_of(user)
    if not memberships:
        raise Http404
    if not any(membership.role in roles for membership in memberships):
        raise PermissionDenied


def has_role_at(
    user: Person, roles: Iterable[str], *, operator_id: int, location_id: int | None
) -> bool:
    """Say whether a person has one of the roles where a row is: its operator and its site."""
    return any(
        membership.operator_id == operator_id
        and membership.role in roles
        and (membership.site_ids is None or location_id in membership.site_ids)
        for membership in memberships_of(user)
    )


def require_role_at(
    user: Person, roles: Iterable[str], *, operator_id: int, location_id: int | None
) -> None:
    """Let a person pass whose role holds where a visible row is; raises PermissionDenied.

    A person may host a site here and operate elsewhere: seeing a row is not working on it.
    """
    if not has_role_at(user, roles, operator_id=operator_id, location_id=location_id):
        raise PermissionDenied
