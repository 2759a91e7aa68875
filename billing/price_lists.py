"""Price lists as people keep them: drafts, versions that never change, and where each holds."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import JSONField, Q, TextField, Value
from django.db.models.functions import Cast

from billing.models import Tariff, TariffAssignment, TariffDraft
from billing.tariffs import own_document, reading
from billing.tariffs.lint import Finding, Level, lint_tariff
from chargenet.core import audit
from chargenet.core.models import Operator, User


def gettext_noop(text: str) -> str:
    """Mark a text for translation and return it unchanged."""
    return text


CODE: Final = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,35}")
MOST_NAME: Final = 120
JUST_NOW: Final = timedelta(minutes=1)
BAD_CODE: Final = gettext_noop("A code has 1 to 36 letters A to Z, digits, - or _.")
CODE_TAKEN: Final = gettext_noop("This code is taken.")
NO_NAME: Final = gettext_noop("A name of 1 to 120 letters is needed.")
CHANGED: Final = gettext_noop("Somebody else saved this draft meanwhile. Look at it again.")
UNREADABLE: Final = gettext_noop("The tariff cannot be read: %(what)s")
HAS_ERRORS: Final = gettext_noop("Not published: the checks found errors. Mend them first.")
IN_THE_PAST: Final = gettext_noop(
    "A price that held cannot be changed afterwards. Let it begin now or later."
)


class TariffRefused(ValueError):
    """What was asked for cannot be done: a template of words with its values."""

    def __init__(self, template: str, **values: object) -> None:
        super().__init__(template % values if values else template)
        self.template = template
        self.values = values


@dataclass(frozen=True, slots=True)
class Place:
    """Where a price holds: one of these, or everywhere at the operator's where none is named."""

    location_id: int | None = None
    station_id: int | None = None
    connector_id: int | None = None

    @property
    def columns(self) -> dict[str, Any]:
        """Return the columns of an assignment there."""
        return asdict(self)


def start_draft(
    *, operator: Operator, code: str, name: str, text: str, actor: User, as_of: datetime
) -> TariffDraft:
    """Begin a price list that was not there before; raises TariffRefused."""
    code = code.strip().upper()
    if not CODE.fullmatch(code):
        raise TariffRefused(BAD_CODE)
    drafts = TariffDraft.objects.filter(operator=operator, code=code)
    if drafts.exists() or Tariff.objects.filter(operator=operator, code=code).exists():
        raise TariffRefused(CODE_TAKEN)
    _read(text)
    draft = TariffDraft.objects.create(
        operator=operator,
        code=code,
        name=_name(name),
        text=text,
        edited_by=actor,
        edited_at=as_of,
    )
    _note(draft, actor, "tariff_draft.start", as_of)
    return draft


def draft_of(*, tariff: Tariff, text: str, actor: User, as_of: datetime) -> TariffDraft:
    """Return the draft of a list's next version, begun from one version where there is none."""
    draft, is_new = TariffDraft.objects.get_or_create(
        operator_id=tariff.operator_id,
        code=tariff.code,
        defaults={
            "name": tariff.name,
            "text": text,
            "base": tariff,
            "edited_by": actor,
            "edited_at": as_of,
        },
    )
    if is_new:
        _note(draft, actor, "tariff_draft.start", as_of)
    return draft


@transaction.atomic
def save_draft(
    *, draft_id: int, revision: int, name: str, text: str, actor: User, as_of: datetime
) -> TariffDraft:
    """Keep what somebody wrote; raises TariffRefused, also where another saved meanwhile."""
    draft = _held(draft_id, revision)
    _read(text)
    draft.name, draft.text, draft.revision = _name(name), text, draft.revision + 1
    draft.edited_by, draft.edited_at = actor, as_of
    TariffDraft.objects.bulk_update(
        [draft], ["name", "text", "revision", "edited_by", "edited_at"]
    )
    _note(draft, actor, "tariff_draft.save", as_of)
    return draft


@transaction.atomic
def discard_draft(*, draft_id: int, actor: User, as_of: datetime) -> None:
    """Throw a draft away; one that is gone already is gone."""
    draft = TariffDraft.objects.select_for_update().filter(pk=draft_id).first()
    if draft is not None:
        _note(draft, actor, "tariff_draft.discard", as_of)
        draft.delete()


@transaction.atomic
def publish(
    *,
    draft_id: int,
    revision: int,
    valid_from: datetime | None,
    actor: User,
    as_of: datetime,
) -> Tariff:
    """Make a draft the next version of its list, to hold where the list holds from an instant on.

    Without an instant it holds nowhere yet. Older versions stay as they are, and so does what
    they priced. Raises TariffRefused, TariffDraft.DoesNotExist.
    """
    draft = _held(draft_id, revision)
    document = _read(draft.text)
    if any(each.level is Level.ERROR for each in findings_of(document)):
        raise TariffRefused(HAS_ERRORS)
    if valid_from is not None and valid_from < as_of - JUST_NOW:
        raise TariffRefused(IN_THE_PAST)
    older = Tariff.objects.filter(operator_id=draft.operator_id, code=draft.code)
    newest = older.order_by("-version").first()
    tariff = Tariff.objects.create(
        operator_id=draft.operator_id,
        code=draft.code,
        version=newest.version + 1 if newest else 1,
        name=draft.name,
        currency=document["tariff"]["currency"],
        **_columns(document),
    )
    moved = 0 if valid_from is None else _take_over(tariff, valid_from)
    draft.delete()
    since = valid_from.isoformat() if valid_from else ""
    told = {"code": tariff.code, "version": tariff.version, "places": moved, "since": since}
    _record(tariff, "tariff", "tariff.publish", actor, as_of, told)
    return tariff


