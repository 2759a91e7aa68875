"""A provider without a bank behind it, that behaves like one: states, holds, declines, webhooks.

What it remembers is in tables of its own, which nothing else reads. Methods are the names of test
cards; a card number never reaches us.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from billing.models import DemoCharge, DemoEvent
from billing.providers import signatures
from billing.providers.base import (
    Charge,
    ChargeState,
    ProviderError,
    ProviderEvent,
    SignatureInvalid,
)

HOLD = timedelta(days=7)
OK = "card_ok"
NEEDS_ACTION = "card_needs_action"
# The charge is made, the answer is lost on the way: the caller must find out.
LOSES_ANSWER = "card_loses_answer"
DECLINES = {
    "card_declined": "card_declined",
    "card_insufficient_funds": "insufficient_funds",
    "card_expired": "expired_card",
}
METHODS = (OK, NEEDS_ACTION, LOSES_ANSWER, *DECLINES)
State = DemoCharge.State


class DemoProvider:
    """The demo's card provider."""

    name = "demo"
    signature_header = "Demo-Signature"

    def authorise(
        self,
        *,
        reference: str,
        amount_minor: int,
        currency: str,
        method: str,
        idempotency_key: str,
        as_of: datetime,
    ) -> Charge:
        """Hold an amount on a test card; a declined card leaves a charge that says why."""
        if amount_minor <= 0:
            raise ProviderError("amount_too_small", permanent=True)
        if method not in METHODS:
            raise ProviderError("unknown_method", permanent=True)
        request = _hash("authorise", reference, amount_minor, currency, method)
        state = _first_state(method)
        charge, is_new = DemoCharge.objects.get_or_create(
            authorise_key=idempotency_key,
            defaults={
                "provider_reference": f"demo_{secrets.token_hex(12)}",
                "reference": reference,
                "keys": {idempotency_key: request},
                "amount_minor": amount_minor,
                "currency": currency,
                "state": state,
                "failure_code": DECLINES.get(method, ""),
                "created_at": as_of,
                "capture_before": as_of + HOLD if state == State.REQUIRES_CAPTURE else None,
            },
        )
        if charge.keys[idempotency_key] != request:
            raise ProviderError("idempotency_key_reused", permanent=True)
        if is_new:
            _owe_event(charge, as_of)
            if method == LOSES_ANSWER:
                raise ProviderError("timeout", permanent=False)
        return _told(charge)

    def answer_challenge(
        self, *, provider_reference: str, is_approved: bool, as_of: datetime
    ) -> Charge:
        """Play the payer at their bank's page: approve or refuse a charge that needs it."""
        with transaction.atomic():
            charge = _locked(provider_reference, as_of)
            if charge.state == State.REQUIRES_ACTION:
                charge.state = State.REQUIRES_CAPTURE
                charge.capture_before = as_of + HOLD
                if not is_approved:
                    charge.state = State.REQUIRES_PAYMENT_METHOD
                    charge.failure_code = "authentication_failed"
                    charge.capture_before = None
                _keep(charge, as_of)
        return _told(charge)

    def capture(
        self, *, provider_reference: str, amount_minor: int, idempotency_key: str, as_of: datetime
    ) -> Charge:
        """Take a held amount or less, never more; the rest of the hold is released."""
        with transaction.atomic():
            charge = _locked(provider_reference, as_of)
            if _is_repeated(charge, idempotency_key, _hash("capture", amount_minor)):
                return _told(charge)
            if charge.state != State.REQUIRES_CAPTURE:
                raise ProviderError(f"charge_is_{charge.state}", permanent=True)
            if not 0 < amount_minor <= charge.amount_minor:
                raise ProviderError("amount_beyond_hold", permanent=True)
            charge.state, charge.captured_minor = State.SUCCEEDED, amount_minor
            _keep(charge, as_of)
        return _told(charge)

    def cancel(self, *, provider_reference: str, idempotency_key: str, as_of: datetime) -> Charge:
        """Release a hold; what was captured can only be refunded."""
        with transaction.atomic():
            charge = _locked(provider_reference, as_of)
            if _is_repeated(charge, idempotency_key, _hash("cancel")):
                return _told(charge)
            if charge.state == State.SUCCEEDED:
                raise ProviderError("charge_is_succeeded", permanent=True)
            charge.state = State.CANCELED
            _keep(charge, as_of)
        return _told(charge)

    def refund(
        self, *, provider_reference: str, amount_minor: int, idempotency_key: str, as_of: datetime
    ) -> Charge:
        """Give back what was captured, in parts if wanted, never more."""
        with transaction.atomic():
            charge = _locked(provider_reference, as_of)
            if _is_repeated(charge, idempotency_key, _hash("refund", amount_minor)):
                return _told(charge)
            if not 0 < amount_minor <= charge.captured_minor - charge.refunded_minor:
                raise ProviderError("amount_beyond_captured", permanent=True)
            charge.refunded_minor += amount_minor
            _keep(charge, as_of)
        return _told(charge)

    def fetch(self, *, provider_reference: str, as_of: datetime) -> Charge:
        """Return a charge as it stands; a hold too old has ended."""
        with transaction.atomic():
            return _told(_locked(provider_reference, as_of))

    def find_by_reference(self, *, reference: str, as_of: datetime) -> Charge | None:
        """Return the newest charge of our own reference."""
        charge = DemoCharge.objects.filter(reference=reference).order_by("-pk").first()
        if charge is None:
            return None
        return self.fetch(provider_reference=charge.provider_reference, as_of=as_of)

    def read_event(
        self, *, body: bytes, headers: Mapping[str, str], as_of: datetime
    ) -> ProviderEvent:
        """Return the message in a raw body whose signature holds."""
        header = headers.get(self.signature_header, "")
        signatures.verify(body=body, header=header, secret=_secret(), as_of=as_of)
        try:
            payload = json.loads(body)
            return ProviderEvent(
                payload["id"], payload["type"], payload["data"]["object"]["id"], payload
            )
        except (ValueError, KeyError, TypeError) as error:
            raise SignatureInvalid("signed, but no message") from error

    def deliver_events(self, *, as_of: datetime) -> list[tuple[bytes, dict[str, str]]]:
        """Return the messages owed: each twice over time, the newest first, as networks do."""
        owed = list(
            DemoEvent.objects.filter(deliveries__lt=2)
            .select_related("charge")
            .order_by("deliveries", "-pk")[:100]
        )
        DemoEvent.objects.filter(pk__in=[event.pk for event in owed]).update(
            deliveries=F("deliveries") + 1
        )
        return [_message(event, as_of) for event in owed]


