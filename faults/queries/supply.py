"""How the power of a site is shared out: what may be drawn, what is, and who is kept short."""

from collections.abc import Iterable
from typing import Final

from faults.rules.wide import Supply
from stations.models import LoadGroup, LoadShare, Session

VOLTS, PHASES = 230, 3
# Who draws this part of what it was given takes all it can get: meters and vehicles round.
TAKES_ALL: Final = 0.8
KEPT_SHORT: Final = 0.5


def supply_of(location_id: int) -> Supply | None:
    """Return how the fuse of a site is shared, the worst of several; None where none is."""
    groups = LoadGroup.objects.filter(location_id=location_id, is_active=True).order_by("pk")
    found = [_supply(group) for group in groups]
    return max(found, key=_badness, default=None)


def _supply(group: LoadGroup) -> Supply:
    shares = LoadShare.objects.filter(member__group=group, session__state=Session.State.OPEN)
    rows = list(shares.select_related("member", "session", "connector__evse").order_by("pk"))
    return Supply(
        name=group.name,
        connection_w=group.limit_a * VOLTS * PHASES,
        granted_w=max(group.ceiling_l1_a, group.ceiling_l2_a, group.ceiling_l3_a) * VOLTS * PHASES,
        used_w=_drawn_w(rows),
        starved=sum(_is_starved(row) for row in rows),
    )


def _drawn_w(rows: Iterable[LoadShare]) -> int:
    return sum((row.session.last_power_w or 0) if row.session else 0 for row in rows)


def _is_starved(row: LoadShare) -> bool:
    """Return whether a vehicle takes all it is given, and that is less than half of what could be.

    A vehicle that asks for nothing is not kept short, nor one whose station said no to a limit.
    """
    if row.state not in {LoadShare.State.RUNNING, LoadShare.State.HELD} or row.session is None:
        return False
    most_w = row.connector.max_power_w or row.connector.evse.max_power_w
    allowed_a = row.confirmed_a if row.confirmed_a is not None else row.member.default_a
    if most_w is None or allowed_a is None:
        return False
    phases = PHASES if row.member.is_dc else len(row.member.phases)
    allowed_w = allowed_a * VOLTS * phases
    if allowed_w >= most_w * KEPT_SHORT:
        return False
    return (row.session.last_power_w or 0) >= allowed_w * TAKES_ALL


def _badness(supply: Supply) -> tuple[bool, int]:
    over = (supply.granted_w or 0) > (supply.connection_w or 0)
    return over, supply.starved
