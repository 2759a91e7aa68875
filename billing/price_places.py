"""Where, for whom and when a version of a price list holds: told once, kept as it was."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from billing.models import Tariff, TariffAssignment
from chargenet.core import audit, locks
from chargenet.core.models import User


def gettext_noop(text: str) -> str:
    """Mark a text for translation and return it unchanged."""
    return text


JUST_NOW: Final = timedelta(minutes=1)
PLACES_LOCK: Final = 4637
IN_THE_PAST: Final = gettext_noop(
    "A price that held cannot be changed afterwards. Let it begin now or later."
)
BACKWARDS: Final = gettext_noop("It ends before it begins. Write a later end.")
NO_POWER: Final = gettext_noop("No power lies between the two bounds. Raise the upper one.")


class TariffRefused(ValueError):
    """What was asked for cannot be done: a template of words with its values."""

    def __init__(self, template: str, **values: object) -> None:
        super().__init__(template % values if values else template)
        self.template = template
        self.values = values


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where and for whom a price holds: each that is None narrows nothing.

    Power in W of the connector, from inclusive, below exclusive.
    """

    location_id: int | None = None
    station_id: int | None = None
    connector_id: int | None = None
    group_id: int | None = None
    partner_id: int | None = None
    from_power_w: int | None = None
    below_power_w: int | None = None

    @property
    def columns(self) -> dict[str, Any]:
        """Return the columns of an assignment there."""
        return asdict(self)

    @property
    def is_some(self) -> bool:
        """Return whether any connector can have a power within the bounds."""
        below = self.below_power_w
        return below is None or below > (self.from_power_w or 0)


COLUMNS: Final = tuple(each.name for each in fields(Scope))


@transaction.atomic
def assign(
    *,
    tariff: Tariff,
    scope: Scope,
    valid_from: datetime,
    actor: User,
    as_of: datetime,
    valid_until: datetime | None = None,
) -> TariffAssignment:
    """Let a version hold somewhere from an instant on, in the stead of what held there.

    With an end, what held there comes back after it; what begins later there begins as planned.
    The past can be filled where nothing held. Raises TariffRefused.
    """
    _check(scope, valid_from, valid_until)
    locks.hold(PLACES_LOCK, tariff.operator_id)
    there = _rows_at(tariff.operator_id, scope)
    crossed = there.exclude(valid_until__lte=valid_from)
    if valid_until is not None:
        crossed = crossed.filter(valid_from__lt=valid_until)
    if valid_from < as_of - JUST_NOW and crossed.filter(valid_from__lt=as_of).exists():
        raise TariffRefused(IN_THE_PAST)
    # Of two from one instant nobody could say which holds: the later word stays.
    crossed.filter(valid_from=valid_from, valid_from__gte=as_of).delete()
    later = there.filter(valid_from__gt=valid_from).order_by("valid_from").first()
    until = _earlier(valid_until, None if later is None else later.valid_from)
    if until is not None and until == valid_until:
        _come_back(crossed.filter(valid_from__lt=valid_from), until)
    crossed.filter(valid_from__lt=valid_from).update(valid_until=valid_from)
    made = TariffAssignment.objects.create(
        operator_id=tariff.operator_id,
        tariff=tariff,
        **scope.columns,
        valid_from=valid_from,
        valid_until=until,
    )
    _note(made, actor, "tariff.assign", as_of)
    return made


def _rows_at(operator_id: int, scope: Scope) -> QuerySet[TariffAssignment]:
    return TariffAssignment.objects.filter(operator_id=operator_id, **scope.columns)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((each for each in (one, other) if each is not None), default=None)


def _come_back(rows: QuerySet[TariffAssignment], instant: datetime) -> None:
    """Let what goes on beyond an instant begin anew there."""
    row = rows.exclude(valid_until__lte=instant).order_by("valid_from", "pk").last()
    if row is not None:
        row.pk, row.valid_from = None, instant
        row._state.adding = True
        TariffAssignment.objects.bulk_create([row])


@transaction.atomic
def end_assignment(*, assignment_id: int, actor: User, as_of: datetime) -> None:
    """Let a version hold at a place no longer; one that has not begun never does.

    What was put aside for it holds again.
    """
    row = TariffAssignment.objects.select_for_update().filter(pk=assignment_id).first()
    if row is None or (row.valid_until is not None and row.valid_until <= as_of):
        return
    locks.hold(PLACES_LOCK, row.operator_id)
    _note(row, actor, "tariff.unassign", as_of)
    there = _rows_at(row.operator_id, Scope(**{name: getattr(row, name) for name in COLUMNS}))
    before = there.filter(valid_until=row.valid_from).select_related("tariff").last()
    if row.valid_from >= as_of:
        row.delete()
        if before is not None:
            TariffAssignment.objects.filter(pk=before.pk).update(valid_until=row.valid_until)
        return
    TariffAssignment.objects.filter(pk=row.pk).update(valid_until=as_of)
    if before is not None and row.valid_until is not None:
        back = there.filter(valid_from=row.valid_until, tariff__code=before.tariff.code)
        back.update(valid_from=as_of)


def take_over(*, tariff: Tariff, valid_from: datetime) -> int:
    """Let a version hold where older ones of its list would from an instant on.

    Returns at how many places.
    """
    locks.hold(PLACES_LOCK, tariff.operator_id)
    rows = list(
        TariffAssignment.objects.select_for_update()
        .filter(operator_id=tariff.operator_id, tariff__code=tariff.code)
        .exclude(valid_until__lte=valid_from)
    )
    begun = [row.pk for row in rows if row.valid_from < valid_from]
    waiting = [row.pk for row in rows if row.valid_from >= valid_from]
    TariffAssignment.objects.filter(pk__in=waiting).update(tariff=tariff)
    TariffAssignment.objects.filter(pk__in=begun).update(valid_until=valid_from)
    successors = [row for row in rows if row.pk in set(begun)]
    for row in successors:
        row.tariff, row.valid_from, row.pk = tariff, valid_from, None
        row._state.adding = True
    TariffAssignment.objects.bulk_create(successors)
    return len(rows)


def _check(scope: Scope, valid_from: datetime, valid_until: datetime | None) -> None:
    if valid_until is not None and valid_until <= valid_from:
        raise TariffRefused(BACKWARDS)
    if not scope.is_some:
        raise TariffRefused(NO_POWER)


def _note(row: TariffAssignment, actor: User, action: str, as_of: datetime) -> None:
    until = row.valid_until
    told = {"tariff": row.tariff_id, "valid_from": row.valid_from.isoformat()}
    told |= {name: value for name in COLUMNS if (value := getattr(row, name)) is not None}
    if until is not None:
        told["valid_until"] = until.isoformat()
    audit.record(
        operator_id=row.operator_id,
        user_id=actor.pk,
        action=action,
        object_type="tariff_assignment",
        object_id=row.pk,
        as_of=as_of,
        details=told,
    )
