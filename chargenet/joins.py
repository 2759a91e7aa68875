"""What needs two neighbours at once."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from billing import queries as billing_queries
from billing.models import Cdr, InvoiceLine, Payment
from billing.payments import NEVER_SENT
from billing.tariffs.station import StationTariff
from faults import tickets
from faults.queries import proofs
from faults.rules import payment_failing
from stations import displays, status
from stations.models import Command, Inbox, Observation, Screen, Session

INBOX_KEPT = timedelta(days=90)
CHUNK = 10_000
PRICE_MAY_TAKE = timedelta(hours=1)
# A payment is news for a day; one that the provider has not answered for so long failed.
TOLD_FOR, ANSWERED_WITHIN = timedelta(days=1), timedelta(minutes=10)


def forget_settled_inbox(*, as_of: datetime) -> int:
    """Forget what frames were answered, 90 days on and once their session is settled.

    Settled is invoiced, priced 0, or never to be billed. A station may resend for weeks: while a
    session can still be billed, its answers are kept. Returns how many were forgotten.
    """
    session = OuterRef("session_id")
    settled = (
        Q(session_id__isnull=True)
        | Exists(InvoiceLine.objects.filter(session_id=session))
        | Exists(Cdr.objects.filter(session_id=session, total_incl_vat=0))
        | Exists(Session.objects.filter(pk=session, state=Session.State.FLAGGED))
    )
    old = Inbox.objects.filter(settled, received_at__lt=as_of - INBOX_KEPT)
    forgotten = 0
    while ids := list(old.values_list("pk", flat=True)[:CHUNK]):
        Inbox.objects.filter(pk__in=ids).delete()
        forgotten += len(ids)
    return forgotten


def show_running_costs(*, as_of: datetime) -> int:
    """Tell drivers' screens what their sessions cost so far; returns how many were told."""
    due = displays.sessions_to_show(as_of=as_of)
    if not due:
        return 0
    return displays.show_costs(costs=billing_queries.running_costs(due, as_of), as_of=as_of)


def show_final_costs(*, as_of: datetime) -> int:
    """Tell screens of OCPP 1.6 what ended sessions came to, once they are priced."""
    due = displays.sessions_to_close(as_of=as_of)
    # What nobody has billed yet may still change, and a final cost is said once.
    billed = Cdr.objects.filter(session_id__in=due).values_list("session_id", flat=True)
    if not (priced := list(billed)):
        return 0
    costs = billing_queries.running_costs(priced, as_of)
    return displays.show_final_costs(costs=costs, as_of=as_of)


def show_prices(*, as_of: datetime) -> int:
    """Show what charging costs on the screens that want it; returns how many were told.

    A station whose connectors cost differently shows nothing: one line would be wrong for some.
    """
    told = 0
    for screen in displays.stations_to_price(as_of=as_of):
        rows = screen.station.connectors.select_related("station__location")
        texts = billing_queries.price_texts(rows, as_of)
        said = set(texts.values()) if len(texts) == rows.count() else set()
        text = said.pop() if len(said) == 1 else ""
        told += displays.show_price(screen=screen, text=text, as_of=as_of)
    return told


def tell_tariffs(*, as_of: datetime) -> int:
    """Let stations that reckon with tariffs have theirs (2.1 I07); returns how many calls.

    Connectors of one EVSE that cost differently have none: OCPP has one tariff an EVSE.
    """
    return sum(
        displays.set_tariffs(screen=screen, wanted=_wanted(screen, as_of), as_of=as_of)
        for screen in displays.stations_to_tell(as_of=as_of)
    )


def _wanted(screen: Screen, as_of: datetime) -> dict[int, displays.Said]:
    rows = list(screen.station.connectors.select_related("station__location", "evse"))
    sayable = billing_queries.station_tariffs(rows, as_of)
    found: dict[int, displays.Said] = {}
    for connector in rows:
        said = _said(sayable[connector.pk])
        if found.setdefault(connector.evse.number, said) != said:
            found[connector.evse.number] = displays.Said(reason="connectors that cost differently")
    return found


