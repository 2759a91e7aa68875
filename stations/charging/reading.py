"""A site's rows as the points of `metering.sharing`, and back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from stations.metering import sharing
from stations.metering.sharing import Fuse, Point
from stations.models import (
    Connector,
    LoadGroup,
    LoadMember,
    LoadShare,
    MeterValue,
    Session,
    Station,
)

VOLTS: Final = 230
PHASES: Final = 3
# A DC station takes more from the grid than it gives to the vehicle.
DC_EFFICIENCY: Final = Decimal("0.92")
UNKNOWN_MAX_A: Final = 32
FRESH: Final = timedelta(minutes=3)
# A station that said no is asked again after so long.
ASK_AGAIN: Final = timedelta(minutes=10)


@dataclass(slots=True)
class Seat:
    """A share with what belongs to it: its member, its connector, the session at its EVSE."""

    share: LoadShare
    member: LoadMember
    session: Session | None
    drawn_a: int | None

    @property
    def station(self) -> Station:
        """Return the station of the seat."""
        return self.member.station

    @property
    def is_online(self) -> bool:
        """Return whether the station hears us."""
        return self.station.is_online and self.station.is_active

    @property
    def key(self) -> int:
        """Return what the seat is called in a plan."""
        return self.share.pk

    def is_refusing(self, as_of: datetime) -> bool:
        """Return whether the station said no to a limit a moment ago."""
        refused_at = self.share.refused_at
        return refused_at is not None and as_of - refused_at < ASK_AGAIN


def fuse_of(group: LoadGroup) -> Fuse:
    """Return what is shared."""
    return Fuse(group.limit_a, group.min_current_a, timedelta(seconds=group.rotation_s))


def phases_of(member: LoadMember) -> tuple[int, ...]:
    """Return the fuse's phases a station draws from, 0 to 2."""
    return tuple(int(digit) - 1 for digit in member.phases)


def hardware_a(member: LoadMember, connector: Connector) -> int:
    """Return what a connector can draw at most, A per phase."""
    power_w = connector.max_power_w
    if power_w is None:
        return UNKNOWN_MAX_A
    if member.is_dc:
        return int(-(-power_w // (VOLTS * PHASES * DC_EFFICIENCY)))
    return max(round(power_w / (VOLTS * len(member.phases))), 1)


def limit_of(member: LoadMember, amperes: int) -> dict[str, object]:
    """Return a schedule that allows so many A per phase from the beginning of a session on.

    Relative to the session: a station whose clock is wrong holds it all the same.
    """
    period: dict[str, object] = {"start": 0, "limit": str(amperes)}
    unit = "A"
    if member.is_dc:
        unit = "W"
        period["limit"] = str(int(amperes * VOLTS * PHASES * DC_EFFICIENCY))
    else:
        period["phases"] = len(member.phases)
    return {"kind": "Relative", "unit": unit, "periods": [period]}


def read_seats(group: LoadGroup, as_of: datetime) -> list[Seat]:
    """Return every EVSE under a group's limit; one not seen before gets its row."""
    members = list(group.members.select_related("station", "station__operator").order_by("pk"))
    _make_shares(members)
    shares = list(
        LoadShare.objects.filter(member__group=group)
        .select_related("connector__evse")
        .order_by("pk")
    )
    running = _running([member.station_id for member in members])
    drawn = _drawn([session.pk for session in running.values()], as_of)
    by_id = {member.pk: member for member in members}
    seats = []
    for share in shares:
        session = running.get(share.connector.evse_id)
        member = by_id[share.member_id]
        now_a = _amperes(member, drawn.get(session.pk)) if session else None
        seats.append(Seat(share, member, session, now_a))
    return seats


def _make_shares(members: Sequence[LoadMember]) -> None:
    """Give each EVSE its row, at its first connector: one vehicle charges there at a time."""
    by_station = {member.station_id: member for member in members}
    known = set(
        LoadShare.objects.filter(member__in=members).values_list("connector__evse_id", flat=True)
    )
    fresh: dict[int, Connector] = {}
    for connector in Connector.objects.filter(station_id__in=by_station).order_by("number"):
        if connector.evse_id not in known:
            fresh.setdefault(connector.evse_id, connector)
    LoadShare.objects.bulk_create(
        [
            LoadShare(
                operator_id=connector.operator_id,
                member=by_station[connector.station_id],
                connector=connector,
            )
            for connector in fresh.values()
        ],
        ignore_conflicts=True,
    )


def _running(station_ids: Iterable[int]) -> dict[int, Session]:
    """Return the session that goes on at each EVSE; of two the younger one."""
    rows = (
        Session.objects.filter(station_id__in=list(station_ids), state=Session.State.OPEN)
        .select_related("connector")
        .order_by("started_at")
    )
    return {session.connector.evse_id: session for session in rows}


def _drawn(session_ids: list[int], as_of: datetime) -> dict[int, MeterValue]:
    """Return the newest fresh reading of each session."""
    rows = MeterValue.objects.filter(
        session_id__in=session_ids, occurred_at__gt=as_of - FRESH
    ).order_by("occurred_at")
    return {row.session_id: row for row in rows if row.session_id is not None}


def _amperes(member: LoadMember, row: MeterValue | None) -> int | None:
    """Return what flows on the busiest phase, rounded up; None where nothing says it."""
    if row is None:
        return None
    if member.is_dc:
        if row.power_w is None:
            return None
        return int(-(-row.power_w // (VOLTS * PHASES * DC_EFFICIENCY)))
    phases = [row.current_l1_a, row.current_l2_a, row.current_l3_a, row.current_a]
    measured = [value for value in phases if value is not None]
    if measured:
        return int(-(-max(measured) // 1))
    return None


def point_of(seat: Seat, as_of: datetime) -> Point:
    """Return a seat as the allocator sees it."""
    share, member = seat.share, seat.member
    most = hardware_a(member, share.connector)
    defaults = (member.default_a, member.default_pending_a)
    # A station that never took a default may draw all its connector can carry.
    default_a = most if member.default_a is None else max(each or 0 for each in defaults)
    listens = seat.session is not None and seat.is_online and not seat.is_refusing(as_of)
    is_paused = seat.session is not None and seat.session.parking_since is not None
    return Point(
        key=seat.key,
        phases=phases_of(member),
        max_a=most,
        default_a=min(default_a, most),
        confirmed_a=share.confirmed_a,
        pending_a=share.pending_a,
        is_unsure=share.is_unsure,
        can_steer=listens,
        is_full=is_paused and (share.confirmed_a or 0) > 0,
        wants_a=share.wants_a,
        turn_since=share.turn_since,
        waits_since=share.waits_since,
        changed_at=share.changed_at,
    )


def with_wish(seat: Seat, point: Point, as_of: datetime) -> Point:
    """Return a point with what its vehicle was seen to want, kept on its row."""
    seat.share.wants_a = sharing.wanted(point, seat.drawn_a, as_of)
    return replace(point, wants_a=seat.share.wants_a)


def keep(share: LoadShare, point: Point) -> None:
    """Write what a point became onto its row, unsaved."""
    share.confirmed_a, share.pending_a = point.confirmed_a, point.pending_a
    share.is_unsure, share.wants_a = point.is_unsure, point.wants_a
    share.turn_since, share.waits_since = point.turn_since, point.waits_since
    share.changed_at = point.changed_at
