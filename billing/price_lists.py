"""Price lists as people keep them: drafts, and versions that never change."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import JSONField, TextField, Value
from django.db.models.functions import Cast

from billing import price_places
from billing.models import Tariff, TariffDraft
from billing.price_places import TariffRefused
from billing.queries import lists
from billing.tariffs import own_document, reading
from billing.tariffs.lint import Finding, Level, lint_tariff
from billing.tariffs.native.linting import lint_native
from chargenet.core import audit
from chargenet.core.models import Operator, User


def gettext_noop(text: str) -> str:
    """Mark a text for translation and return it unchanged."""
    return text


CODE: Final = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,35}")
MOST_NAME: Final = 120
AREA: Final = re.compile(r"[A-Z0-9][A-Z0-9-]{0,11}")
BAD_CODE: Final = gettext_noop("A code has 1 to 36 letters A to Z, digits, - or _.")
CODE_TAKEN: Final = gettext_noop("This code is taken.")
NO_NAME: Final = gettext_noop("A name of 1 to 120 letters is needed.")
CHANGED: Final = gettext_noop("Somebody else saved this draft meanwhile. Look at it again.")
UNREADABLE: Final = gettext_noop("The tariff cannot be read: %(what)s")
BAD_AREA: Final = gettext_noop("An area has 1 to 12 letters and digits, such as SE3.")
NO_AREA: Final = gettext_noop(
    "Say whose spot prices hold: choose the exchange's area, such as SE3."
)
TOO_LONG: Final = gettext_noop("More than 100,000 characters. Give one price list.")
NO_JSON: Final = gettext_noop(
    "This is no JSON. Look at its braces, commas and quotation marks. (%(what)s)"
)
NO_OBJECT: Final = gettext_noop("A price list is one JSON object. Write {…}.")
HAS_ERRORS: Final = gettext_noop("Not published: the checks found errors. Mend them first.")


class Misread(TariffRefused):
    """A price list that cannot be priced by: where in it, and what the linter says of that."""

    def __init__(self, path: str, finding: Finding) -> None:
        super().__init__(finding.template, **finding.values)
        self.path = path


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
            "spot_area": tariff.spot_area,
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
    *,
    draft_id: int,
    revision: int,
    name: str,
    text: str,
    actor: User,
    as_of: datetime,
    spot_area: str | None = None,
) -> TariffDraft:
    """Keep what somebody wrote; raises TariffRefused, also where another saved meanwhile.

    The area stays as it is where none is told.
    """
    draft = _held(draft_id, revision)
    _read(text)
    draft.name, draft.text, draft.revision = _name(name), text, draft.revision + 1
    draft.edited_by, draft.edited_at = actor, as_of
    if spot_area is not None:
        draft.spot_area = _area(spot_area)
    TariffDraft.objects.bulk_update(
        [draft], ["name", "text", "spot_area", "revision", "edited_by", "edited_at"]
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
    _check(draft, document)
    if valid_from is not None and valid_from < as_of - price_places.JUST_NOW:
        raise TariffRefused(price_places.IN_THE_PAST)
    older = Tariff.objects.filter(operator_id=draft.operator_id, code=draft.code)
    newest = older.order_by("-version").first()
    tariff = Tariff.objects.create(
        operator_id=draft.operator_id,
        code=draft.code,
        version=newest.version + 1 if newest else 1,
        name=draft.name,
        currency=document["tariff"]["currency"],
        spot_area=draft.spot_area if document.get("spot") is not None else "",
        **_columns(document),
    )
    _check_kept(tariff)
    moved = (
        0 if valid_from is None else price_places.take_over(tariff=tariff, valid_from=valid_from)
    )
    draft.delete()
    since = valid_from.isoformat() if valid_from else ""
    told = {"code": tariff.code, "version": tariff.version, "places": moved, "since": since}
    _record(tariff, "tariff", "tariff.publish", actor, as_of, told)
    return tariff


def findings_of(document: Mapping[str, Any]) -> list[Finding]:
    """Return what the linter says of a document, of OCPI's part and of ours."""
    if set(document) == {"tariff"}:
        return lint_tariff(document["tariff"])
    return lint_native(document)


def _check(draft: TariffDraft, document: Mapping[str, Any]) -> None:
    """Raise TariffRefused for what no session could be priced by."""
    if any(each.level is Level.ERROR for each in findings_of(document)):
        raise TariffRefused(HAS_ERRORS)
    if document.get("spot") is not None and not draft.spot_area:
        raise TariffRefused(NO_AREA)


def _check_kept(tariff: Tariff) -> None:
    """Read a version as rating will, from what was kept; raises TariffRefused."""
    kept = lists.price_lists([tariff.pk])
    if tariff.pk in kept.unreadable:
        raise TariffRefused(UNREADABLE, what=kept.unreadable[tariff.pk])


def _held(draft_id: int, revision: int) -> TariffDraft:
    draft = TariffDraft.objects.select_for_update().get(pk=draft_id)
    if draft.revision != revision:
        raise TariffRefused(CHANGED)
    return draft


def _read(text: str) -> dict[str, Any]:
    try:
        return own_document.read_text(text)[0]
    except reading.Refused as error:
        raise _unread(text, error) from error


def _unread(text: str, error: reading.Refused) -> TariffRefused:
    """Return why a text is no price list in the linter's words: those can be translated."""
    if len(text) > own_document.MOST_CHARACTERS:
        return TariffRefused(TOO_LONG)
    try:
        written = own_document.parse_text(text)
    except reading.Refused as broken:
        is_located = broken.where.startswith("line ")
        return TariffRefused(NO_JSON if is_located else UNREADABLE, what=str(broken))
    if not isinstance(written, Mapping):
        return TariffRefused(NO_OBJECT)
    document = own_document.as_own(written)
    worst = next((each for each in findings_of(document) if each.level is Level.ERROR), None)
    if worst is None:
        return TariffRefused(UNREADABLE, what=str(error))
    # OCPI's part alone is looked at as if it were the whole.
    path = worst.path.replace("$", "$.tariff", 1) if set(written) == {"tariff"} else worst.path
    return Misread(path, worst)


def _area(area: str) -> str:
    area = area.strip().upper()
    if area and not AREA.fullmatch(area):
        raise TariffRefused(BAD_AREA)
    return area


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


def _note(draft: TariffDraft, actor: User, action: str, as_of: datetime) -> None:
    told = {"code": draft.code, "revision": draft.revision}
    _record(draft, "tariff_draft", action, actor, as_of, told)


def _record(
    row: Tariff | TariffDraft,
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
