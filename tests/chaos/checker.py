"""What must be true after any trouble: C1 to C7 of the fault-injection programme."""

from collections.abc import Iterable

from django.db.models import Count, F, OuterRef

from revenue.models import Posting
from stations.models import Command, Inbox, MeterValue, OrphanStop, Session, Station
from tests.chaos.fleet import Promised, Retrying


def check_fleet(chargers: Iterable[Retrying]) -> dict[str, int]:
    """Compare what every charger was promised with what is there, one to one; return counts."""
    chargers = list(chargers)
    stations = {s.identity: s.pk for s in Station.objects.all()}
    for charger in chargers:
        _check_charger(stations[charger.identity], charger)
    check_house()
    return {
        "chargers": len(chargers),
        "acknowledged": sum(charger.acknowledged for charger in chargers),
        "sessions": sum(len(charger.sessions) for charger in chargers),
        "resent": sum(charger.resent for charger in chargers),
        "resent_after_commit": Inbox.objects.filter(duplicates__gt=0).count(),
        "lost": 0,
        "doubled": 0,
    }


def check_house() -> None:
    """Nothing doubled, nobody else's written, the books balanced, every command ended."""
    doubled = Inbox.objects.values("station_id", "key").annotate(n=Count("id")).filter(n__gt=1)
    assert not doubled.exists(), "C2: one key, two answers"
    assert OrphanStop.objects.count() == 0, "C1: a stop lost its session"
    assert sum(Posting.objects.values_list("amount", flat=True)) == 0, "C3: the ledger is off"
    strays = MeterValue.objects.exclude(session_id=None).exclude(
        session_id__in=Session.objects.filter(station_id=OuterRef("station_id")).values("pk")
    )
    assert not strays.exists(), "C5: a sample on another station's session"
    foreign = Session.objects.exclude(connector__station_id=F("station_id")).count()
    assert foreign == 0, "C5: a session at another station's connector"


def commands_left() -> int:
    """Return how many commands have no final state (C4)."""
    return Command.objects.exclude(state__in=Command.FINAL).count()


def _check_charger(station_id: int, charger: Retrying) -> None:
    rows = {s.ocpp_transaction_id: s for s in Session.objects.filter(station_id=station_id)}
    assert rows.keys() == charger.sessions.keys(), "C1/C2: a session lost or invented"
    for number, promised in charger.sessions.items():
        _check_session(rows[number], promised)


def _check_session(row: Session, promised: Promised) -> None:
    assert (row.state, row.energy_wh) == ("completed", promised.stop_wh - promised.start_wh)
    assert (row.meter_start_wh, row.meter_stop_wh) == (promised.start_wh, promised.stop_wh)
    stored = list(
        MeterValue.objects.filter(session_id=row.pk, context__in=["", "Sample.Periodic"])
        .order_by("energy_wh")
        .values_list("energy_wh", flat=True)
    )
    assert stored == promised.samples, "C1/C2: a sample lost or doubled"
