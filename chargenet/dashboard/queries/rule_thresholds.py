"""What a rule is set by at a place, in plain words: how it came, and what people changed."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from chargenet.core import formats
from chargenet.core.models import Operator
from faults.models import RuleSetting
from faults.queries import tuning
from faults.rules import thresholds
from faults.rules.protocol import Rule
from faults.rules.words import thresholds as told


@dataclass(frozen=True)
class Threshold:
    """One value a rule is set by: how it came, and what holds where the form is for."""

    name: str
    label: str
    unit: str
    kind: str
    default: str
    own_default: Any
    # What the field of the form says: what holds, or what is tried.
    value: str
    # The same as people read it.
    held: str
    # What holds, as the rule is set by it.
    now: Any
    is_own: bool
    is_tried: bool


@dataclass(frozen=True)
class SettingRow:
    """One setting somebody made: where it holds, and what it says."""

    where: str
    site: str
    model: str
    values: list[tuple[str, str]]
    is_active: bool
    by: str
    at: datetime


@dataclass(frozen=True)
class Place:
    """What a form of thresholds is for: one site, one model, or all of an operator."""

    location_id: int | None = None
    station_model: str = ""


def thresholds_at(
    rule: Rule, operator: Operator, where: Place, tried: Mapping[str, Any] | None = None
) -> list[Threshold]:
    """Return the thresholds that hold at a place, beside those the rule comes with.

    Where some are tried, their fields say so and keep what is tried.
    """
    here = Q(location__isnull=True) if where.location_id is None else Q(location=where.location_id)
    own = RuleSetting.objects.filter(
        here, operator=operator, code=rule.code, station_model=where.station_model
    ).first()
    tuned = tuning.tuning_of(operator.pk, where.location_id, where.station_model)
    now = thresholds.written(tuned.thresholds(rule))
    typed = {**now, **(tried or {})}
    said = own.values if own else {}
    default = thresholds.written(rule.thresholds)
    return [
        Threshold(
            name=name,
            label=label_of(rule, name),
            unit=_(told.unit_of(name, known)) if told.unit_of(name, known) else "",
            kind=_kind(known),
            default=shown(rule, name, default[name]),
            own_default=default[name],
            value=_plain(typed[name]),
            held=shown(rule, name, typed[name]),
            now=now[name],
            is_own=name in said,
            is_tried=name in (tried or {}),
        )
        for name, known in _known(rule).items()
        if _kind(known)
    ]


def label_of(rule: Rule, name: str) -> str:
    """Return what a threshold is called, in the reader's language."""
    return _(told.label_of(rule.code, name))


def shown(rule: Rule, name: str, value: Any) -> str:
    """Return a value of a threshold as people read it, with its unit."""
    known = _known(rule).get(name)
    if isinstance(value, bool):
        return _("on") if value else _("off")
    if not isinstance(value, int | float):
        return str(value)
    if isinstance(known, timedelta):
        return formats.duration(float(value))
    unit = told.unit_of(name, known)
    figure = formats.number(Decimal(_plain(value)), digits=_digits(value))
    # a share needs no unit to be read, it needs one to be typed
    return figure if not unit or unit == told.SHARE else f"{figure}\u00a0{_(unit)}"


def settings_of(rule: Rule, operator: Operator) -> list[SettingRow]:
    """Return what people changed of a rule, and where."""
    rows = RuleSetting.objects.filter(operator=operator, code=rule.code)
    return [
        SettingRow(
            where=row.location.name if row.location else row.station_model or _("Everywhere"),
            site=str(row.location_id or ""),
            model=row.station_model,
            values=values_of(rule, row.values),
            is_active=row.is_active,
            by=str(row.updated_by or ""),
            at=row.updated_at,
        )
        for row in rows.select_related("location", "updated_by").order_by("pk")
    ]


def values_of(rule: Rule, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return thresholds somebody set or tries, as people read them."""
    return [(label_of(rule, name), shown(rule, name, value)) for name, value in values.items()]


def _known(rule: Rule) -> dict[str, Any]:
    return {field.name: getattr(rule.thresholds, field.name) for field in fields(rule.thresholds)}


def _kind(value: object) -> str:
    """Return what may be typed for a value; empty for what no form can say."""
    if isinstance(value, bool):
        return "switch"
    if isinstance(value, int):
        return "whole"
    return "number" if isinstance(value, float | timedelta) else ""


def _plain(value: Any) -> str:
    """Return a value as a field of a form holds it: 0.00001 is not 1e-05 to a person."""
    if isinstance(value, bool):
        return "1" if value else ""
    text = f"{Decimal(str(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _digits(value: float) -> int:
    return len(_plain(value).partition(".")[2])
