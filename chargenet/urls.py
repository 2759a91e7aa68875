"""Every address of the web process."""

from django.urls import URLPattern, URLResolver, include, path

from faults.views import quality, reports

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include("chargenet.api_urls")),
    path("", include("billing.urls")),
    path("", include("stations.urls")),
    path("my/", include("billing.portal.urls")),
    path("tickets/", include("faults.urls")),
    path("quality/", quality.list_findings, name="quality_list"),
    path("reports/", reports.list_reports, name="driver_report_list"),
    path("reports/<int:report_id>/", reports.show_report, name="driver_report"),
    path("reports/<int:report_id>/photo/", reports.show_picture, name="driver_report_photo"),
    path("reports/<int:report_id>/close/", reports.close_report, name="driver_report_close"),
    path("", include("chargenet.dashboard.urls")),
]

handler403 = "chargenet.dashboard.views.account.say_forbidden"
handler404 = "chargenet.dashboard.views.account.say_missing"
