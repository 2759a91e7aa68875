from django.urls import path

from billing.views import einvoices, webhooks

urlpatterns = [
    path("webhooks/<slug:provider>/", webhooks.receive, name="payment_webhook"),
    path("invoices/<uuid:public_id>.xml", einvoices.send_einvoice, name="invoice_xml"),
]
