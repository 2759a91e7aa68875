"""OCPP 2.0.1: what a station may say to us, and who understands it."""

from ocpp.v201.enums import Action

from stations.ocpp.kept import Handle, keeper
from stations.ocpp.v201 import (
    authorize,
    boot_notification,
    data_transfer,
    heartbeat,
    meter_values,
    notify_event,
    security_event_notification,
    status_notification,
    transaction_event,
)

ROUTES: dict[str, Handle] = {
    Action.authorize.value: authorize.handle,
    Action.boot_notification.value: boot_notification.handle,
    Action.data_transfer.value: data_transfer.handle,
    Action.heartbeat.value: heartbeat.handle,
    Action.meter_values.value: meter_values.handle,
    Action.notify_event.value: notify_event.handle,
    Action.security_event_notification.value: security_event_notification.handle,
    Action.status_notification.value: status_notification.handle,
    Action.transaction_event.value: transaction_event.handle,
    Action.cleared_charging_limit.value: keeper("charging_limit"),
    Action.firmware_status_notification.value: keeper("firmware_status"),
    # Certificate duties are not ours yet: the standard's answer is that it failed (M06, M07).
    Action.get_15118_ev_certificate.value: keeper(status="Failed", exiResponse=""),
    Action.get_certificate_status.value: keeper(status="Failed"),
    Action.log_status_notification.value: keeper("log_status"),
    Action.notify_charging_limit.value: keeper("charging_limit"),
    Action.notify_customer_information.value: keeper(),
    Action.notify_display_messages.value: keeper(),
    Action.notify_ev_charging_needs.value: keeper(status="Rejected"),
    Action.notify_ev_charging_schedule.value: keeper(status="Accepted"),
    Action.notify_monitoring_report.value: keeper(),
    Action.notify_report.value: keeper(),
    Action.publish_firmware_status_notification.value: keeper("firmware_status"),
    Action.report_charging_profiles.value: keeper(),
    Action.reservation_status_update.value: keeper("reservation_status"),
    Action.sign_certificate.value: keeper("certificate_wanted", status="Rejected"),
}
