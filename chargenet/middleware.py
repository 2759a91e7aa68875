"""What every request passes through."""

from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from chargenet.core import access, tenancy

GetResponse = Callable[[HttpRequest], HttpResponse]


class TenantMiddleware:
    """Run each request in one transaction that sees only the person's rows.

    The scope is set with SET LOCAL, so a connection that is used again starts blind.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request inside the person's scope."""
        with transaction.atomic():
            user = request.user
            if user.is_authenticated:
                tenancy.enter_scope(operators=[], person=user.pk)
                tenancy.enter_scope(operators=access.operator_ids(user), person=user.pk)
            return self.get_response(request)
