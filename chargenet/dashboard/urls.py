from django.contrib.auth.views import LogoutView
from django.urls import path
from django.views.i18n import set_language

from chargenet.dashboard.views import account, design

urlpatterns = [
    path("", account.go_home, name="home"),
    path("sign-in/", account.SignIn.as_view(), name="sign_in"),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
    path("language/", set_language, name="set_language"),
    path("design/", design.show_design, name="design"),
]
