"""OCPP 2.1: everything 2.0.1 says, and what 2.1 adds."""

from ocpp.v21.enums import Action

from stations.ocpp import v201
from stations.ocpp.kept import Handle
from stations.ocpp.v21 import (
    battery_swap,
    close_periodic_event_stream,
    get_certificate_chain_status,
    notify_der_alarm,
    notify_der_start_stop,
    notify_periodic_event_stream,
    notify_priority_charging,
    notify_settlement,
    open_periodic_event_stream,
    pull_dynamic_schedule_update,
    report_der_control,
    vat_number_validation,
)

ROUTES: dict[str, Handle] = {
    **v201.ROUTES,
    Action.battery_swap.value: battery_swap.handle,
    Action.close_periodic_event_stream.value: close_periodic_event_stream.handle,
    Action.get_certificate_chain_status.value: get_certificate_chain_status.handle,
    Action.notify_der_alarm.value: notify_der_alarm.handle,
    Action.notify_der_start_stop.value: notify_der_start_stop.handle,
    # The library does not name the one message that is never answered.
    "NotifyPeriodicEventStream": notify_periodic_event_stream.handle,
    Action.notify_priority_charging.value: notify_priority_charging.handle,
    Action.notify_settlement.value: notify_settlement.handle,
    Action.open_periodic_event_stream.value: open_periodic_event_stream.handle,
    Action.pull_dynamic_schedule_update.value: pull_dynamic_schedule_update.handle,
    Action.report_der_control.value: report_der_control.handle,
    Action.vat_number_validation.value: vat_number_validation.handle,
}
