"""The demo's provider keeps the rules of a real one."""

from datetime import datetime

import pytest

from billing.models import DemoCharge
from billing.providers import demo
from billing.providers.base import ProviderError
from tests.integration.billing.paying import NOW


def _hold(key: str = "k1", amount_minor: int = 5000, method: str = demo.OK):
    return demo.DemoProvider().authorise(
        reference="r1",
        amount_minor=amount_minor,
        currency="SEK",
        method=method,
        idempotency_key=key,
        as_of=NOW,
    )


def _capture(reference: str, amount_minor: int, key: str = "c1", as_of: datetime = NOW):
    return demo.DemoProvider().capture(
        provider_reference=reference,
        amount_minor=amount_minor,
        idempotency_key=key,
        as_of=as_of,
    )


def test_the_same_key_is_the_same_charge_and_another_body_an_error(db: None) -> None:
    assert _hold() == _hold()
    with pytest.raises(ProviderError, match="idempotency_key_reused") as refusal:
        _hold(amount_minor=1)
    assert refusal.value.permanent
    assert DemoCharge.objects.count() == 1


def test_a_capture_may_be_less_but_never_more_and_only_once(db: None) -> None:
    held = _hold().provider_reference
    with pytest.raises(ProviderError, match="amount_beyond_hold"):
        _capture(held, 5001)

    charge = _capture(held, 4000, key="c2")

    assert (charge.captured_minor, charge.state.value) == (4000, "succeeded")
    assert _capture(held, 4000, key="c2") == charge
    with pytest.raises(ProviderError, match="idempotency_key_reused"):
        _capture(held, 3000, key="c2")
    with pytest.raises(ProviderError, match="charge_is_succeeded"):
        _capture(held, 1000, key="c3")


def test_a_hold_ends_after_seven_days(db: None) -> None:
    held = _hold().provider_reference
    late = NOW + demo.HOLD

    with pytest.raises(ProviderError, match="charge_is_canceled"):
        _capture(held, 5000, as_of=late)

    charge = demo.DemoProvider().fetch(provider_reference=held, as_of=late)
    assert charge.failure_code == "authorisation_expired"


def test_a_refund_never_gives_back_more_than_was_taken(db: None) -> None:
    held = _hold().provider_reference
    _capture(held, 4000)
    provider = demo.DemoProvider()

    def refund(amount_minor: int, key: str):
        return provider.refund(
            provider_reference=held, amount_minor=amount_minor, idempotency_key=key, as_of=NOW
        )

    assert refund(3000, "a").refunded_minor == 3000
    assert refund(3000, "a").refunded_minor == 3000
    with pytest.raises(ProviderError, match="amount_beyond_captured"):
        refund(1001, "b")
    assert refund(1000, "c").refunded_minor == 4000


def test_what_was_captured_cannot_be_cancelled(db: None) -> None:
    held = _hold().provider_reference
    _capture(held, 5000)

    with pytest.raises(ProviderError, match="charge_is_succeeded"):
        demo.DemoProvider().cancel(provider_reference=held, idempotency_key="x", as_of=NOW)


def test_a_charge_nobody_made_is_an_error(db: None) -> None:
    with pytest.raises(ProviderError, match="no_such_charge"):
        _capture("demo_nothing", 1)
    assert demo.DemoProvider().find_by_reference(reference="nothing", as_of=NOW) is None
    with pytest.raises(ProviderError, match="amount_too_small"):
        _hold(amount_minor=0)
