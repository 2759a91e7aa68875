"""Which operator a command works for."""

from django.conf import settings

from chargenet.core.models import Operator


class OperatorUnclear(LookupError):
    """No single operator fits what was asked."""


def choose_operator(slug: str | None) -> Operator:
    """Return the operator of a slug, or the only one where none is named.

    The demo makes its first operator on demand; in production somebody enters the legal
    entity first. Raises OperatorUnclear.
    """
    known = list(Operator.objects.order_by("pk"))
    if not known and settings.DEBUG:
        return _first_operator(slug or "demo")
    found = [operator for operator in known if slug in {None, operator.slug}]
    if len(found) == 1:
        return found[0]
    names = ", ".join(operator.slug for operator in known) or "none yet"
    if slug:
        raise OperatorUnclear(f"{slug!r} is no operator here (known: {names})")
    raise OperatorUnclear(f"several or none to choose from (known: {names})")


def _first_operator(slug: str) -> Operator:
    name = slug.replace("-", " ").title()
    return Operator.objects.get_or_create(slug=slug, defaults={"name": name, "legal_name": name})[
        0
    ]
