"""The way in and out, and where each person starts."""

from django import forms
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from chargenet.core import access
from chargenet.core.models import Role

LANGUAGE_COOKIE_AGE_S = 365 * 24 * 3600


class SignInForm(AuthenticationForm):
    """E-mail and password; the answer does not tell which of them was wrong."""

    error_messages = {
        "invalid_login": _("The e-mail or the password is not right. Try again."),
        "inactive": _("This account is closed."),
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


class SignIn(auth_views.LoginView):
    """Let a person in; a person signed in goes straight to the first page."""

    template_name = "core/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


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
