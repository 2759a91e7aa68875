from django.urls import path

from billing.views import einvoices, papers, webhooks

urlpatterns = [
    path("webhooks/<slug:provider>/", webhooks.receive, name="payment_webhook"),
    path("invoices/<uuid:public_id>.xml", einvoices.send_einvoice, name="invoice_xml"),
    path("invoices/<uuid:public_id>.pdf", papers.send_pdf, name="invoice_pdf"),
    path("reminders/<uuid:public_id>.pdf", papers.send_reminder, name="reminder_pdf"),
]
