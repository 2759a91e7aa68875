"""Charging cables as assets: brought in, fitted, taken off, replaced; each deed on record."""

from datetime import datetime

from django.db import IntegrityError, transaction

from chargenet.core import audit
from stations.models import Cable, CableFitting, Connector, Station

MAX_SERIAL = 60


class CableRefused(ValueError):
    """A cable that cannot be fitted so; the word says why."""


@transaction.atomic
def replace_cable(
    *,
    connector: Connector,
    serial_number: str,
    actor_id: int | None,
    as_of: datetime,
    why: str = "",
) -> Cable:
    """Fit a cable in place of the one that is there; the same twice is done once.

    The new one is found by its serial number, or made like the old one. Raises CableRefused: no
    serial number, one fitted elsewhere, or a socket.
    """
    serial = serial_number.strip()[:MAX_SERIAL]
    if not serial:
        raise CableRefused("serial_number")
    if connector.kind != Connector.Kind.TETHERED:
        raise CableRefused("socket")
    old = fitted_to(connector)
    if old is not None and old.cable.serial_number == serial:
        return old.cable
    cable = _found(connector, serial, old.cable if old else None)
    if CableFitting.objects.filter(cable=cable, removed_at__isnull=True).exists():
        raise CableRefused("fitted_elsewhere")
    if old is not None:
        remove_cable(connector=connector, actor_id=actor_id, as_of=as_of, why=why)
    fit_cable(connector=connector, cable=cable, actor_id=actor_id, as_of=as_of)
    return cable


@transaction.atomic
def fit_cable(
    *, connector: Connector, cable: Cable, actor_id: int | None, as_of: datetime
) -> CableFitting:
    """Fit a cable to a connector that has none; raises CableRefused."""
    try:
        with transaction.atomic():
            fitting = CableFitting.objects.create(
                operator_id=connector.operator_id,
                cable=cable,
                connector=connector,
                fitted_at=as_of,
            )
    except IntegrityError as refused:
        raise CableRefused("fitted_elsewhere") from refused
    _record("cable_fitted", connector, cable, actor_id, as_of, {})
    return fitting


@transaction.atomic
def remove_cable(
    *, connector: Connector, actor_id: int | None, as_of: datetime, why: str = ""
) -> Cable | None:
    """Take the cable off a connector and return it; None where there is none."""
    fitting = fitted_to(connector)
    if fitting is None:
        return None
    if fitting.fitted_at >= as_of:
        raise CableRefused("just_fitted")
    done = CableFitting.objects.filter(pk=fitting.pk, removed_at__isnull=True)
    if done.update(removed_at=as_of) == 1:
        _record("cable_removed", connector, fitting.cable, actor_id, as_of, {"why": why})
    return fitting.cable


def fitted_to(connector: Connector) -> CableFitting | None:
    """Return the fitting of the cable a connector has, if it has one."""
    rows = CableFitting.objects.filter(connector=connector, removed_at__isnull=True)
    return rows.select_related("cable").first()


def _found(connector: Connector, serial: str, like: Cable | None) -> Cable:
    cable, _ = Cable.objects.get_or_create(
        operator_id=connector.operator_id,
        serial_number=serial,
        defaults={
            "type": like.type if like else _type_of(connector),
            "length_cm": like.length_cm if like else None,
            "max_current_a": like.max_current_a if like else None,
        },
    )
    return cable


def _type_of(connector: Connector) -> str:
    standard = connector.standard.lower()
    if "combo" in standard or "ccs" in standard:
        return Cable.Type.CCS2
    return Cable.Type.CHADEMO if "chademo" in standard else Cable.Type.TYPE2


def _record(
    action: str,
    connector: Connector,
    cable: Cable,
    actor_id: int | None,
    as_of: datetime,
    details: dict[str, str],
) -> None:
    audit.record(
        operator_id=connector.operator_id,
        user_id=actor_id,
        action=action,
        object_type="cable",
        object_id=cable.pk,
        as_of=as_of,
        details={**details, "connector": connector.pk, "serial_number": cable.serial_number},
    )
    # the rules begin a new baseline, and let go of what was the old cable's
    Station.objects.filter(pk=connector.station_id).update(check_after=as_of)
