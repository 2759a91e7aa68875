"""A site's shared limit: who may draw what now, sent to stations as charging profiles.

Runs on every change of a session or a connection, and by a sweep; `metering.sharing` decides.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from stations import status
from stations.charging import profiles, reading, turns
from stations.charging.profiles import FIRST_OF_SITE, Wish
from stations.charging.reading import Seat
from stations.metering import sharing
from stations.metering.sharing import Plan, Point
from stations.models import ChargingProfile, Hold, LoadGroup, LoadMember, LoadShare

SITE: Final = ChargingProfile.Maker.SITE
DEFAULT_NUMBER: Final = FIRST_OF_SITE
HELD, RELEASED = "held_by_site_limit", "released_by_site_limit"
UNPROTECTED: Final = "site_limit_unprotected"
CAUSE: Final = "site_limit"
# A default is said again so often: a station that forgot it must not stay without.
SAY_AGAIN: Final = timedelta(hours=12)
SHARE_FIELDS: Final = [
    "session",
    "state",
    "target_a",
    "confirmed_a",
    "pending_a",
    "is_unsure",
    "wants_a",
    "changed_at",
    "turn_since",
    "waits_since",
    "refused_at",
]


def reconcile_station(*, station_id: int, as_of: datetime) -> None:
    """Share anew where a station stands under a shared limit."""
    member = LoadMember.objects.filter(station_id=station_id).first()
    if member is not None:
        reconcile_group(group_id=member.group_id, as_of=as_of)


def sweep_groups(*, as_of: datetime) -> int:
    """Share anew in every group; what a lost nudge left, and the turns that are over."""
    ids = list(LoadGroup.objects.filter(is_active=True).values_list("pk", flat=True))
    for group_id in ids:
        reconcile_group(group_id=group_id, as_of=as_of)
    return len(ids)


@transaction.atomic
def reconcile_group(*, group_id: int, as_of: datetime) -> Plan | None:
    """Work out who may draw what, and send what may be sent now; None for a group at rest."""
    group = turns.hold_group(group_id)
    if not group.is_active:
        return None
    seats = reading.read_seats(group, as_of)
    points = [_current(seat, as_of) for seat in seats]
    points = _send_defaults(group, seats, points, as_of)
    made = sharing.plan(reading.fuse_of(group), points, as_of)
    points = [_follow(group, seat, made, as_of) for seat in seats]
    LoadShare.objects.bulk_update([seat.share for seat in seats], SHARE_FIELDS)
    _note_holds(group, seats, as_of)
    _note_group(group, seats, points, as_of)
    return made


def _current(seat: Seat, as_of: datetime) -> Point:
    """Return a seat's point; a session that ended or began takes what was said with it."""
    session_id = seat.session.pk if seat.session else None
    # What a station out of reach told last may still hold: it is forgotten when it is back.
    if seat.share.session_id != session_id and (seat.is_online or seat.share.session_id is None):
        seat.share.session = seat.session
        seat.share.refused_at = None
        profiles.forget_session_profiles(seat.station, seat.share.connector.evse.number)
        reading.keep(seat.share, sharing.freed(reading.point_of(seat, as_of)))
    point = reading.point_of(seat, as_of)
    if point.pending_a is not None and not profiles.is_under_way(
        seat.member.station_id, DEFAULT_NUMBER + seat.share.connector.evse.number
    ):
        point = sharing.after(point, sharing.LOST, as_of)
        reading.keep(seat.share, point)
    return reading.with_wish(seat, point, as_of) if point.can_steer else point


def _send_defaults(
    group: LoadGroup, seats: list[Seat], points: list[Point], as_of: datetime
) -> list[Point]:
    """Give each station its default where it lacks it, or it is time to say it again."""
    members = {seat.member.pk: seat for seat in seats}
    for seat in members.values():
        member = seat.member
        if not seat.is_online or not _lacks_default(group, member, as_of):
            continue
        keys = [each.key for each in seats if each.member is member]
        fuse = reading.fuse_of(group)
        if not sharing.fits_default(fuse, points, keys, group.safe_current_a):
            continue
        member.default_pending_a = group.safe_current_a
        member.save(update_fields=["default_pending_a"])
        wish = Wish(
            purpose=ChargingProfile.Purpose.TX_DEFAULT,
            schedule=reading.limit_of(member, group.safe_current_a),
            maker=SITE,
            number=DEFAULT_NUMBER,
        )
        profiles.set_profile(station=member.station, wish=wish, as_of=as_of)
        points = [reading.point_of(each, as_of) for each in seats]
    return points


