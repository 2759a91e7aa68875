"""From notices to messages: what one person hears of one site, in one letter, once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from chargenet.core.models import Outbox
from faults.models import Notice, TellingChoice, Ticket, WayOut
from faults.notifications import letters
from faults.notifications.letters import Told
from faults.queries import crew
from faults.rules.vocabulary.meaning import SAFETY

AT_ONCE = 500
# Overtaken once the ticket is closed, or once somebody has accepted it.
WHILE_OPEN = frozenset({"opened", "raised", "again", "lead", "manager", "overdue"})
# Meant for one person: their interval with others does not hold it up.
NOT_PUT_OFF = frozenset({"assigned", "handed_over", "mention", "reopened"})
WHILE_NOBODYS = frozenset({"again", "lead", "manager"})


def gather_due(*, as_of: datetime) -> int:
    """Send on what is due, in one message a person and site; returns how many notices."""
    return gather(Notice.objects.all(), as_of=as_of)


def gather(rows: QuerySet[Notice], *, as_of: datetime) -> int:
    """Send on what is due among some notices; each leaves these rows once."""
    with transaction.atomic():
        due = rows.filter(sent_at__isnull=True, due_at__lte=as_of).order_by("pk")
        found = list(due.select_for_update(skip_locked=True, of=("self",))[:AT_ONCE])
        if not found:
            return 0
        tickets = Ticket.objects.select_related("station", "location", "connector__evse", "cable")
        by_id = tickets.in_bulk([notice.ticket_id for notice in found])
        people = {user.pk: user for user in crew.users({notice.user_id for notice in found})}
        groups: dict[str, list[Notice]] = {}
        for notice in found:
            notice.ticket, notice.sent_at = by_id[notice.ticket_id], as_of
            notice.is_dropped = _is_overtaken(notice) or notice.user_id not in people
            if not notice.is_dropped:
                notice.user = people[notice.user_id]
                groups.setdefault(notice.group, []).append(notice)
        kept = [one for group in groups.values() for one in _when_it_is_time(group, as_of)]
        _send(kept, as_of)
        Notice.objects.bulk_update(found, ["sent_at", "is_dropped", "due_at"])
        return len(kept)


def _is_overtaken(notice: Notice) -> bool:
    ticket = notice.ticket
    if notice.event in WHILE_NOBODYS and ticket.acknowledged_at is not None:
        return True
    return notice.event in WHILE_OPEN and ticket.state in {"closed", "resolved"}


def _when_it_is_time(group: list[Notice], as_of: datetime) -> list[Notice]:
    """Return a group's notices; put them off where its last letter has just left.

    Danger does not wait for the interval.
    """
    if any(notice.severity == SAFETY for notice in group):
        return group
    first = group[0]
    policy = crew.policy_of(first.operator_id)
    interval = timedelta(seconds=policy.group_interval_s)
    last = Notice.objects.filter(group=first.group, sent_at__gt=as_of - interval, is_dropped=False)
    before = last.order_by("-sent_at").values_list("sent_at", flat=True).first()
    if before is None or first.event in NOT_PUT_OFF:
        return group
    for notice in group:
        notice.sent_at, notice.due_at = None, before + interval
    return []


def _send(notices: Sequence[Notice], as_of: datetime) -> None:
    groups: dict[str, list[Notice]] = {}
    for notice in notices:
        groups.setdefault(f"{notice.operator_id}:{notice.group}", []).append(notice)
    operators = {notice.operator_id for notice in notices}
    chosen = {
        (one.operator_id, one.user_id): one
        for one in TellingChoice.objects.filter(operator_id__in=operators)
    }
    ways = WayOut.objects.filter(operator_id__in=operators, kind=WayOut.Kind.SMS, is_active=True)
    gateways = {way.operator_id: way for way in ways}
    outbox = []
    for group in groups.values():
        first = group[0]
        choice = chosen.get((first.operator_id, first.user_id), TellingChoice())
        outbox += _messages(group, choice, gateways.get(first.operator_id), as_of)
    Outbox.objects.bulk_create(outbox, ignore_conflicts=True)


def _messages(
    group: Sequence[Notice], choice: TellingChoice, gateway: WayOut | None, as_of: datetime
) -> list[Outbox]:
    """Return one person's messages of one site, by each way they chose."""
    person = group[0].user
    rows = []
    by_mail = _told(group, choice.email_least)
    if by_mail and person.email:
        one = len(by_mail) == 1
        letter = (
            letters.letter(by_mail[0], person) if one else letters.letter_of_many(by_mail, person)
        )
        rows.append(_outbox(group[0], "email", letter, as_of))
    by_phone = _told(group, choice.sms_least)
    if by_phone and person.phone and gateway is not None:
        text = letters.text_message(by_phone, person)
        payload = {"way_id": gateway.pk, "to": person.phone, "text": text, "at": as_of.isoformat()}
        rows.append(_outbox(group[0], "sms", payload, as_of))
    return rows


def _told(group: Sequence[Notice], least: int) -> list[Told]:
    return [Told(one.ticket, one.event, one.turn) for one in group if one.severity <= least]


def _outbox(first: Notice, kind: str, payload: Mapping[str, object], as_of: datetime) -> Outbox:
    named = f"{first.ticket_id}:{first.event}:{first.turn}:{first.user_id}"
    return Outbox(
        operator_id=first.operator_id,
        kind=kind,
        key=f"ticket:{named}" if kind == "email" else f"{kind}:{named}",
        payload=dict(payload),
        created_at=as_of,
        due_at=as_of,
    )
