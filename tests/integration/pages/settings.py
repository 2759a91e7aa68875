"""One setting, one monitor and one round of setting up, for pages to show."""

from datetime import UTC, datetime

from chargenet.core.models import Operator, User
from stations.models import (
    Commissioning,
    CommissioningStep,
    ConfigurationTemplate,
    ConnectorSignal,
    DeviceMonitor,
    DeviceVariable,
    Station,
    StationImport,
    StationImportRow,
    TemplateValue,
)
from stations.variables import Address

READ_AT = datetime(2026, 10, 5, 10, tzinfo=UTC)


def make_settings(station: Station, value: str = "300") -> None:
    """Let a station have told one setting, watch one part, and have been set up."""
    address = Address("HeartbeatInterval")
    DeviceVariable.objects.create(
        operator=station.operator,
        station=station,
        **address.as_json(),
        value=value,
        mutability="ReadWrite",
        read_at=READ_AT,
    )
    DeviceMonitor.objects.create(
        operator=station.operator,
        station=station,
        number=4,
        component="TemperatureSensor",
        variable="Temperature",
        kind="UpperThreshold",
        value="80",
        severity=4,
        read_at=READ_AT,
    )
    done = Commissioning.objects.create(
        operator=station.operator,
        station=station,
        reason="first",
        state="done",
        began_at=READ_AT,
        next_at=READ_AT,
        finished_at=READ_AT,
        risks=["few_attempts"],
    )
    CommissioningStep.objects.create(
        operator=station.operator,
        commissioning=done,
        position=1,
        kind="set",
        state="refused",
        target=address.as_json(),
        wanted="300",
        found=value,
        answer="ReadOnly",
        rule={"low": 300, "high": 900},
    )
    for connector in station.connectors.all():
        ConnectorSignal.objects.create(
            operator=station.operator,
            connector=connector,
            signal="energy",
            seen_at=READ_AT,
            looked_at=READ_AT,
        )


def make_list(user: User, operator: Operator, name: str) -> None:
    """Let somebody have brought a list with one line that is wrong."""
    order = StationImport.objects.create(
        operator=operator, created_by=user, created_at=READ_AT, name=name
    )
    StationImportRow.objects.create(
        operator=operator, order=order, line=2, plan={"identity": "A:B"}, error="identity"
    )


def make_template(operator: Operator, name: str) -> ConfigurationTemplate:
    """Let an operator want one setting of all its 1.6 stations."""
    template = ConfigurationTemplate.objects.create(
        operator=operator, name=name, ocpp_version="1.6", created_at=READ_AT
    )
    TemplateValue.objects.create(
        operator=operator, template=template, variable="HeartbeatInterval", value="900"
    )
    return template