def _lacks_default(group: LoadGroup, member: LoadMember, as_of: datetime) -> bool:
    if member.default_pending_a is not None:
        return False
    refused_at = member.default_refused_at
    if refused_at is not None and as_of - refused_at < reading.ASK_AGAIN:
        return False
    is_old = member.default_at is None or as_of - member.default_at >= SAY_AGAIN
    return member.default_a != group.safe_current_a or is_old


def _follow(group: LoadGroup, seat: Seat, made: Plan, as_of: datetime) -> Point:
    """Take a plan's decision onto the row, and send its order; returns the point then."""
    share, state = seat.share, made.states[seat.key]
    share.target_a = made.targets[seat.key]
    if state == sharing.HELD and share.waits_since is None:
        share.waits_since, share.turn_since = as_of, None
    elif state == sharing.RUNNING and share.turn_since is None:
        share.waits_since, share.turn_since = None, as_of
    order = made.orders.get(seat.key)
    if order is not None and _send(seat, order, as_of):
        share.pending_a = order
    share.state = _word(group, seat, state, as_of)
    return reading.point_of(seat, as_of)


def _send(seat: Seat, amperes: int, as_of: datetime) -> bool:
    """Send a session its limit; False where it ended this very moment."""
    assert seat.session is not None, "only sessions are ordered"
    evse = seat.share.connector.evse.number
    wish = Wish(
        purpose=ChargingProfile.Purpose.TX,
        schedule=reading.limit_of(seat.member, amperes),
        evse_number=evse,
        transaction=seat.session.ocpp_transaction_id,
        stack_level=1,
        maker=SITE,
        number=DEFAULT_NUMBER + evse,
    )
    try:
        profiles.set_profile(station=seat.station, wish=wish, as_of=as_of)
    except profiles.ProfileRefused:
        return False
    return True


def _word(group: LoadGroup, seat: Seat, state: str, as_of: datetime) -> str:
    states = LoadShare.State
    if not seat.is_online:
        return states.OFFLINE
    if seat.session is None:
        return states.IDLE
    if seat.is_refusing(as_of):
        return states.REFUSED
    if state == sharing.RUNNING and _allowed(seat) < group.min_current_a:
        return states.WAITING
    words = {sharing.RUNNING: states.RUNNING, sharing.FULL: states.FULL}
    return words.get(state, states.HELD)


def _allowed(seat: Seat) -> int:
    """Return what the session may draw by the last word its station accepted."""
    confirmed = seat.share.confirmed_a
    if confirmed is not None:
        return confirmed
    default_a = seat.member.default_a
    return reading.UNKNOWN_MAX_A if default_a is None else default_a


def _note_holds(group: LoadGroup, seats: list[Seat], as_of: datetime) -> None:
    """Keep from when to when it was us who kept a vehicle waiting; a fee for parking reads it."""
    open_holds = {
        hold.connector_id: hold
        for hold in Hold.objects.filter(
            connector__in=[seat.share.connector_id for seat in seats], ended_at=None, cause=CAUSE
        )
    }
    for seat in seats:
        session, hold = seat.session, open_holds.get(seat.share.connector_id)
        is_held = session is not None and _allowed(seat) < group.min_current_a
        if hold is not None and (not is_held or hold.session_id != (session and session.pk)):
            Hold.objects.filter(pk=hold.pk).update(ended_at=as_of)
            _tell(seat, RELEASED, hold, as_of)
            hold = None
        if is_held and hold is None:
            hold = Hold.objects.create(
                operator_id=group.operator_id,
                connector=seat.share.connector,
                session=session,
                cause=CAUSE,
                started_at=as_of,
            )
            _tell(seat, HELD, hold, as_of)


def _tell(seat: Seat, kind: str, hold: Hold, as_of: datetime) -> None:
    status.record_observation(
        kind=kind,
        station_id=seat.member.station_id,
        connector_id=seat.share.connector_id,
        occurred_at=as_of,
        source_id=f"hold:{hold.pk}",
        as_of=as_of,
    )


def _note_group(group: LoadGroup, seats: list[Seat], points: list[Point], as_of: datetime) -> None:
    """Write what may be drawn now; a fuse that stations can exceed is for a rule to see."""
    sums = sharing.ceilings(points)
    LoadGroup.objects.filter(pk=group.pk).update(
        reconciled_at=as_of,
        ceiling_l1_a=sums[0],
        ceiling_l2_a=sums[1],
        ceiling_l3_a=sums[2],
    )
    if max(sums) <= group.limit_a:
        return
    for seat in seats:
        if seat.member.default_a is None:
            status.record_observation(
                kind=UNPROTECTED,
                station_id=seat.member.station_id,
                connector_id=None,
                occurred_at=as_of,
                source_id=f"group:{group.pk}:{as_of:%Y-%m-%d}",
                as_of=as_of,
            )
