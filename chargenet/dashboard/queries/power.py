"""Shared limits as pages show them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from chargenet.core import access, formats
from chargenet.core.access import Person
from chargenet.core.listing import Column, Spec
from chargenet.dashboard.parts import Tile
from stations.models import LoadGroup, LoadMember, LoadShare, Location, Station


@dataclass(frozen=True)
class GroupRow:
    """One shared limit in the list."""

    id: int
    name: str
    site: str
    limit_a: int
    ceiling_a: int
    stations: int
    running: int
    held: int
    is_exceeded: bool
    reconciled_at: datetime | None


@dataclass(frozen=True)
class ShareRow:
    """One connector under a limit."""

    station: str
    station_id: int
    connector: str
    state: str
    target_a: int
    allowed: str
    is_pending: bool
    power_w: int | None
    session_id: int | None
    since: datetime | None
    why: str


@dataclass(frozen=True)
class GroupPage:
    """Everything a shared limit's page shows."""

    group: LoadGroup
    tiles: list[Tile]
    shares: list[ShareRow]
    members: list[LoadMember]
    others: list[Station]
    is_exceeded: bool


def groups_of(person: Person) -> QuerySet[LoadGroup]:
    """Return the shared limits a person may see, with what a row counts."""
    shares = "members__shares"
    return (
        LoadGroup.objects.in_charge(person)
        .filter(is_active=True)
        .select_related("location")
        .annotate(
            stations=Count("members", distinct=True),
            running=Count(shares, filter=Q(members__shares__state="running"), distinct=True),
            held=Count(shares, filter=Q(members__shares__state="held"), distinct=True),
        )
    )


def group_spec() -> Spec:
    """Return what the list of shared limits can do."""
    return Spec(
        name="power",
        columns=(
            Column("name", _("Fuse"), ("name",), csv=lambda row: row.name),
            Column("site", _("Site"), ("location__name",), csv=lambda row: row.site),
            Column("stations", _("Stations"), (), is_number=True, csv=lambda row: row.stations),
            Column("running", _("Charging"), (), is_number=True, csv=lambda row: row.running),
            Column("held", _("Waiting"), (), is_number=True, csv=lambda row: row.held),
            Column("ceiling", _("May draw now"), is_number=True, csv=lambda row: row.ceiling_a),
            Column("limit", _("Limit"), ("limit_a",), is_number=True, csv=lambda r: r.limit_a),
        ),
        default_sort="name",
        search=lambda text: Q(name__icontains=text) | Q(location__name__icontains=text),
        search_label=_("Fuse or site"),
    )


def describe_groups(groups: Sequence[LoadGroup]) -> list[GroupRow]:
    """Return shared limits as rows."""
    return [
        GroupRow(
            id=group.pk,
            name=group.name,
            site=group.location.name,
            limit_a=group.limit_a,
            ceiling_a=ceiling_of(group),
            stations=getattr(group, "stations", 0),
            running=getattr(group, "running", 0),
            held=getattr(group, "held", 0),
            is_exceeded=ceiling_of(group) > group.limit_a,
            reconciled_at=group.reconciled_at,
        )
        for group in groups
    ]


def ceiling_of(group: LoadGroup) -> int:
    """Return what may be drawn now on the busiest phase."""
    return max(group.ceiling_l1_a, group.ceiling_l2_a, group.ceiling_l3_a)


def group_for(person: Person, group_id: int) -> LoadGroup:
    """Return one shared limit with its site; raises Http404 for an outsider."""
    rows = LoadGroup.objects.select_related("location", "operator").filter(is_active=True)
    return access.get_or_404(rows, person, pk=group_id)


def locations_of(person: Person) -> list[Location]:
    """Return the sites a limit can be made for."""
    return list(Location.objects.in_charge(person).order_by("name"))


def group_page(group: LoadGroup) -> GroupPage:
    """Return a shared limit with its connectors, and who waits and why."""
    shares = list(
        LoadShare.objects.filter(member__group=group)
        .select_related("connector__evse", "member__station", "session")
        .order_by("member__station__name", "connector__evse__number")
    )
    members = list(group.members.select_related("station").order_by("station__name"))
    inside = [member.station_id for member in members]
    others = Station.objects.filter(
        location_id=group.location_id, is_active=True, load_member__isnull=True
    ).exclude(pk__in=inside)
    return GroupPage(
        group=group,
        tiles=_tiles(group, shares),
        shares=[_share_row(group, share) for share in shares],
        members=members,
        others=list(others.order_by("name")),
        is_exceeded=ceiling_of(group) > group.limit_a,
    )


def _tiles(group: LoadGroup, shares: Iterable[LoadShare]) -> list[Tile]:
    rows = list(shares)
    drawn_w = sum(
        row.session.last_power_w or 0
        for row in rows
        if row.session is not None and row.session.state == "open"
    )
    phases = (group.ceiling_l1_a, group.ceiling_l2_a, group.ceiling_l3_a)
    note = " · ".join(f"L{number} {value} A" for number, value in enumerate(phases, start=1))
    held = sum(row.state == LoadShare.State.HELD for row in rows)
    running = sum(row.state == LoadShare.State.RUNNING for row in rows)
    return [
        Tile(_("Limit a phase"), f"{group.limit_a}\u00a0A", "#shares", "bolt"),
        Tile(_("May be drawn now"), f"{max(phases)}\u00a0A", "#shares", "activity", note),
        Tile(_("Measured now"), formats.power(drawn_w), "#shares", "plug-connected"),
        Tile(
            _("Charging"),
            formats.number(running),
            "#shares",
            "battery-charging",
            _("%(count)s wait for their turn") % {"count": held},
        ),
    ]


def _share_row(group: LoadGroup, share: LoadShare) -> ShareRow:
    station = share.member.station
    number = share.connector.evse.number
    confirmed = share.confirmed_a if share.confirmed_a is not None else share.member.default_a
    session = share.session if share.session and share.session.state == "open" else None
    return ShareRow(
        station=station.name,
        station_id=station.pk,
        connector=str(number),
        state=share.state,
        target_a=share.target_a,
        allowed="–" if confirmed is None else f"{confirmed}\u00a0A",
        is_pending=share.pending_a is not None,
        power_w=session.last_power_w if session else None,
        session_id=session.pk if session else None,
        since=share.waits_since if share.state == LoadShare.State.HELD else share.turn_since,
        why=_why(group, share),
    )


def _why(group: LoadGroup, share: LoadShare) -> str:
    """Return in a sentence why a connector has what it has."""
    member, states = share.member, LoadShare.State
    if member.default_a is None:
        return _("The station never took a limit: all it can draw is set aside for it.")
    if share.is_unsure:
        return _("The station did not answer: the higher of two limits is reckoned with.")
    sentences = {
        states.OFFLINE: _("Out of reach: what it may draw stays set aside for it."),
        states.HELD: _("Not enough for one more vehicle. The longest wait ends first."),
        states.REFUSED: _("It said no to a limit; it is asked again in ten minutes."),
        states.FULL: _("The least is set aside in case the vehicle wants more."),
        states.WAITING: _("Begins as soon as others confirmed what they give up."),
    }
    if share.state in sentences:
        return sentences[states(share.state)]
    if share.wants_a is not None and share.state == states.RUNNING:
        return _("Draws less than it may: the rest goes to others.")
    if share.state == states.IDLE and group.safe_current_a:
        return _("Set aside so that a vehicle can begin at once.")
    return ""
