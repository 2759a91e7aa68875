"""What a person wants to hear, by which ways and when; and their calendar's secret address."""

import secrets
from dataclasses import dataclass
from datetime import datetime, time

from django.db import transaction

from chargenet.core import access, audit, sealing
from chargenet.core.models import Operator, User
from faults.models import CalendarLink, TellingChoice
from faults.rules.vocabulary.meaning import SAFETY

# Danger is told whatever a person chose: by mail at the least.
EVERYTHING, NOTHING = 5, 0
LONGEST_PHONE = 20


class ChoiceUnfit(ValueError):
    """What was chosen cannot hold; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What one person wants to hear of one operator; a number is the least severe that is told."""

    email_least: int
    sms_least: int
    wants_digest: bool
    quiet_from: time | None
    quiet_until: time | None


def choose(*, operator: Operator, user: User, choice: Choice, as_of: datetime) -> None:
    """Keep what a person wants to hear; raises ChoiceUnfit."""
    if not SAFETY <= choice.email_least <= EVERYTHING:
        raise ChoiceUnfit("danger is told by mail at the least")
    if not NOTHING <= choice.sms_least <= EVERYTHING:
        raise ChoiceUnfit("not a severity")
    if (choice.quiet_from is None) != (choice.quiet_until is None):
        raise ChoiceUnfit("quiet hours have a beginning and an end")
    said = {name: getattr(choice, name) for name in Choice.__slots__}
    with transaction.atomic():
        row, _is_new = TellingChoice.objects.update_or_create(
            operator=operator, user=user, defaults=said
        )
        audit.record(
            operator_id=operator.pk,
            user_id=user.pk,
            action="telling.choice",
            object_type="telling_choice",
            object_id=row.pk,
            as_of=as_of,
            details={name: str(value) for name, value in said.items()},
        )


def set_phone(*, user: User, phone: str, as_of: datetime) -> None:
    """Keep the number a person gets text messages at, empty for none; raises ChoiceUnfit."""
    plain = "".join(sign for sign in phone if sign not in " -()")
    if plain and not (
        plain.startswith("+")
        and plain[1:].isdecimal()
        and plain.isascii()
        and 8 <= len(plain) <= LONGEST_PHONE
    ):
        raise ChoiceUnfit("a number with its country, +46…")
    with transaction.atomic():
        row = User.objects.select_for_update().get(pk=user.pk)
        if row.phone == plain:
            return
        User.objects.filter(pk=user.pk).update(phone=plain)
        _record(user, "telling.phone", as_of, {"from": _masked(row.phone), "to": _masked(plain)})


def make_link(*, user: User, as_of: datetime) -> str:
    """Return the secret of a person's calendar; it is told once, and the one before is void."""
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        _row, is_new = CalendarLink.objects.update_or_create(
            user=user, defaults={"secret_hash": sealing.digest(secret), "created_at": as_of}
        )
        _record(user, "calendar.link", as_of, {"voids_another": not is_new})
    return secret


def revoke_link(*, user: User, as_of: datetime) -> None:
    """Let nobody read a person's calendar any more."""
    with transaction.atomic():
        gone, _by_model = CalendarLink.objects.filter(user=user).delete()
        if gone:
            _record(user, "calendar.unlink", as_of, {})


def _record(user: User, action: str, as_of: datetime, details: dict[str, object]) -> None:
    """Write down what a person changed of themselves, wherever they are told of tickets."""
    for operator_id in access.operator_ids(user, access.TECHNICAL_ROLES):
        audit.record(
            operator_id=operator_id,
            user_id=user.pk,
            action=action,
            object_type="user",
            object_id=user.pk,
            as_of=as_of,
            details=details,
        )


def _masked(phone: str) -> str:
    """Write a number so that a changed one is seen and nobody can call it."""
    return f"{phone[:3]}…{phone[-2:]}" if phone else ""


def person_of(secret: str) -> User | None:
    """Return whose calendar a secret opens, None for nobody's."""
    link = (
        CalendarLink.objects.select_related("user")
        .filter(secret_hash=sealing.digest(secret))
        .first()
    )
    return link.user if link is not None and link.user.is_active else None
