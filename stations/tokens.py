"""Tokens: who may charge. The Authorize path reads only this table."""

from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now

from chargenet.core.models import Operator, User
from stations.models import LocalList, Token


class TokenTaken(ValueError):
    """The operator has a token of this uid that belongs to somebody else."""


def block_token(*, token_id: int, reason: str) -> bool:
    """Block a token; it is refused from the next frame on. Returns whether it was open."""
    rows = Token.objects.filter(pk=token_id, is_blocked=False)
    is_news = rows.update(is_blocked=True, block_reason=reason[:60]) == 1
    if is_news:
        _renew_lists(token_id)
    return is_news


def unblock_token(*, token_id: int) -> bool:
    """Open a token again. Returns whether it was blocked."""
    rows = Token.objects.filter(pk=token_id, is_blocked=True)
    is_news = rows.update(is_blocked=False, block_reason="") == 1
    if is_news:
        _renew_lists(token_id)
    return is_news


def _renew_lists(token_id: int) -> None:
    """Let the stations that hold a list of the token's operator be told soon."""
    owner = Token.objects.filter(pk=token_id).values("operator_id")[:1]
    LocalList.objects.filter(operator_id=owner, is_wanted=True).exclude(
        state=LocalList.State.UNSUPPORTED
    ).update(due_at=Now())


@transaction.atomic
def issue_token(
    *,
    operator: Operator,
    uid: str,
    driver: User | None = None,
    kind: str = Token.Kind.RFID,
    label: str = "",
    valid_until: datetime | None = None,
) -> Token:
    """Give a driver a token of an operator; the same one again is the same token.

    The uid is compared without case, as OCPP 1.6 compares idTags. Raises TokenTaken where it is
    somebody else's.
    """
    token, is_new = Token.objects.get_or_create(
        operator=operator,
        uid_key=uid.lower(),
        defaults={
            "uid": uid,
            "driver": driver,
            "kind": kind,
            "label": label,
            "valid_until": valid_until,
        },
    )
    if not is_new and token.driver_id != (driver.pk if driver else None):
        raise TokenTaken(f"{uid} is somebody else's")
    if is_new:
        _renew_lists(token.pk)
    return token
