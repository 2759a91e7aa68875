import re
from datetime import timedelta

import pytest
from django.utils import timezone

from stations import commissioning, variables
from stations.commissioning import planning
from stations.models import (
    Commissioning,
    ConfigurationTemplate,
    DeviceVariable,
    Station,
    TemplatePlace,
)
from stations.variables import Address
from tests.cast import Cast, make_cast, make_station
from tests.integration.stations.commissioned import KEYS, Keys, come_online, set_up, states

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    made = make_cast()
    come_online(made.ac_station, vendor="Elvira", model="Post 22", firmware_version="3.10.2")
    return made


@pytest.fixture
def template(made: Cast) -> ConfigurationTemplate:
    template = commissioning.create_template(
        operator=made.operator,
        name="Elvira",
        ocpp_version="1.6",
        vendor="elvira",
        firmware=("3.9", "3.11"),
        as_of=timezone.now(),
    )
    for setting, value in (("ConnectionTimeOut", "120"), ("LightIntensity", "50")):
        commissioning.want_value(
            template=template, setting=setting, value=value, needs_reboot=False
        )
    return template


def read(station: Station, key: str, value: str | None) -> None:
    DeviceVariable.objects.create(
        operator_id=station.operator_id,
        station=station,
        variable=key,
        value=value,
        read_at=timezone.now(),
    )


def drift(template: ConfigurationTemplate) -> dict[str, str]:
    stations = list(commissioning.stations_of_template(template))
    found = commissioning.find_drift(template, stations)
    return {f"{each.station.identity} {each.address.variable}": each.state for each in found}


def test_drift_says_what_differs_what_is_right_and_what_nobody_knows(
    made: Cast, template: ConfigurationTemplate
) -> None:
    read(made.ac_station, "ConnectionTimeOut", "60")
    assert drift(template) == {
        "NORD-AC-1 ConnectionTimeOut": "differs",
        "NORD-AC-1 LightIntensity": "unknown",
    }

    DeviceVariable.objects.update(value="120.0")

    assert drift(template)["NORD-AC-1 ConnectionTimeOut"] == "same"


@pytest.mark.parametrize(
    ("firmware", "holds"), [("3.8.9", False), ("3.9.5", True), ("3.11.1", False), ("", False)]
)
def test_a_template_holds_within_its_firmware_only(
    made: Cast, template: ConfigurationTemplate, firmware: str, holds: bool
) -> None:
    Station.objects.filter(pk=made.ac_station.pk).update(firmware_version=firmware)

    assert bool(drift(template)) is holds


def test_pushing_sets_only_what_differs_paced_and_read_back(
    made: Cast, template: ConfigurationTemplate
) -> None:
    other, _ = make_station(made.location, "NORD-AC-2")
    come_online(other, vendor="Elvira", firmware_version="3.10.2")
    for station in (made.ac_station, other):
        read(station, "ConnectionTimeOut", "60")
        read(station, "LightIntensity", "50")
    now = timezone.now()

    begun = commissioning.push_template(
        template=template,
        stations=[made.ac_station, other],
        requested_by=made.cilla,
        as_of=now,
    )

    assert [each.next_at - now for each in begun] == [timedelta(0), timedelta(seconds=2)]
    box = Keys(made.ac_station, {**KEYS, "LightIntensity": "50"})
    box.now = now + timedelta(minutes=1)
    commissioning.advance(commissioning_id=begun[0].pk, as_of=box.now)
    box.settle()
    assert box.values["ConnectionTimeOut"] == "120"
    asked = [action for action, _ in box.heard]
    assert asked == ["ChangeConfiguration", "GetConfiguration"]
    done = Commissioning.objects.get(pk=begun[0].pk)
    assert (done.state, states(done)) == ("done", {"ConnectionTimeOut": "done"})
    assert drift(template)["NORD-AC-1 ConnectionTimeOut"] == "same"


def test_setting_up_takes_the_nearest_template_over_the_general_profile(
    made: Cast, template: ConfigurationTemplate
) -> None:
    near = commissioning.create_template(
        operator=made.operator, name="Hamnen", ocpp_version="1.6", as_of=timezone.now()
    )
    commissioning.want_value(
        template=near, setting="ConnectionTimeOut", value="240", needs_reboot=False
    )
    commissioning.assign_template(template=near, location=made.location, station=None)
    wanted = {each.address.variable: each.value for each in planning.wanted_for(made.ac_station)}
    assert (wanted["ConnectionTimeOut"], wanted["LightIntensity"]) == ("240", "50")

    box = Keys(made.ac_station, {**KEYS, "LightIntensity": "10"})
    set_up(box)

    assert box.values["ConnectionTimeOut"] == "240"
    assert box.values["LightIntensity"] == "50"


def test_a_template_switched_off_or_elsewhere_wants_nothing(
    made: Cast, template: ConfigurationTemplate
) -> None:
    _, dc = made.ac_station, made.dc_station
    TemplatePlace.objects.create(operator=made.operator, template=template, station=dc)
    assert drift(template) == {}
    TemplatePlace.objects.all().delete()
    ConfigurationTemplate.objects.update(is_active=False)

    assert "LightIntensity" not in {
        each.address.variable for each in planning.wanted_for(made.ac_station)
    }


def test_a_password_does_not_belong_into_a_template(template: ConfigurationTemplate) -> None:
    with pytest.raises(commissioning.TemplateRefused):
        commissioning.want_value(
            template=template, setting="AuthorizationKey", value="x", needs_reboot=False
        )


@pytest.mark.parametrize(
    "written",
    [
        "OCPPCommCtrlr.MessageAttempts[TransactionEvent]",
        "TemperatureSensor[Cable](2).Temperature",
        "TxCtrlr.EVConnectionTimeOut",
    ],
)
def test_a_setting_is_read_as_it_is_written(written: str) -> None:
    assert variables.shown_name(variables.read_name(written, "2.0.1")) == written


@pytest.mark.parametrize("written", ["", "NoComponent", "A.B.C", "A[.B"])
def test_nonsense_is_no_setting(written: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(written)}$"):
        variables.read_name(written, "2.0.1")


def test_a_1_6_key_is_taken_whole() -> None:
    assert variables.read_name("vendor.Key[1]", "1.6") == Address("vendor.Key[1]")
