"""OCPP 1.6: what a station may say to us, and who understands it."""

from ocpp.v16.enums import Action

from stations.ocpp.kept import Handle, keeper
from stations.ocpp.v16 import (
    authorize,
    boot_notification,
    data_transfer,
    heartbeat,
    meter_values,
    security_event_notification,
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
    Action.diagnostics_status_notification.value: keeper("diagnostics_status"),
    Action.firmware_status_notification.value: keeper("firmware_status"),
    Action.log_status_notification.value: keeper("log_status"),
    Action.security_event_notification.value: security_event_notification.handle,
    Action.sign_certificate.value: keeper("certificate_wanted", status="Rejected"),
    Action.signed_firmware_status_notification.value: keeper("firmware_status"),
}
