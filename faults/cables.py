"""What cables go through: written at each look, ranked by what it means."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import exp
from statistics import median

from django.db import transaction
from django.db.models import Count, Q, Sum

from faults.models import CableLife, CableReading, Fault
from faults.rules import cable_risk, contact_worn
from faults.rules.cable_risk import Worn
from faults.rules.facts import SessionOutcome
from faults.rules.protocol import State
from stations import cables
from stations.models import Cable, CableFitting, Connector, Session

YEAR = timedelta(days=365)
# Faults of a cable: those in which it may be to blame.
FAMILY_CODES = ("F20", "F21", "F22", "F26", "F27", "F28", "F32")
HOTTEST_OF = 60
STALE = timedelta(hours=20)
NEWS = timedelta(minutes=20)
AT_A_TIME = 500


def note_sessions(
    sessions: Sequence[SessionOutcome], worn: Mapping[int, State], as_of: datetime
) -> None:
    """Add completed sessions, each once, to the lives of the cables they ran over.

    `worn` is what the rule of worn contacts remembers of each connector.
    """
    outcomes = {one.id: one for one in sessions}
    rows = Session.objects.filter(pk__in=outcomes, cable__isnull=False)
    told = list(rows.values_list("pk", "operator_id", "cable_id", "connector_id"))
    if not told:
        return
    CableReading.objects.bulk_create(
        [
            CableReading(
                operator_id=operator_id,
                cable_id=cable_id,
                connector_id=connector_id,
                session_id=pk,
                at=outcomes[pk].ended_at,
                theta=found.theta,
                hottest_c=found.hottest_c,
                ambient_c=found.ambient_c,
            )
            for pk, operator_id, cable_id, connector_id in told
            if (found := outcomes[pk].measures) is not None and found.hottest_c is not None
        ],
        ignore_conflicts=True,
    )
    added: dict[int, tuple[int, int]] = {}
    for pk, _, cable_id, _ in told:
        count, energy_wh = added.get(cable_id or 0, (0, 0))
        added[cable_id or 0] = count + 1, energy_wh + max(0, outcomes[pk].energy_wh)
    refresh_lives(added, as_of, worn=worn, added=added)


def sweep_lives(*, as_of: datetime) -> int:
    """Refresh the lives of cables with news of a fault, or unlooked at for a day."""
    news = Fault.objects.filter(cable__isnull=False, last_seen_at__gt=as_of - NEWS)
    due = list(news.values_list("cable_id", flat=True).distinct()[:AT_A_TIME])
    stale = Cable.objects.filter(Q(life__isnull=True) | Q(life__updated_at__lt=as_of - STALE))
    due += stale.order_by("pk").values_list("pk", flat=True)[:AT_A_TIME]
    refresh_lives({pk for pk in due if pk is not None}, as_of)
    return len(due)


@transaction.atomic
def refresh_lives(
    cable_ids: Collection[int],
    as_of: datetime,
    *,
    worn: Mapping[int, State] | None = None,
    added: Mapping[int, tuple[int, int]] | None = None,
) -> None:
    """Write what some cables have been through, and their risk.

    `added` are new sessions and their Wh; without it all are counted anew.
    """
    rows = Cable.objects.filter(pk__in=cable_ids)
    kept = {one.cable_id: one for one in CableLife.objects.filter(cable_id__in=cable_ids)}
    sums = _sums([pk for pk in cable_ids if added is None or pk not in kept])
    faults, dangers = _faults(cable_ids, as_of)
    places = _places(cable_ids)
    lives = []
    for cable in rows.order_by("pk"):
        life = kept.get(cable.pk) or CableLife(operator_id=cable.operator_id, cable=cable)
        if added is None or cable.pk not in kept:
            life.sessions, life.energy_wh = sums.get(cable.pk, (0, 0))
        else:
            life.sessions += added[cable.pk][0]
            life.energy_wh += added[cable.pk][1]
        _place(life, places.get(cable.pk))
        life.faults = sum(faults[cable.pk].values())
        _read_contacts(life, (worn or {}).get(life.connector_id or 0))
        _weigh(life, cable, faults[cable.pk], as_of, has_danger=cable.pk in dangers)
        lives.append(life)
    CableLife.objects.bulk_create(
        lives,
        update_conflicts=True,
        unique_fields=["cable"],
        update_fields=[
            *("connector", "fitted_at", "sessions", "energy_wh", "base_theta", "times_base"),
            *("hottest_c", "faults", "risk", "reasons", "updated_at"),
        ],
    )


@transaction.atomic
def replace_cable(
    *,
    connector: Connector,
    serial_number: str,
    why: str,
    actor_id: int,
    as_of: datetime,
) -> Cable:
    """Replace a connector's cable: the old one retires, the new one begins its own baseline.

    Raises stations.cables.CableRefused.
    """
    before = cables.fitted_to(connector)
    new = cables.replace_cable(
        connector=connector, serial_number=serial_number, actor_id=actor_id, as_of=as_of, why=why
    )
    changed = {new.pk} | ({before.cable_id} if before else set())
    refresh_lives(changed, as_of)
    CableLife.objects.filter(cable=new).update(retired_at=None, retired_why="")
    if before is not None and before.cable_id != new.pk:
        known = why if why in CableLife.Retired.values else CableLife.Retired.OTHER
        CableLife.objects.filter(cable_id=before.cable_id).update(
            retired_at=as_of, retired_why=known, risk=0, reasons=[]
        )
    return new


def _place(life: CableLife, fitting: CableFitting | None) -> None:
    life.connector_id = fitting.connector_id if fitting else None
    life.fitted_at = fitting.fitted_at if fitting else None


def _sums(cable_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    rows = Session.objects.filter(cable_id__in=cable_ids, state=Session.State.COMPLETED)
    found = rows.values("cable_id").annotate(sessions=Count("pk"), energy=Sum("energy_wh"))
    return {row["cable_id"]: (row["sessions"], row["energy"] or 0) for row in found}


def _places(cable_ids: Collection[int]) -> dict[int, CableFitting]:
    rows = CableFitting.objects.filter(cable_id__in=cable_ids, removed_at__isnull=True)
    return {row.cable_id: row for row in rows}


def _faults(
    cable_ids: Collection[int], as_of: datetime
) -> tuple[dict[int, Counter[int]], set[int]]:
    """Return a year's faults of each cable by severity, and which have a danger open."""
    rows = Fault.objects.filter(
        cable_id__in=cable_ids, code__in=FAMILY_CODES, began_at__gt=as_of - YEAR
    ).exclude(state=Fault.State.PENDING)
    counts: dict[int, Counter[int]] = {pk: Counter() for pk in cable_ids}
    dangers = set()
    for cable_id, severity, state in rows.values_list("cable_id", "severity", "state"):
        assert cable_id is not None, "asked for by cable"
        counts[cable_id][severity] += 1
        if severity == 1 and state == Fault.State.FIRING:
            dangers.add(cable_id)
    return counts, dangers