def _said(sayable: StationTariff | str | None) -> displays.Said:
    if isinstance(sayable, StationTariff):
        return displays.Said(sayable.tariff_id, sayable.text)
    return displays.Said(reason=sayable or "")


def tell_session_tariff(*, session: Session, as_of: datetime) -> Command:
    """Let a running session be shown the tariff it will be billed by (2.1 I11).

    Raises TariffRefused.
    """
    said = _said(billing_queries.session_tariff(session, as_of))
    return displays.change_transaction_tariff(session=session, said=said, as_of=as_of)


def tell_payments(*, as_of: datetime) -> int:
    """Tell the rules how payments at stations went, each outcome once; returns how many.

    A payment is a station's where everything it pays for happened there: a month of charging
    here and there says nothing of any station.
    """
    since = as_of - TOLD_FOR
    recent = Payment.objects.filter(Q(checked_at__gte=since) | Q(created_at__gte=since))
    found = [
        (payment, outcome)
        for payment in recent.filter(invoice__isnull=False).order_by("pk")
        if (outcome := _outcome(payment, as_of))
    ]
    sources = {f"payment:{payment.pk}:{outcome}": (payment, outcome) for payment, outcome in found}
    told = Observation.objects.filter(kind=payment_failing.PAYMENT, source_id__in=sources)
    for source_id in told.values_list("source_id", flat=True):
        del sources[source_id]
    return sum(
        _tell(payment, outcome, source_id, as_of)
        for source_id, (payment, outcome) in sources.items()
    )


def _outcome(payment: Payment, as_of: datetime) -> str:
    """Return a payment's outcome in the words of the rule, empty while it is under way."""
    state, is_late = payment.state, payment.created_at <= as_of - ANSWERED_WITHIN
    if state == Payment.State.CAPTURED:
        return payment_failing.CAPTURED
    if state == Payment.State.DECLINED:
        return "declined"
    if state == Payment.State.HELD or (state == Payment.State.AUTHORISED and is_late):
        return payment_failing.CAPTURE_FAILED
    is_unheard = state == Payment.State.CREATED and is_late and not payment.provider_reference
    return "timeout" if is_unheard or payment.failure_code == NEVER_SENT else ""


def _tell(payment: Payment, outcome: str, source_id: str, as_of: datetime) -> int:
    lines = InvoiceLine.objects.filter(invoice__payments=payment, session__isnull=False)
    places = set(lines.values_list("station_id", flat=True)[:2])
    station_id = places.pop() if len(places) == 1 else None
    if station_id is None:
        return 0
    status.record_observation(
        kind=payment_failing.PAYMENT,
        station_id=station_id,
        connector_id=None,
        occurred_at=payment.checked_at or payment.created_at,
        source_id=source_id,
        as_of=as_of,
        detail={"outcome": outcome, "provider": payment.provider},
    )
    return 1


def prove_repairs(*, as_of: datetime) -> int:
    """Let the first charge after each repair prove it: a paid one, else a technician's test.

    A charge nobody of the crew made waits an hour for its price before it counts as unpaid.
    Returns how many repairs were proven.
    """
    charges = list(proofs.charges_after_repair(as_of))
    paid = set(
        Cdr.objects.filter(
            session_id__in=[charge.session_id for charge in charges], total_incl_vat__gt=0
        ).values_list("session_id", flat=True)
    )
    proven = 0
    for charge in charges:
        is_paid = charge.session_id in paid
        if is_paid or charge.is_by_crew or charge.ended_at < as_of - PRICE_MAY_TAKE:
            proven += tickets.prove_repair(
                ticket_id=charge.ticket_id,
                session_id=charge.session_id,
                is_paid=is_paid and not charge.is_by_crew,
                as_of=as_of,
            )
    return proven
