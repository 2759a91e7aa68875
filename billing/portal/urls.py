from django.urls import path

from billing.portal import views

urlpatterns = [
    path("", views.list_sessions, name="portal_sessions"),
    path("sessions/<int:session_id>/", views.show_session, name="portal_session"),
    path("invoices/", views.list_invoices, name="portal_invoices"),
    path("invoices/<uuid:public_id>/", views.show_invoice, name="portal_invoice"),
    path("invoices/<uuid:public_id>/pay/", views.pay_invoice, name="portal_pay"),
    path("account/", views.show_account, name="portal_account"),
]
