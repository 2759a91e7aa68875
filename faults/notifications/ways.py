"""The ways out of an operator's house: added, tried, switched off; secrets never read again."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from chargenet.core import audit, locks, sealing
from chargenet.core.models import Operator, Outbox, User
from faults.models import WayOut
from faults.notifiers import web

SHORTEST_SECRET, LONGEST_SECRET, LONGEST_URL, LONGEST_SENDER = 16, 200, 400, 20
MOST_WAYS = 20
WAYS_LOCK = 4611


class WayUnfit(ValueError):
    """A way out that cannot be; `part` names what is wrong. Nothing was changed."""

    def __init__(self, part: str) -> None:
        super().__init__(f"not a way out: {part}")
        self.part = part


@dataclass(frozen=True, slots=True)
class Plan:
    """A way out as somebody asks for it; an empty secret lets us make one."""

    kind: str
    url: str
    secret: str
    sender: str
    least: int


def add_way(
    *, operator: Operator, plan: Plan, actor_id: int, as_of: datetime
) -> tuple[WayOut, str]:
    """Return a new way out, and its secret where we made it; raises WayUnfit."""
    made = "" if plan.secret else secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            _lock_ways(operator)
            _require_fit(operator, plan)
            way = WayOut.objects.create(
                operator=operator,
                kind=plan.kind,
                url=plan.url,
                sealed=sealing.seal(plan.secret or made),
                sender=plan.sender if plan.kind == WayOut.Kind.SMS else "",
                least=plan.least,
                created_at=as_of,
            )
    except IntegrityError as error:
        # one SMS gateway an operator: the database forbids a second
        raise WayUnfit("second") from error
    _record(way, "added", actor_id, as_of)
    return way, made


def switch_off(*, way: WayOut, actor_id: int, as_of: datetime) -> None:
    """End a way out; what waits for it is given up."""
    with transaction.atomic():
        if WayOut.objects.filter(pk=way.pk, is_active=True).update(is_active=False):
            _record(way, "ended", actor_id, as_of)


def send_test(*, way: WayOut, person: User, as_of: datetime) -> None:
    """Put a test before a way out, signed as all else is; raises WayUnfit without a telephone.

    A second one within the same minute is the same one.
    """
    payload: dict[str, object] = {"way_id": way.pk, "at": as_of.isoformat()}
    if way.kind == WayOut.Kind.SMS:
        if not person.phone:
            raise WayUnfit("phone")
        payload |= {"to": person.phone, "text": _("A test from ChargeNet: it works.")}
    else:
        payload["body"] = {"event": "test", "sent_by": str(person)}
    row = Outbox(
        operator_id=way.operator_id,
        kind=way.kind,
        key=f"test:{way.pk}:{as_of:%Y%m%dT%H%M}",
        payload=payload,
        created_at=as_of,
        due_at=as_of,
    )
    with transaction.atomic():
        Outbox.objects.bulk_create([row], ignore_conflicts=True)
        _record(way, "tested", person.pk, as_of)


def _require_fit(operator: Operator, plan: Plan) -> None:
    if plan.kind not in WayOut.Kind.values:
        raise WayUnfit("kind")
    try:
        web.checked(plan.url)
    except web.AddressRefused as error:
        raise WayUnfit("url") from error
    if len(plan.url) > LONGEST_URL:
        raise WayUnfit("url")
    if plan.secret and not SHORTEST_SECRET <= len(plan.secret) <= LONGEST_SECRET:
        raise WayUnfit("secret")
    if len(plan.sender) > LONGEST_SENDER or plan.least not in range(1, 6):
        raise WayUnfit("least")
    mine = WayOut.objects.filter(operator=operator, is_active=True)
    if plan.kind == WayOut.Kind.WEBHOOK and mine.filter(kind=plan.kind, url=plan.url).exists():
        raise WayUnfit("again")
    if mine.count() >= MOST_WAYS:
        raise WayUnfit("many")


def _lock_ways(operator: Operator) -> None:
    """Let one way of an operator be added at a time: a button pressed twice adds one."""
    locks.hold(WAYS_LOCK, operator.pk)


def _record(way: WayOut, verb: str, actor_id: int, as_of: datetime) -> None:
    # also of an address we would not take any more: it must still be switched off
    host = urlsplit(way.url).hostname
    audit.record(
        operator_id=way.operator_id,
        user_id=actor_id,
        action=f"way.{verb}",
        object_type="way_out",
        object_id=way.pk,
        as_of=as_of,
        details={"kind": way.kind, "host": host},
    )
