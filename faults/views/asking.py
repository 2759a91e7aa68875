"""Which operator a page of settings is about: the one that is asked for, or the first."""

from collections.abc import Iterable

from django.http import Http404, HttpRequest

from chargenet.core import access
from chargenet.core.models import Operator
from faults.views.steps import number


def operators_of(request: HttpRequest, roles: Iterable[str]) -> list[Operator]:
    """Return the operators a person works for in one of these roles."""
    ids = access.operator_ids(request.user, roles)
    return list(Operator.objects.filter(pk__in=ids).order_by("name"))


def chosen_operator(request: HttpRequest, roles: Iterable[str]) -> Operator:
    """Return the operator that is asked for, else the first of the person's; raises Http404."""
    raw = request.POST.get("operator") or request.GET.get("operator", "")
    found = [one for one in operators_of(request, roles) if not raw or one.pk == number(raw)]
    if not found:
        raise Http404
    return found[0]