def _first_state(method: str) -> str:
    if method in DECLINES:
        return State.REQUIRES_PAYMENT_METHOD
    return State.REQUIRES_ACTION if method == NEEDS_ACTION else State.REQUIRES_CAPTURE


def _secret() -> str:
    return salted_hmac("billing.providers.demo", "webhooks", algorithm="sha256").hexdigest()


def _hash(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _locked(provider_reference: str, as_of: datetime) -> DemoCharge:
    try:
        charge = DemoCharge.objects.select_for_update().get(provider_reference=provider_reference)
    except DemoCharge.DoesNotExist as error:
        raise ProviderError("no_such_charge", permanent=True) from error
    if (
        charge.state == State.REQUIRES_CAPTURE
        and charge.capture_before is not None
        and charge.capture_before <= as_of
    ):
        charge.state, charge.failure_code = State.CANCELED, "authorisation_expired"
        _keep(charge, as_of)
    return charge


def _is_repeated(charge: DemoCharge, key: str, request: str) -> bool:
    """Note a key; return whether the same request came before. Raises ProviderError."""
    if key not in charge.keys:
        charge.keys[key] = request
        return False
    if charge.keys[key] != request:
        raise ProviderError("idempotency_key_reused", permanent=True)
    return True


def _keep(charge: DemoCharge, as_of: datetime) -> None:
    charge.save()
    _owe_event(charge, as_of)


def _owe_event(charge: DemoCharge, as_of: datetime) -> None:
    DemoEvent.objects.create(
        charge=charge,
        event_id=f"evt_{secrets.token_hex(12)}",
        kind=f"charge.{charge.state}",
        created_at=as_of,
    )


def _told(charge: DemoCharge) -> Charge:
    return Charge(
        provider_reference=charge.provider_reference,
        reference=charge.reference,
        state=ChargeState(charge.state),
        amount_minor=charge.amount_minor,
        captured_minor=charge.captured_minor,
        refunded_minor=charge.refunded_minor,
        currency=charge.currency,
        failure_code=charge.failure_code,
        capture_before=charge.capture_before,
    )


def _message(event: DemoEvent, as_of: datetime) -> tuple[bytes, dict[str, str]]:
    told: dict[str, Any] = {
        "id": event.event_id,
        "type": event.kind,
        "created": int(event.created_at.timestamp()),
        "data": {
            "object": {
                "id": event.charge.provider_reference,
                "reference": event.charge.reference,
            }
        },
    }
    body = json.dumps(told, sort_keys=True).encode()
    signature = signatures.sign(body=body, secret=_secret(), as_of=as_of)
    return body, {DemoProvider.signature_header: signature}
