"""OCPP 1.6: what a station may say to us, and who understands it."""

from ocpp.v16.enums import Action

from stations.ocpp.kept import Handle
from stations.ocpp.v16 import (
    authorize,
    boot_notification,
    data_transfer,
    diagnostics_status_notification,
    firmware_status_notification,
    heartbeat,
    log_status_notification,
    meter_values,
    security_event_notification,
    sign_certificate,
    signed_firmware_status_notification,
    start_transaction,
    status_notification,
    stop_transaction,
)

ROUTES: dict[str, Handle] = {
    Action.authorize.value: authorize.handle,
    Action.boot_notification.value: boot_notification.handle,
    Action.data_transfer.value: data_transfer.handle,
    Action.heartbeat.value: heartbeat.handle,
    Action.meter_values.value: meter_values.handle,
    Action.start_transaction.value: start_transaction.handle,
    Action.status_notification.value: status_notification.handle,
    Action.stop_transaction.value: stop_transaction.handle,
    Action.diagnostics_status_notification.value: diagnostics_status_notification.handle,
    Action.firmware_status_notification.value: firmware_status_notification.handle,
    Action.log_status_notification.value: log_status_notification.handle,
    Action.security_event_notification.value: security_event_notification.handle,
    Action.sign_certificate.value: sign_certificate.handle,
    Action.signed_firmware_status_notification.value: signed_firmware_status_notification.handle,
}