def _read_contacts(life: CableLife, worn: State | None) -> None:
    """Take the contact resistance from the rule if it was just asked, else from the readings."""
    readings = CableReading.objects.filter(cable_id=life.cable_id)
    if life.fitted_at is not None:
        readings = readings.filter(at__gte=life.fitted_at)
    hottest = readings.order_by("-at").values_list("hottest_c", flat=True)[:HOTTEST_OF]
    life.hottest_c = max((one for one in hottest if one is not None), default=None)
    thresholds = contact_worn.Thresholds()
    base = (worn or {}).get("base", ())
    is_asked = worn is not None and worn.get("cable_id") == life.cable_id
    if worn is not None and is_asked and len(base) >= thresholds.least_sessions:
        life.base_theta = exp(median(base))
        life.times_base = contact_worn.times_baseline(worn, thresholds.worse_sessions)
        return
    told = readings.filter(theta__isnull=False)
    first = list(
        told.order_by("at").values_list("theta", flat=True)[: thresholds.baseline_sessions]
    )
    newest = list(
        told.order_by("-at").values_list("theta", flat=True)[: thresholds.worse_sessions]
    )
    is_known = len(first) >= thresholds.least_sessions
    # the newest are judged by those before them
    first = first[: max(thresholds.least_sessions, len(first) - 2 * thresholds.worse_sessions)]
    life.base_theta = _middle(first) if is_known else None
    life.times_base = (_middle(newest) / life.base_theta) if life.base_theta else None


def _middle(values: Iterable[float | None]) -> float:
    return float(median(value for value in values if value is not None))


def _weigh(
    life: CableLife, cable: Cable, faults: Counter[int], as_of: datetime, *, has_danger: bool
) -> None:
    since = life.fitted_at or cable.created_at
    life.updated_at = as_of
    if life.retired_at is not None:
        return
    life.risk, reasons = cable_risk.risk_of(
        Worn(
            times_base=life.times_base,
            hottest_c=life.hottest_c,
            faults=dict(faults),
            has_open_danger=has_danger,
            cycles=cable.plug_cycles + life.sessions,
            years=(as_of - since) / YEAR,
            energy_wh=life.energy_wh,
            is_dc=cable.type != Cable.Type.TYPE2,
        )
    )
    life.reasons = [
        {"word": one.word, "points": one.points, "figure": round(one.figure, 2)} for one in reasons
    ]
