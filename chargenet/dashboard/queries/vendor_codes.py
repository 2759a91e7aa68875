"""Makers' error codes as their pages show them: what was written down, what is not known yet."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from chargenet.core.listing import Column, Filter, Spec
from chargenet.core.models import Operator
from faults import rules
from faults.models import Severity, VendorErrorCode
from faults.queries import vendor_codes
from faults.rules import error_codes, words
from faults.rules.vocabulary.mrec import MREC
from faults.rules.vocabulary.ocpp16 import OCPP_16_NAMES


@dataclass(frozen=True)
class CodeRow:
    """One code of the page; `own` is the operator's row behind it, None for what is shipped."""

    key: str
    make: str
    firmware: str
    code: str
    fault: str
    fault_name: str
    severity: str
    note: str
    own: VendorErrorCode | None

    @property
    def is_shipped(self) -> bool:
        """Return whether everybody knows the code."""
        return self.own is None


@dataclass(frozen=True)
class SeenRow:
    """One code that stations send and nobody knows."""

    key: str
    vendor: str
    model: str
    make: str
    code: str
    times: int
    stations: int
    first_at: datetime
    last_at: datetime


def fault_choices() -> list[tuple[str, str]]:
    """Return the faults a code may stand for, and that it is none."""
    known = sorted(error_codes.CODES & set(rules.BY_CODE))
    named = [(code, f"{code} {_(words.words_for(code).name)}") for code in known]
    return [*named, ("-", _("No trouble"))]


def code_spec(*, may_edit: bool) -> Spec:
    """Return what the list of codes can do: an operator's own first."""
    edit = (Column("edit", _("Change")),)
    return Spec(
        name="vendor-codes",
        columns=(
            Column("make", _("Make"), ("is_shipped", "make"), csv=lambda row: row.make),
            Column("firmware", _("Firmware"), csv=lambda row: row.firmware),
            Column("code", _("Code"), ("code",), csv=lambda row: row.code),
            Column("fault", _("Fault"), ("fault",), csv=lambda row: row.fault or "-"),
            Column("severity", _("Severity"), csv=lambda row: row.severity),
            Column("note", _("Note"), csv=lambda row: row.note),
            *(edit if may_edit else ()),
        ),
        default_sort="make",
        filters=(
            Filter(
                "whose",
                _("Everybody's"),
                [("own", _("your own")), ("shipped", _("known to everybody"))],
                lambda whose: lambda row: (row.own is not None) == (whose == "own"),
            ),
        ),
        search=lambda text: (
            lambda row: (
                text.lower()
                in f"{row.make} {row.code} {row.fault} {row.fault_name} {row.note}".lower()
            )
        ),
        search_label=_("Search make, code or fault"),
    )


def seen_spec(*, may_edit: bool) -> Spec:
    """Return what the list of unknown codes can do: the latest first."""
    edit = (Column("edit", _("What it means")),)
    return Spec(
        name="vendor-codes-seen",
        columns=(
            Column("code", _("Code"), ("code",), csv=lambda row: row.code),
            Column("make", _("Make"), ("make",), csv=lambda row: row.make),
            Column("times", _("Times"), ("times",), is_number=True, csv=lambda row: row.times),
            Column(
                "stations",
                _("Stations"),
                ("stations",),
                is_number=True,
                csv=lambda row: row.stations,
            ),
            Column("last", _("Last seen"), ("last_at",), csv=lambda row: row.last_at),
            *(edit if may_edit else ()),
        ),
        default_sort="-last",
        search=lambda text: lambda row: text.lower() in f"{row.make} {row.code}".lower(),
        search_label=_("Search make or code"),
    )


def code_rows(operator: Operator) -> list[CodeRow]:
    """Return an operator's codes, and those known to everybody."""
    own = [_own(row) for row in VendorErrorCode.objects.filter(operator=operator)]
    return [*own, *_shipped()]


def seen_rows(operator: Operator) -> list[SeenRow]:
    """Return the codes an operator's stations send and nobody knows."""
    return [
        SeenRow(
            key=f"seen-{number}",
            vendor=seen.vendor,
            model=seen.model,
            make=" ".join(filter(None, (seen.vendor, seen.model))),
            code=seen.code,
            times=seen.times,
            stations=len(seen.station_ids),
            first_at=seen.first_at,
            last_at=seen.last_at,
        )
        for number, seen in enumerate(vendor_codes.seen_codes(operator.pk))
    ]


def _own(row: VendorErrorCode) -> CodeRow:
    name = _(words.words_for(row.fault_code).name) if row.fault_code else _("No trouble")
    return CodeRow(
        key=f"own-{row.pk}",
        make=" ".join(filter(None, (row.vendor, row.model))) or _("every make"),
        firmware=" – ".join(filter(None, (row.firmware_from, row.firmware_to))),
        code=row.code,
        fault=row.fault_code,
        fault_name=name,
        severity=str(Severity(row.severity).label) if row.severity else "",
        note=row.note,
        own=row,
    )


def _shipped() -> list[CodeRow]:
    known = [
        *((name, OCPP_16_NAMES[name], "OCPP 1.6") for name in OCPP_16_NAMES),
        *((code, code.upper(), "MREC") for code in MREC),
    ]
    rows = []
    for folded, shown, source in known:
        meaning = error_codes.meaning_of_word(folded)
        rows.append(
            CodeRow(
                key=f"known-{folded}",
                make=_("every make"),
                firmware="",
                code=shown,
                fault=meaning.code,
                fault_name=_(words.words_for(meaning.code).name),
                severity=str(Severity(meaning.severity).label),
                note=source,
                own=None,
            )
        )
    return rows