@transaction.atomic
def assign(
    *, tariff: Tariff, place: Place, valid_from: datetime, actor: User, as_of: datetime
) -> TariffAssignment:
    """Let a version hold at a place from an instant on, in the stead of what held there.

    The past can be filled where nothing held; raises TariffRefused where something did.
    """
    there = TariffAssignment.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=valid_from),
        operator_id=tariff.operator_id,
        **place.columns,
    )
    if valid_from < as_of - JUST_NOW and there.filter(valid_from__lt=as_of).exists():
        raise TariffRefused(IN_THE_PAST)
    there.filter(valid_from__lt=valid_from).update(valid_until=valid_from)
    made = TariffAssignment.objects.create(
        operator_id=tariff.operator_id,
        tariff=tariff,
        **place.columns,
        valid_from=valid_from,
    )
    _note_place(made, actor, "tariff.assign", as_of)
    return made


@transaction.atomic
def end_assignment(*, assignment_id: int, actor: User, as_of: datetime) -> None:
    """Let a version hold at a place no longer; one that has not begun never does."""
    row = TariffAssignment.objects.select_for_update().filter(pk=assignment_id).first()
    if row is None or (row.valid_until is not None and row.valid_until <= as_of):
        return
    _note_place(row, actor, "tariff.unassign", as_of)
    if row.valid_from >= as_of:
        row.delete()
    else:
        TariffAssignment.objects.filter(pk=row.pk).update(valid_until=as_of)


def findings_of(document: Mapping[str, Any]) -> list[Finding]:
    """Return what the linter says of a document's OCPI part, if it has elements."""
    listed = document["tariff"]
    if isinstance(listed, Mapping) and listed.get("elements") == []:
        return []
    return lint_tariff(listed)


def _held(draft_id: int, revision: int) -> TariffDraft:
    draft = TariffDraft.objects.select_for_update().get(pk=draft_id)
    if draft.revision != revision:
        raise TariffRefused(CHANGED)
    return draft


def _read(text: str) -> dict[str, Any]:
    try:
        return own_document.read_text(text)[0]
    except reading.Refused as error:
        raise TariffRefused(UNREADABLE, what=str(error)) from error


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= MOST_NAME or not name.isprintable():
        raise TariffRefused(NO_NAME)
    return name


def _columns(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that keep a document, each price with its digits."""
    own = {key: value for key, value in document.items() if key != "tariff"}
    return {"ocpi": _exact(document["tariff"]), "native": _exact(own)}


def _exact(value: Mapping[str, Any]) -> Any:
    text = own_document.write_text(value, indent=None)
    return Cast(Value(text, output_field=TextField()), JSONField())


def _take_over(tariff: Tariff, valid_from: datetime) -> int:
    """Let a version hold where older ones would from an instant on; return at how many places."""
    rows = list(
        TariffAssignment.objects.select_for_update()
        .filter(operator_id=tariff.operator_id, tariff__code=tariff.code)
        .exclude(valid_until__lte=valid_from)
    )
    begun = [row.pk for row in rows if row.valid_from < valid_from]
    waiting = [row.pk for row in rows if row.valid_from >= valid_from]
    TariffAssignment.objects.filter(pk__in=waiting).update(tariff=tariff)
    TariffAssignment.objects.filter(pk__in=begun).update(valid_until=valid_from)
    for row in rows:
        row.tariff, row.valid_from = tariff, valid_from
    successors = [row for row in rows if row.pk in set(begun)]
    for row in successors:
        row.pk = None
        row._state.adding = True
    TariffAssignment.objects.bulk_create(successors)
    return len(rows)


def _note(draft: TariffDraft, actor: User, action: str, as_of: datetime) -> None:
    told = {"code": draft.code, "revision": draft.revision}
    _record(draft, "tariff_draft", action, actor, as_of, told)


def _note_place(row: TariffAssignment, actor: User, action: str, as_of: datetime) -> None:
    told = {"tariff": row.tariff_id, "valid_from": row.valid_from.isoformat()}
    _record(row, "tariff_assignment", action, actor, as_of, told)


def _record(
    row: Tariff | TariffDraft | TariffAssignment,
    kind: str,
    action: str,
    actor: User,
    as_of: datetime,
    details: dict[str, Any],
) -> None:
    audit.record(
        operator_id=row.operator_id,
        user_id=actor.pk,
        action=action,
        object_type=kind,
        object_id=row.pk,
        as_of=as_of,
        details=details,
    )
