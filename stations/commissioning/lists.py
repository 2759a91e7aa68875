"""Lists of stations: read line by line, looked through first, then added whole or not at all."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from chargenet.core.models import Operator, User
from stations import registry
from stations.commissioning import adding
from stations.models import Station, StationImport, StationImportRow
from stations.registry import Registered, StationPlan

COLUMNS: Final = (
    "identity",
    "operator",
    "site",
    "ocpp",
    "connectors",
    "max_power_kw",
    "profile",
    "password",
)
MOST_LINES: Final = 20_000
LONGEST_NAME, LONGEST_ERROR = 120, 255


class ListUnreadable(ValueError):
    """A file that is no list of stations; `line` is where it stops, 0 the whole file."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


class ListNotReady(ValueError):
    """A list with lines that cannot be added: nothing of it was."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list: what it asks for, or why it cannot be read."""

    number: int
    operator: str
    plan: StationPlan | None
    error: str = ""


def read_lines(text: Iterable[str]) -> Iterator[Line]:
    """Yield the lines of a CSV list, with commas or semicolons; raises ListUnreadable."""
    rest = iter(text)
    head = next(rest, "")
    delimiter = ";" if head.count(";") > head.count(",") else ","
    reader = csv.DictReader(_chain(head, rest), delimiter=delimiter)
    try:
        _check_columns(reader.fieldnames or [])
        for row in reader:
            if any("\0" in str(cell) for cell in row.values()):
                raise ListUnreadable(reader.line_num, _("holds a character that is no text"))
            if any(row.values()):
                yield _line(reader.line_num, row)
    except csv.Error as error:
        raise ListUnreadable(reader.line_num, str(error)) from error


def watts(raw: str) -> int:
    """Return whole watts of a text in kW; raises ValueError."""
    try:
        power_w = Decimal(raw.replace(",", ".")) * 1000
    except InvalidOperation as error:
        raise ValueError(f"{raw!r} is no number of kW") from error
    if not power_w.is_finite() or power_w != power_w.to_integral_value():
        raise ValueError(f"{raw!r} kW is no whole number of watts")
    return int(power_w)


@transaction.atomic
def look_through(
    *, operator: Operator, name: str, text: Iterable[str], created_by: User, as_of: datetime
) -> StationImport:
    """Keep a list with what is wrong with each line; adds nothing. Raises ListUnreadable."""
    lines = []
    for line in read_lines(text):
        lines.append(line)
        if len(lines) > MOST_LINES:
            raise ListUnreadable(line.number, _("A list may have at most 20,000 stations."))
    if not lines:
        raise ListUnreadable(0, _("The list has no stations."))
    order = StationImport.objects.create(
        operator=operator,
        created_by=created_by,
        created_at=as_of,
        name=name[:LONGEST_NAME],
    )
    known = _known([line.plan for line in lines if line.plan])
    seen: set[str] = set()
    rows = []
    for line in lines:
        error, station = _judge(operator, line, known, seen)
        rows.append(
            StationImportRow(
                operator=operator,
                order=order,
                line=line.number,
                plan=_kept(line.plan),
                error=error[:LONGEST_ERROR],
                station=station,
                was_there=station is not None,
            )
        )
    StationImportRow.objects.bulk_create(rows, batch_size=1000)
    return order


@transaction.atomic
def add_listed(*, order: StationImport, as_of: datetime) -> list[Registered]:
    """Register the stations of a list that are new, all or none; once. Raises ListNotReady."""
    locked = StationImport.objects.select_for_update().get(pk=order.pk)
    if locked.added_at is not None:
        return []
    rows = list(StationImportRow.objects.filter(order=order).order_by("line"))
    if any(row.error for row in rows):
        raise ListNotReady(_("Some lines cannot be added. Mend the list and bring it again."))
    new = [row for row in rows if not row.was_there]
    plans = [plan_of(row.plan) for row in new]
    try:
        with transaction.atomic():
            made = adding.add_new_stations(operator=locked.operator, plans=plans)
    except IntegrityError as error:
        # Row-level security hides other operators' stations: only the insert can tell.
        raise ListNotReady(
            _("An identity of the list was taken meanwhile, or belongs to another operator.")
        ) from error
    hashes = [row.plan.get("password_hash", "") for row in new]
    for row, done, kept_hash in zip(new, made, hashes, strict=True):
        row.station = done.station
        if kept_hash:
            done.station.password_hash = kept_hash
    StationImportRow.objects.bulk_update(new, ["station"], batch_size=1000)
    given = [done.station for done, kept_hash in zip(made, hashes, strict=True) if kept_hash]
    Station.objects.bulk_update(given, ["password_hash"], batch_size=500)
    locked.added_at = as_of
    locked.save(update_fields=["added_at"])
    return [
        Registered(done.station, None if kept_hash else done.password, is_new=True)
        for done, kept_hash in zip(made, hashes, strict=True)
    ]


