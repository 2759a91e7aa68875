from django.urls import path

from faults.views import pages, steps

urlpatterns = [
    path("", pages.list_tickets, name="ticket_list"),
    path("<int:ticket_id>/", pages.show_ticket, name="ticket_page"),
    path("<int:ticket_id>/step/", steps.move_ticket, name="ticket_step"),
]
