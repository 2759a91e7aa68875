"""The REST API, version 1, and its schema."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework import routers

from billing import api as billing_api
from billing.api import customers as customer_api
from billing.api import holds as hold_api
from billing.api import tariffs as tariff_api
from faults import api as faults_api
from revenue import api as revenue_api
from stations import api as stations_api
from stations.api import commands as command_api
from stations.api import power as power_api

router = routers.SimpleRouter()
router.register("locations", stations_api.LocationViewSet, basename="api-location")
router.register("stations", stations_api.StationViewSet, basename="api-station")
router.register("connectors", stations_api.ConnectorViewSet, basename="api-connector")
router.register("commands", command_api.CommandViewSet, basename="api-command")
router.register("load-groups", power_api.LoadGroupViewSet, basename="api-load-group")
router.register("reservations", power_api.ReservationViewSet, basename="api-reservation")
router.register("sessions", stations_api.SessionViewSet, basename="api-session")
router.register("cdrs", billing_api.CdrViewSet, basename="api-cdr")
router.register("tariffs", tariff_api.TariffViewSet, basename="api-tariff")
router.register("invoices", billing_api.InvoiceViewSet, basename="api-invoice")
router.register("customers", customer_api.CustomerViewSet, basename="api-customer")
router.register("holds", hold_api.HoldViewSet, basename="api-hold")
router.register("faults", faults_api.FaultViewSet, basename="api-fault")
router.register("tickets", faults_api.TicketViewSet, basename="api-ticket")
router.register("entries", revenue_api.JournalEntryViewSet, basename="api-entry")

urlpatterns = [
    path("", include(router.urls)),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
]
