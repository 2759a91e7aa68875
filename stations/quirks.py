"""Vendor quirks as rows: those the product ships with, an operator's word on them, and its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from psycopg import AsyncConnection

from chargenet.core import audit
from chargenet.core.models import Operator, User
from stations.metering import quirks
from stations.metering.quirks import QuirkRule
from stations.models import KnownQuirk, Quirk, QuirkChoice, Station

FIELDS = ("vendor", "model", "firmware_from", "firmware_to", "kind", "value", "note", "source")
# Operator 0 has no word of its own: what the product ships with holds for it.
READ = """
WITH everybody AS (
    SELECT 0::bigint AS operator_id
    UNION SELECT operator_id FROM stations_quirkchoice
    UNION SELECT operator_id FROM stations_quirk
)
SELECT e.operator_id, k.kind, k.value, k.vendor, k.model, k.firmware_from, k.firmware_to, 0, k.id
FROM everybody e CROSS JOIN stations_knownquirk k
LEFT JOIN stations_quirkchoice c ON c.known_id = k.id AND c.operator_id = e.operator_id
WHERE coalesce(c.is_on, k.is_on)
UNION ALL
SELECT operator_id, kind, value, vendor, model, firmware_from, firmware_to, 1, id
FROM stations_quirk WHERE is_on
ORDER BY 8, 9
"""


@dataclass(frozen=True, slots=True)
class QuirkLine:
    """One quirk as an operator sees it: shipped (its `name` says which), or its own."""

    key: str
    name: str
    rule: QuirkRule
    note: str
    source: str
    is_on: bool
    is_own: bool
    stations: int


async def read_rules(connection: AsyncConnection[Any]) -> list[tuple[int, QuirkRule]]:
    """Return the rules that hold for each operator that has a word of its own, and for 0.

    An operator's own rules come last: they outweigh what the product ships with.
    """
    rows = await connection.execute(READ)
    return [(row[0], QuirkRule(*row[1:7])) for row in await rows.fetchall()]


def list_quirks(operator: Operator) -> list[QuirkLine]:
    """Return every quirk of an operator, its own first, with how many stations it is about."""
    makes = list(
        Station.objects.filter(operator=operator, is_active=True)
        .exclude(vendor="", model="")
        .values_list("vendor", "model", "firmware_version")
    )
    words = dict(QuirkChoice.objects.filter(operator=operator).values_list("known_id", "is_on"))
    own = [
        _line(row, f"own-{row.pk}", "", is_on=row.is_on, makes=makes)
        for row in Quirk.objects.filter(operator=operator)
    ]
    shipped = [
        _line(row, f"known-{row.pk}", row.name, is_on=words.get(row.pk, row.is_on), makes=makes)
        for row in KnownQuirk.objects.all()
    ]
    return [*own, *shipped]


@transaction.atomic
def add_quirk(
    *, operator: Operator, written: Mapping[str, str], actor: User, as_of: datetime
) -> Quirk:
    """Add a quirk of an operator's own; raises QuirkUnfit."""
    values = {name: str(written.get(name, "")).strip() for name in FIELDS}
    if not quirks.fold(values["vendor"]) and not quirks.fold(values["model"]):
        raise quirks.QuirkUnfit("a vendor or a model is needed: a quirk is about a make")
    quirks.read_value(values["kind"], values["value"])
    row = Quirk.objects.create(operator=operator, **values)
    _record(actor, operator, "quirk_added", row.pk, as_of, values)
    return row


@transaction.atomic
def switch_quirk(
    *, operator: Operator, key: str, is_on: bool, actor: User, as_of: datetime
) -> None:
    """Switch a quirk on or off for an operator; raises Quirk.DoesNotExist or KnownQuirk's."""
    kind, _, number = key.partition("-")
    if kind == "own":
        row = Quirk.objects.select_for_update().get(operator=operator, pk=int(number))
        row.is_on = is_on
        row.save(update_fields=["is_on"])
    else:
        known = KnownQuirk.objects.get(pk=int(number))
        QuirkChoice.objects.update_or_create(
            operator=operator, known=known, defaults={"is_on": is_on}
        )
    _record(actor, operator, "quirk_switched", int(number), as_of, {"key": key, "is_on": is_on})


@transaction.atomic
def remove_quirk(*, operator: Operator, key: str, actor: User, as_of: datetime) -> None:
    """Remove a quirk of an operator's own; raises Quirk.DoesNotExist."""
    kind, _, number = key.partition("-")
    row = Quirk.objects.get(operator=operator, pk=int(number) if kind == "own" else 0)
    told = {name: getattr(row, name) for name in FIELDS}
    row_id = row.pk
    row.delete()
    _record(actor, operator, "quirk_removed", row_id, as_of, told)


def _record(
    actor: User,
    operator: Operator,
    action: str,
    row_id: int,
    as_of: datetime,
    details: dict[str, Any],
) -> None:
    audit.record(
        operator_id=operator.pk,
        user_id=actor.pk,
        action=action,
        object_type="quirk",
        object_id=row_id,
        as_of=as_of,
        details=details,
    )


def _line(
    row: KnownQuirk | Quirk,
    key: str,
    name: str,
    *,
    is_on: bool,
    makes: Sequence[tuple[str, str, str]],
) -> QuirkLine:
    rule = QuirkRule(
        row.kind, row.value, row.vendor, row.model, row.firmware_from, row.firmware_to
    )
    about = [
        1
        for vendor, model, firmware in makes
        if quirks.is_match(rule, vendor=vendor, model=model, firmware=firmware)
    ]
    is_own = isinstance(row, Quirk)
    return QuirkLine(key, name, rule, row.note, row.source, is_on, is_own, len(about))
