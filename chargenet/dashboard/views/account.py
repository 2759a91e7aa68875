"""The way in and out, and where each person starts."""

from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from chargenet import nudging
from chargenet.core import access, pages
from chargenet.core.models import Role
from chargenet.dashboard import throttle


class SignInForm(AuthenticationForm):
    """E-mail and password; the answer does not tell which of them was wrong."""

    error_messages = {
        "invalid_login": _("The e-mail or the password is not right. Try again."),
        "inactive": _("This account is closed."),
        "throttled": _("Too many attempts. Wait a minute, then try again."),
    }
    username = forms.EmailField(
        label=_("E-mail"),
        widget=forms.EmailInput(
            attrs={"class": "form-control", "autocomplete": "username", "autofocus": True}
        ),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(
            attrs={"class": "form-control", "autocomplete": "current-password"}
        ),
    )

    def clean(self) -> dict[str, Any]:
        """Check the password, unless too many were wrong just now."""
        name = self.cleaned_data.get("username") or ""
        address = self.request.META.get("REMOTE_ADDR", "") if self.request else ""
        if throttle.is_full(name=name, address=address):
            raise ValidationError(self.error_messages["throttled"], code="throttled")
        try:
            return super().clean()
        except ValidationError:
            throttle.note_failure(name=name, address=address)
            raise


class SignIn(auth_views.LoginView):
    """Let a person in; a person signed in goes straight to the first page."""

    template_name = "core/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Show the form again; whoever tried too often is told when to come back."""
        answer = super().form_invalid(form)
        if form.has_error(NON_FIELD_ERRORS, code="throttled"):
            answer.status_code = HTTPStatus.TOO_MANY_REQUESTS
            answer["Retry-After"] = str(throttle.WINDOW_S)
        return answer


class SignOut(auth_views.LogoutView):
    """Let a person out; their other open pages stop hearing news at once."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """End the session."""
        user_id = request.user.pk
        answer = super().post(request, *args, **kwargs)
        if user_id is not None:
            transaction.on_commit(lambda: nudging.check_person(user_id))
        return answer


@login_required
def go_home(request: HttpRequest) -> HttpResponse:
    """Send each person to the page the day starts with."""
    user = request.user
    if access.has_role(user, Role.OPERATOR, Role.FINANCE, Role.SUPPORT):
        return redirect("dashboard")
    if access.has_role(user, Role.TECHNICIAN):
        return redirect("ticket_list")
    if access.has_role(user, Role.HOST):
        return redirect("station_list")
    return redirect("portal_sessions")


def say_missing(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  Django calls it so
    """Answer for what is not there, or not for this person: the same page for both."""
    return render(request, "core/404.html", status=404)


def say_forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  Django calls it so
    """Answer for what this person's role does not open."""
    return render(request, "core/403.html", status=403)


def say_stale(request: HttpRequest, reason: str) -> HttpResponse:  # noqa: ARG001  Django calls it so
    """Answer a form of a page that was opened before its reader signed in anew."""
    if pages.is_fragment(request):
        told = _(
            "Not saved: you have signed in anew since. Copy what you wrote, and reload the page."
        )
        return HttpResponse(told, status=403, content_type="text/plain; charset=utf-8")
    return render(request, "core/stale.html", status=403)
