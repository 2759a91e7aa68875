"""Which stations a form chooses, and for whom a person may choose them."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict

from chargenet.core import access
from chargenet.core.access import Person
from chargenet.core.models import Role
from stations.models import Location, Station

# Who commands many stations at once: of a whole operator, not of some of its sites.
BULK_ROLES = frozenset({Role.OPERATOR, Role.SUPPORT})
FIRMWARE_ROLES = frozenset({Role.OPERATOR})


@dataclass(frozen=True)
class Choice:
    """Which stations a form chooses, and how it says so."""

    site: str = ""
    model: str = ""
    version: str = ""
    names: str = ""

    @property
    def told(self) -> dict[str, str]:
        """The choice as it is kept beside the work."""
        pairs = {
            "site": self.site,
            "model": self.model,
            "version": self.version,
            "names": self.names[:500],
        }
        return {name: value for name, value in pairs.items() if value}


def works_for(person: Person, roles: frozenset[str]) -> list[int]:
    """Return the operators a person does this for, at every site."""
    return sorted(
        {
            membership.operator_id
            for membership in access.memberships_of(person)
            if membership.role in roles and membership.site_ids is None
        }
    )


def read_choice(form: QueryDict) -> Choice:
    """Read which stations a form chooses."""

    def word(name: str, longest: int) -> str:
        return form.get(name, "").replace("\0", "").strip()[:longest]

    return Choice(word("site", 18), word("model", 80), word("version", 80), word("names", 20_000))


def chosen_stations(operator_id: int, choice: Choice) -> QuerySet[Station]:
    """Return the stations of a choice; one that says nothing chooses none."""
    rows = Station.objects.filter(operator_id=operator_id, is_active=True)
    if not choice.told:
        return rows.none()
    if choice.site and choice.site != "all":
        rows = (
            rows.filter(location_id=int(choice.site)) if choice.site.isdecimal() else rows.none()
        )
    if choice.model:
        rows = rows.filter(model=choice.model)
    if choice.version:
        rows = rows.filter(firmware_version=choice.version)
    if choice.names:
        names = [line.strip() for line in choice.names.replace(",", "\n").splitlines()]
        named = [name for name in names if name]
        rows = rows.filter(Q(name__in=named) | Q(identity__in=named))
    return rows.select_related("location")


def choices_for(operator_id: int) -> dict[str, Any]:
    """Return the sites, models and versions a form may choose from."""
    own = Station.objects.filter(operator_id=operator_id, is_active=True)
    return {
        "sites": list(
            Location.objects.filter(operator_id=operator_id)
            .order_by("name")
            .values_list("pk", "name")
        ),
        "models": _values(own, "model"),
        "versions": _values(own, "firmware_version"),
        "count": own.count(),
    }


def _values(rows: QuerySet[Station], field: str) -> list[str]:
    return list(
        rows.exclude(**{field: ""}).order_by(field).values_list(field, flat=True).distinct()[:200]
    )
