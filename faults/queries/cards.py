"""A station and its connectors with what is written on them: what rules may expect of them."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject

from faults.models import Ticket
from faults.rules.facts import Card
from stations.metering import registers
from stations.models import (
    CableFitting,
    Commissioning,
    Connector,
    ConnectorSignal,
    FirmwareJob,
    Station,
)

INSTALLS_WITHIN = timedelta(minutes=45)


def find_station(station_id: int, as_of: datetime) -> Any:
    """Return a station, or None.

    With `began_at`, when it was set up, and `is_attended`, whether one of us is there or firmware
    is being installed.
    """
    mine = {"station_id": OuterRef("pk")}
    done = Commissioning.objects.filter(**mine, state=Commissioning.State.DONE)
    there = Ticket.objects.filter(**mine, state=Ticket.State.ON_SITE)
    installing = FirmwareJob.objects.filter(
        **mine, state__in=FirmwareJob.UNDER_WAY, changed_at__gt=as_of - INSTALLS_WITHIN
    )
    return (
        Station.objects.filter(pk=station_id)
        .annotate(
            began_at=Subquery(done.order_by("finished_at").values("finished_at")[:1]),
            is_attended=Exists(there) | Exists(installing),
        )
        .first()
    )


def find_connectors(station_id: int, as_of: datetime) -> list[Any]:
    """Return the connectors of a station.

    With `fitted`, [cable id, since when], and `given`, the signals seen or promised, each led by a
    sign whether it is: empty where nobody ever looked.
    """
    mine = {"connector_id": OuterRef("pk")}
    kept = Q(removed_at__isnull=True) | Q(removed_at__gt=as_of)
    fitted = CableFitting.objects.filter(kept, **mine, fitted_at__lte=as_of)
    signals = ConnectorSignal.objects.filter(**mine)
    rows = Connector.objects.filter(station_id=station_id).select_related("evse")
    found = rows.annotate(
        fitted=Subquery(
            fitted.order_by("-fitted_at").values(
                said=JSONObject(cable="cable_id", since="fitted_at")
            )[:1]
        ),
        given=ArraySubquery(
            signals.values(
                said=JSONObject(name="signal", seen="seen_at", is_promised="is_promised")
            )
        ),
    )
    return list(found.order_by("pk"))


def cards_of(station: Any, connectors: list[Any]) -> dict[int | None, Card]:
    """Return the card of a station, under None, and of each of its connectors."""
    cards: dict[int | None, Card] = {one.pk: _card(station, one) for one in connectors}
    given = [card.signals for card in cards.values()]
    known = [one for one in given if one is not None]
    cards[None] = Card(
        vendor=station.vendor,
        model=station.model,
        firmware=station.firmware_version,
        version=station.ocpp_version,
        max_power_w=station.max_power_w,
        commissioned_at=station.began_at,
        # one that was never looked at may give what the others do not
        signals=frozenset().union(*known) if known and len(known) == len(given) else None,
    )
    return cards


def _card(station: Any, one: Any) -> Card:
    power_w = one.max_power_w or one.evse.max_power_w
    cable = one.fitted or {"cable": None, "since": None}
    return Card(
        vendor=station.vendor,
        model=station.model,
        firmware=station.firmware_version,
        version=station.ocpp_version,
        evse_id=one.evse_id,
        is_dc=registers.is_dc(one.standard, power_w),
        has_cable=one.kind == Connector.Kind.TETHERED or cable["cable"] is not None,
        max_power_w=power_w or station.max_power_w,
        cable_id=cable["cable"],
        cable_since=datetime.fromisoformat(cable["since"]) if cable["since"] else None,
        commissioned_at=station.began_at,
        signals=_signals(one.given) if one.given else None,
    )


def _signals(given: list[dict[str, Any]]) -> frozenset[str]:
    return frozenset(one["name"] for one in given if one["seen"] or one["is_promised"])
