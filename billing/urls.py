from django.urls import path

from billing.views import webhooks

urlpatterns = [path("webhooks/<slug:provider>/", webhooks.receive, name="payment_webhook")]
