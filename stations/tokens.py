"""Tokens: who may charge. The Authorize path reads only this table."""

from datetime import datetime

from django.db import transaction

from chargenet.core.models import Operator, User
from stations.models import Token


class TokenTaken(ValueError):
    """The operator has a token of this uid that belongs to somebody else."""


def block_token(*, token_id: int, reason: str) -> bool:
    """Block a token; it is refused from the next frame on. Returns whether it was open."""
    rows = Token.objects.filter(pk=token_id, is_blocked=False)
    return rows.update(is_blocked=True, block_reason=reason[:60]) == 1


def unblock_token(*, token_id: int) -> bool:
    """Open a token again. Returns whether it was blocked."""
    rows = Token.objects.filter(pk=token_id, is_blocked=True)
    return rows.update(is_blocked=False, block_reason="") == 1


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
    return token
