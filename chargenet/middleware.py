"""What every request passes through."""

import secrets
import zoneinfo
from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from chargenet.core import access, tenancy

GetResponse = Callable[[HttpRequest], HttpResponse]

DEFAULT_ZONE = "Europe/Stockholm"


class ContentSecurityPolicyMiddleware:
    """Let a page run and show only what this site serves.

    `request.csp_nonce` is for the one style element that the chart library writes itself.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request under a strict policy."""
        nonce = secrets.token_urlsafe(16)
        request.csp_nonce = nonce  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.headers.setdefault(
            "Content-Security-Policy",
            "default-src 'self'; script-src 'self'; "
            f"style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; "
            "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        )
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


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
            response = self.get_response(request)
        if user.is_authenticated:
            # After signing out, the next one at the same screen goes back to nothing.
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class PlainAnswersMiddleware:
    """Answer for what is missing or forbidden with our own page, also while DEBUG is on.

    A person who opens somebody else's row must not read a list of addresses instead.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the page for what a view refused; the API answers for itself."""
        if isinstance(error, Http404):
            return render(request, "core/404.html", status=404)
        if isinstance(error, PermissionDenied):
            return render(request, "core/403.html", status=403)
        return None


class LocalTimeMiddleware:
    """Show times as the clock on the operator's wall does."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request in the zone of the person's first operator."""
        memberships = access.memberships_of(request.user)
        name = memberships[0].operator.timezone if memberships else DEFAULT_ZONE
        with timezone.override(zoneinfo.ZoneInfo(name)):
            return self.get_response(request)
