from django.urls import path

from faults.views import pages, papers, steps, telling, upkeep, ways

urlpatterns = [
    path("", pages.list_tickets, name="ticket_list"),
    path("crew/", upkeep.show_crew, name="ticket_crew"),
    path("crew/change/", upkeep.change_crew, name="ticket_crew_change"),
    path("told/", telling.show_telling, name="ticket_telling"),
    path("told/change/", telling.change_telling, name="ticket_telling_change"),
    path("calendar/<str:secret>.ics", telling.send_calendar, name="ticket_calendar"),
    path("ways/", ways.list_ways, name="ticket_ways"),
    path("ways/change/", ways.change_ways, name="ticket_ways_change"),
    path("windows/", upkeep.list_windows, name="ticket_windows"),
    path("windows/change/", upkeep.change_windows, name="ticket_windows_change"),
    path("<int:ticket_id>/", pages.show_ticket, name="ticket_page"),
    path("<int:ticket_id>/photos/<int:photo_id>/", papers.show_photo, name="ticket_photo"),
    path("<int:ticket_id>/order/", papers.show_order, name="ticket_order"),
    path("<int:ticket_id>/order.pdf", papers.send_order, name="ticket_order_pdf"),
    path("<int:ticket_id>/step/", steps.move_ticket, name="ticket_step"),
]
