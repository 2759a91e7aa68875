from django.contrib.auth.views import LogoutView
from django.urls import path
from django.views.i18n import set_language

from chargenet.dashboard.views import (
    account,
    commands,
    commissioning,
    configuration,
    design,
    enrolment,
    messages,
    money,
    network,
)

urlpatterns = [
    path("", account.go_home, name="home"),
    path("sign-in/", account.SignIn.as_view(), name="sign_in"),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
    path("language/", set_language, name="set_language"),
    path("overview/", network.show_overview, name="dashboard"),
    path("stations/", network.list_stations, name="station_list"),
    path("stations/add/", enrolment.add_station, name="station_add"),
    path("stations/lists/", enrolment.bring_list, name="station_import_bring"),
    path("stations/lists/<int:order_id>/", enrolment.show_list, name="station_import"),
    path("stations/lists/<int:order_id>/add/", enrolment.add_listed, name="station_import_add"),
    path(
        "stations/lists/<int:order_id>/passwords/",
        enrolment.renew_listed,
        name="station_import_renew",
    ),
    path("stations/labels/", enrolment.show_labels, name="station_labels"),
    path("stations/<int:station_id>/", network.show_station, name="station_page"),
    path("stations/<int:station_id>/command/", network.command_station, name="station_command"),
    path("stations/<int:station_id>/commands/", commands.show_commands, name="station_commands"),
    path("stations/<int:station_id>/commands/send/", commands.order, name="station_order"),
    path(
        "stations/<int:station_id>/messages/",
        messages.show_station_messages,
        name="station_messages",
    ),
    path(
        "stations/<int:station_id>/setting-up/",
        commissioning.show_commissioning,
        name="station_commissioning",
    ),
    path(
        "stations/<int:station_id>/setting-up/begin/",
        commissioning.begin_commissioning,
        name="station_commissioning_begin",
    ),
    path(
        "stations/<int:station_id>/configuration/",
        configuration.show_configuration,
        name="station_configuration",
    ),
    path(
        "stations/<int:station_id>/configuration/read/",
        configuration.read_configuration,
        name="station_configuration_read",
    ),
    path(
        "stations/<int:station_id>/configuration/<int:setting_id>/",
        configuration.change_setting,
        name="station_setting",
    ),
    path(
        "stations/<int:station_id>/monitors/<int:monitor_id>/clear/",
        configuration.clear_monitor,
        name="station_monitor_clear",
    ),
    path("coverage/", commissioning.list_coverage, name="coverage_list"),
    path("messages/", messages.list_messages, name="message_list"),
    path("messages/<int:microseconds>/<int:number>/", messages.show_message, name="message_page"),
    path("commands/", commands.list_commands, name="command_list"),
    path("map/", network.show_map, name="network_map"),
    path("map/pins/", network.list_pins, name="network_pins"),
    path("sessions/", network.list_sessions, name="session_list"),
    path("sessions/<int:session_id>/", network.show_session, name="session_page"),
    path("faults/", network.list_faults, name="fault_list"),
    path("unbilled/", money.list_unbilled, name="unbilled_list"),
    path("revenue/", money.show_revenue, name="revenue"),
    path("invoices/", money.list_invoices, name="invoice_list"),
    path("invoices/<uuid:public_id>/", money.show_invoice, name="invoice_page"),
    path("customers/", money.list_customers, name="customer_list"),
    path("design/", design.show_design, name="design"),
]
