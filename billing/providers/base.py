"""What every payment provider can do for us; amounts in whole minor units."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol


class ChargeState(Enum):
    """Where a card charge stands; the words are the card industry's."""

    REQUIRES_PAYMENT_METHOD = "requires_payment_method"
    REQUIRES_ACTION = "requires_action"
    REQUIRES_CAPTURE = "requires_capture"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One charge as its provider tells it now; `reference` is ours, amounts in minor units."""

    provider_reference: str
    reference: str
    state: ChargeState
    amount_minor: int
    captured_minor: int
    refunded_minor: int
    currency: str
    failure_code: str = ""
    capture_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """A message whose signature holds: only a hint to ask again, never the truth."""

    event_id: str
    kind: str
    provider_reference: str
    payload: dict[str, object]


class ProviderError(Exception):
    """The provider refused, or was not there; permanent means asking again changes nothing."""

    def __init__(self, code: str, *, permanent: bool) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent


class SignatureInvalid(Exception):
    """The message is not the provider's: a wrong signature, an old one, or no message at all."""


class Provider(Protocol):
    """A payment provider. An idempotency key with the same request gives the same answer."""

    name: str
    signature_header: str

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
        """Ask the payer's bank to hold an amount. Raises ProviderError."""

    def capture(
        self, *, provider_reference: str, amount_minor: int, idempotency_key: str, as_of: datetime
    ) -> Charge:
        """Take a held amount or a part of it; the rest is released. Raises ProviderError."""

    def cancel(self, *, provider_reference: str, idempotency_key: str, as_of: datetime) -> Charge:
        """Release a hold. Raises ProviderError."""

    def refund(
        self, *, provider_reference: str, amount_minor: int, idempotency_key: str, as_of: datetime
    ) -> Charge:
        """Give back a captured amount or a part of it. Raises ProviderError."""

    def fetch(self, *, provider_reference: str, as_of: datetime) -> Charge:
        """Return a charge as it stands. Raises ProviderError."""

    def find_by_reference(self, *, reference: str, as_of: datetime) -> Charge | None:
        """Return the charge of our own reference, None if the provider never heard of it."""

    def read_event(
        self, *, body: bytes, headers: Mapping[str, str], as_of: datetime
    ) -> ProviderEvent:
        """Return the message in a raw body. Raises SignatureInvalid."""
