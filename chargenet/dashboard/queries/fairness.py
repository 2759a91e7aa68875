"""The gate as its operator sees it: the policy for faults with its history, and each check."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from billing.gate import families, table
from billing.gate.policy import Outcome, Rule
from billing.models import FairRule, GateSetting
from billing.models.gate import Outcome as OutcomeWord
from billing.queries import gate_words
from chargenet.core import formats
from chargenet.core.access import Person
from chargenet.core.models import Operator
from chargenet.dashboard.queries import limit_fields
from faults.queries import pages as fault_pages
from stations.models import Impairment

SPARE = 2
MOST_PLACES = 60
LONGEST_PLACE = 3


@dataclass(frozen=True)
class RuleRow:
    """One row of the policy's form."""

    number: int
    order: str
    fault: str
    cause: str
    from_kwh: str
    until_kwh: str
    outcome: str
    is_spare: bool = False


@dataclass(frozen=True)
class PastRow:
    """One row of the policy as it held before."""

    valid_from: datetime
    valid_until: datetime | None
    text: str
    who: str


@dataclass(frozen=True)
class LimitField:
    """One limit of a check as a field: its name, words, figure and unit."""

    name: str
    words: str
    value: str
    unit: str


@dataclass(frozen=True)
class CheckRow:
    """One check with what it does and its limits."""

    name: str
    words: str
    action: str
    limits: list[LimitField]
    is_own: bool
    changed_at: datetime | None
    changed_by: str


def outcomes() -> list[tuple[str, str]]:
    """Return what may become of a session, in words."""
    return [(value, str(label)) for value, label in OutcomeWord.choices]


def actions() -> list[tuple[str, str]]:
    """Return what a check may do, in words."""
    return [(value, str(label)) for value, label in GateSetting.Action.choices]


def faults() -> list[tuple[str, str]]:
    """Return the faults a row may be about: any, a family, one code."""
    kinds = [(f"family:{name}", gate_words.family_word(name)) for name in families.NAMES]
    codes = [
        (f"code:{code}", f"{code} {fault_pages.title_of(code)}")
        for code in sorted(families.FAMILIES)
    ]
    return [("", _("Any fault")), *kinds, *codes]


def causes() -> list[tuple[str, str]]:
    """Return the causes a row may be about."""
    words = [(value, str(label)) for value, label in Impairment.Cause.choices]
    return [("", _("Any cause")), *words]


def rule_rows(rules: list[Rule]) -> list[RuleRow]:
    """Return the policy as a form, with some rows to write new ones in."""
    rows = [
        RuleRow(
            number=number,
            order=str(number),
            fault=_fault(rule.code, rule.family),
            cause=rule.cause,
            from_kwh=limit_fields.written(rule.from_wh, limit_fields.KWH),
            until_kwh=_until(rule.until_wh),
            outcome=rule.outcome.value,
        )
        for number, rule in enumerate(rules, start=1)
    ]
    spare = range(len(rows) + 1, len(rows) + 1 + SPARE)
    empty = Outcome.ENERGY_ONLY.value
    return rows + [RuleRow(number, "", "", "", "0", "", empty, is_spare=True) for number in spare]


def _until(until_wh: int | None) -> str:
    return "" if until_wh is None else limit_fields.written(until_wh, limit_fields.KWH)


def _fault(code: str, family: str) -> str:
    if code:
        return f"code:{code}"
    return f"family:{family}" if family else ""


def read_rules(form: Mapping[str, str]) -> list[Rule]:
    """Read the policy out of its form, in the order asked for; raises ValueError."""
    found = []
    for number in range(1, MOST_PLACES + 1):
        raw = form.get(f"order_{number}", "").strip()
        if not raw:
            continue
        kind, _colon, name = form.get(f"fault_{number}", "").partition(":")
        until = form.get(f"until_{number}", "").strip()
        rule = Rule(
            position=number,
            outcome=Outcome(form.get(f"outcome_{number}", "")),
            code=name if kind == "code" else "",
            family=name if kind == "family" else "",
            cause=form.get(f"cause_{number}", ""),
            from_wh=limit_fields.read(form.get(f"from_{number}", "") or "0", limit_fields.KWH),
            until_wh=limit_fields.read(until, limit_fields.KWH) if until else None,
        )
        found.append((_place(raw), number, rule))
    return [rule for _order, _number, rule in sorted(found, key=lambda each: each[:2])]


def _place(raw: str) -> int:
    if not raw.isdecimal() or len(raw) > LONGEST_PLACE:
        raise ValueError(raw)
    return int(raw)


def past_of(person: Person, operator: Operator) -> list[PastRow]:
    """Return the rows that held before, the latest first."""
    rows: QuerySet[FairRule] = (
        FairRule.objects.in_charge(person)
        .filter(operator=operator, valid_until__isnull=False)
        .select_related("written_by")
        .order_by("-valid_until", "position")[:100]
    )
    words = dict(outcomes()), dict(causes()), dict(faults())
    return [
        PastRow(row.valid_from, row.valid_until, _said(row, *words), str(row.written_by or ""))
        for row in rows
    ]


def _said(
    row: FairRule, outcome: dict[str, str], cause: dict[str, str], fault: dict[str, str]
) -> str:
    least = formats.energy(row.from_wh)
    if row.until_wh is not None:
        band = _("%(least)s to %(most)s") % {
            "least": least,
            "most": formats.energy(row.until_wh),
        }
    else:
        band = _("from %(least)s") % {"least": least} if row.from_wh else _("any energy")
    return _("%(place)d. %(fault)s, %(cause)s, %(band)s: %(outcome)s") % {
        "place": row.position,
        "fault": fault.get(_fault(row.code, row.family), row.code),
        "cause": cause.get(row.cause, row.cause),
        "band": band,
        "outcome": outcome[row.outcome],
    }


def check_rows(operator: Operator) -> list[CheckRow]:
    """Return every check as the operator has it."""
    settings = GateSetting.objects.filter(operator=operator).select_related("updated_by")
    own = {row.check_name: row for row in settings}
    rows = []
    for check in table.EVERY:
        setting = own.get(check.name)
        limits = {**check.limits, **(setting.limits if setting else {})}
        rows.append(
            CheckRow(
                name=check.name,
                words=gate_words.check_word(check.name),
                action=setting.action if setting else check.action.value,
                limits=[_limit(check, key, limits[key]) for key in check.limits],
                is_own=setting is not None,
                changed_at=setting.updated_at if setting else None,
                changed_by=str(setting.updated_by or "") if setting else "",
            )
        )
    return rows


def _limit(check: table.Check, name: str, value: int) -> LimitField:
    unit = limit_fields.unit_of(name, check.limits[name])
    return LimitField(
        name=name,
        words=str(gate_words.LIMITS[name]),
        value=limit_fields.written(value, unit),
        unit=str(unit.word),
    )


def read_limits(name: str, form: Mapping[str, str]) -> dict[str, int]:
    """Read the limits of a check out of its form; raises ValueError."""
    check = table.CHECKS.get(name)
    if check is None:
        raise ValueError(name)
    return {
        key: limit_fields.read(form.get(key, ""), limit_fields.unit_of(key, shipped))
        for key, shipped in check.limits.items()
    }
