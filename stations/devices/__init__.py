"""What a station says it is made of and set to, and what we ask of it."""

from stations.devices.answers import (
    take_change,
    take_configuration,
    take_monitoring_choice,
    take_variables,
    take_variables_set,
)
from stations.devices.asking import ChangeRefused, change_setting, read_again
from stations.devices.monitors import (
    clear_monitor,
    take_cleared,
    take_monitoring,
    take_monitoring_report,
)
from stations.devices.reports import take_report

__all__ = [
    "ChangeRefused",
    "change_setting",
    "clear_monitor",
    "read_again",
    "take_change",
    "take_cleared",
    "take_configuration",
    "take_monitoring",
    "take_monitoring_choice",
    "take_monitoring_report",
    "take_report",
    "take_variables",
    "take_variables_set",
]
