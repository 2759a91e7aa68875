"""Every address of the web process."""

from django.urls import URLPattern, URLResolver, include, path

from faults.views import quality

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include("chargenet.api_urls")),
    path("", include("billing.urls")),
    path("", include("stations.urls")),
    path("my/", include("billing.portal.urls")),
    path("tickets/", include("faults.urls")),
    path("quality/", quality.list_findings, name="quality_list"),
    path("", include("chargenet.dashboard.urls")),
]

handler403 = "chargenet.dashboard.views.account.say_forbidden"
handler404 = "chargenet.dashboard.views.account.say_missing"