@transaction.atomic
def renew_passwords(*, order: StationImport) -> list[Registered]:
    """Give those of a list that never came new passwords: the file of the first was lost."""
    waiting = Station.objects.filter(
        pk__in=StationImportRow.objects.filter(order=order).values("station_id"),
        connected_at__isnull=True,
        security_profile__in=(1, 2),
    )
    renewed = []
    for station in waiting.select_for_update(no_key=True, of=("self",)).order_by("pk"):
        password = registry.new_password()
        registry.set_password(station, password)
        renewed.append(Registered(station, password, is_new=False))
    return renewed


def plan_of(kept: dict[str, Any]) -> StationPlan:
    """Return the plan a line keeps; the password is not among what is kept."""
    values: dict[str, Any] = {name: kept.get(name) for name in _PLAN}
    return StationPlan(**values)


_PLAN: Final = (
    "identity",
    "site",
    "ocpp_version",
    "connectors",
    "max_power_w",
    "security_profile",
)


def _kept(plan: StationPlan | None) -> dict[str, Any]:
    if plan is None:
        return {}
    kept = {name: value for name, value in asdict(plan).items() if name in _PLAN}
    if plan.password:
        kept["password_hash"] = registry.hash_password(plan.password.encode())
    return kept


def _judge(
    operator: Operator, line: Line, known: dict[str, Station], seen: set[str]
) -> tuple[str, Station | None]:
    """Return what is wrong with a line, and the station it is about where that is there."""
    if line.plan is None:
        return line.error, None
    if line.operator and line.operator != operator.slug:
        return _("is another operator's: %(slug)s") % {"slug": line.operator}, None
    identity = line.plan.identity
    if identity in seen:
        return _("%(identity)s stands twice in the list") % {"identity": identity}, None
    seen.add(identity)
    station = known.get(identity)
    try:
        registry.refuse_unfit(operator=operator, plan=line.plan, known=station)
        if line.plan.password:
            registry.check_length(line.plan.password)
    except registry.StationRefused as refused:
        return f"{refused.field} {refused}", None
    return "", station


def _known(plans: Sequence[StationPlan]) -> dict[str, Station]:
    identities = [plan.identity for plan in plans]
    rows = Station.objects.filter(identity__in=identities).select_related("location")
    return {station.identity: station for station in rows}


def _line(number: int, row: dict[str, Any]) -> Line:
    operator = row.get("operator") or ""
    if None in row:
        return Line(number, operator, None, "has more fields than columns")
    try:
        return Line(
            number,
            operator,
            StationPlan(
                identity=(row["identity"] or "").strip(),
                site=row.get("site") or None,
                ocpp_version=row.get("ocpp") or None,
                connectors=int(row["connectors"]) if row.get("connectors") else None,
                max_power_w=watts(row["max_power_kw"]) if row.get("max_power_kw") else None,
                security_profile=int(row["profile"]) if row.get("profile") else None,
                password=row.get("password") or None,
            ),
        )
    except ValueError as error:
        return Line(number, operator, None, str(error))


def _check_columns(names: Sequence[str]) -> None:
    for place, name in enumerate(names):
        if name not in COLUMNS:
            raise ListUnreadable(1, f"unknown column {name!r}; known: {', '.join(COLUMNS)}")
        if name in names[:place]:
            raise ListUnreadable(1, f"column {name!r} is there twice")
    if "identity" not in names:
        raise ListUnreadable(1, "no column identity")


def _chain(head: str, rest: Iterator[str]) -> Iterator[str]:
    yield head.removeprefix("\ufeff")
    yield from rest
