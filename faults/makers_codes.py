"""Verbs about makers' error codes: an operator says what they stand for, one by one or by file."""

import csv
import io
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from chargenet.core import audit
from chargenet.core.models import Operator, User
from faults import rules
from faults.models import Severity, VendorErrorCode
from faults.queries import vendor_codes
from faults.rules import error_codes
from stations import commands
from stations.models import OcppVersion, Station

FIELDS = ("vendor", "model", "firmware_from", "firmware_to", "code", "fault", "severity", "note")
MOST_LINES, MOST_BYTES = 5_000, 1_000_000
# A word for "this code is no trouble", as a file writes it.
NO_TROUBLE = frozenset({"-", "none", "ok"})
MOST_ASKED = 50
ASKED_EXPIRES_AFTER = timedelta(minutes=2)


class CodeRefused(ValueError):
    """What was written cannot be meant; `field` says where, `line` of a file which, 0 for none."""

    def __init__(self, field: str, line: int = 0) -> None:
        super().__init__(f"line {line}: {field}" if line else field)
        self.field, self.line = field, line


@transaction.atomic
def map_code(
    *, operator: Operator, written: Mapping[str, str], actor: User, as_of: datetime
) -> VendorErrorCode:
    """Say what a code stands for, or say it anew; raises CodeRefused.

    The stations that show it are asked to say it again, so that what stands is read anew.
    """
    values = _read(written)
    row, is_new = _write(operator, values, actor, as_of)
    deed = "vendor_code_mapped" if is_new else "vendor_code_changed"
    _record(actor, operator, deed, row.pk, as_of, values)
    _ask_again(operator, row, as_of)
    return row


@transaction.atomic
def remove_code(*, operator: Operator, code_id: int, actor: User, as_of: datetime) -> None:
    """Forget what a code stands for; raises VendorErrorCode.DoesNotExist."""
    row = VendorErrorCode.objects.select_for_update().get(operator=operator, pk=code_id)
    told = {"vendor": row.vendor, "model": row.model, "code": row.code, "fault": row.fault_code}
    row.delete()
    _record(actor, operator, "vendor_code_removed", code_id, as_of, told)


@transaction.atomic
def import_codes(*, operator: Operator, file: bytes, actor: User, as_of: datetime) -> int:
    """Take a list of codes, all or none of it; returns how many. Raises CodeRefused.

    CSV with a head: vendor, model, firmware_from, firmware_to, code, fault, severity, note; only
    code and fault are needed, and a fault "-" says that the code is no trouble.
    """
    if len(file) > MOST_BYTES:
        raise CodeRefused("size")
    try:
        text = file.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CodeRefused("utf-8") from error
    first = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in first else ",")
    head = {(name or "").strip().lower() for name in reader.fieldnames or ()}
    if not {"code", "fault"} <= head:
        raise CodeRefused("head", 1)
    taken = 0
    for line, raw in enumerate(reader, 2):
        if line > MOST_LINES:
            raise CodeRefused("size", line)
        written = {str(name).strip().lower(): str(value or "") for name, value in raw.items()}
        _write(operator, _read(written, line), actor, as_of)
        taken += 1
    _record(actor, operator, "vendor_codes_imported", operator.pk, as_of, {"codes": taken})
    return taken


def _read(written: Mapping[str, str], line: int = 0) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in FIELDS:
        text = str(written.get(name, "")).replace("\0", "").strip()
        if len(text) > (255 if name == "note" else 80):
            raise CodeRefused(name, line)
        values[name] = text
    values["folded"] = error_codes.fold(values["code"])
    if not values["folded"] or error_codes.is_nothing(values["code"]):
        raise CodeRefused("code", line)
    fault = values["fault"].upper()
    if values["fault"].lower() in NO_TROUBLE:
        fault = vendor_codes.NO_FAULT
    elif fault not in error_codes.CODES or fault not in rules.BY_CODE:
        raise CodeRefused("fault", line)
    severity = values["severity"].upper().removeprefix("S")
    if severity and (not severity.isdecimal() or int(severity) not in Severity.values):
        raise CodeRefused("severity", line)
    return {**values, "fault": fault, "severity": int(severity) if severity else None}


def _write(
    operator: Operator, values: dict[str, Any], actor: User, as_of: datetime
) -> tuple[VendorErrorCode, bool]:
    about = ("vendor", "model", "firmware_from", "firmware_to", "folded")
    return VendorErrorCode.objects.update_or_create(
        operator=operator,
        **{name: values[name] for name in about},
        defaults={
            "code": values["code"],
            "fault_code": values["fault"],
            "severity": values["severity"],
            "note": values["note"],
            "changed_at": as_of,
            "changed_by": actor,
        },
    )


def _ask_again(operator: Operator, row: VendorErrorCode, as_of: datetime) -> None:
    """Have the stations that showed the code tell their states; 2.x tells events only once."""
    shown = {
        station_id
        for seen in vendor_codes.seen_codes(operator.pk, with_known=True)
        if error_codes.fold(seen.code) == row.folded
        for station_id in seen.station_ids
    }
    stations = Station.objects.filter(
        pk__in=shown, is_online=True, ocpp_version=OcppVersion.V16
    ).order_by("pk")
    for station in stations[:MOST_ASKED]:
        commands.send_command(
            station=station,
            action=commands.TRIGGER,
            payload={"message": "StatusNotification"},
            as_of=as_of,
            lifetime=ASKED_EXPIRES_AFTER,
        )


def _record(
    actor: User,
    operator: Operator,
    action: str,
    row_id: int,
    as_of: datetime,
    details: dict[str, Any],
) -> None:
    audit.record(
        operator_id=operator.pk,
        user_id=actor.pk,
        action=action,
        object_type="vendor_code",
        object_id=row_id,
        as_of=as_of,
        details=details,
    )
