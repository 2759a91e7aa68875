"""Which payment providers there are: a new one is one file and one line here."""

from django.conf import settings

from billing.providers.base import Provider
from billing.providers.demo import DemoProvider

KNOWN: dict[str, type[Provider]] = {DemoProvider.name: DemoProvider}


class UnknownProvider(LookupError):
    """No provider of that name is switched on."""


def get_provider(name: str) -> Provider:
    """Return a provider that is switched on; raises UnknownProvider."""
    if name not in KNOWN or name not in settings.PAYMENT_PROVIDERS:
        raise UnknownProvider(f"{name!r} is no payment provider here")
    return KNOWN[name]()
