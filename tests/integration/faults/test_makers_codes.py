"""What a maker's own code stands for: a person writes it down, and the rules obey."""

import pytest

from chargenet.core.models import AuditEntry, Operator
from faults import detection, makers_codes
from faults.makers_codes import CodeRefused
from faults.models import Fault, VendorErrorCode
from faults.queries import vendor_codes
from stations.models import Command, DeviceMonitor
from tests import cast
from tests.cast import Cast
from tests.integration.faults import scene
from tests.integration.faults.scene import NOON, minutes

pytestmark = pytest.mark.django_db


def shown(made: Cast, minute: float, code: str = "E-4711") -> set[tuple[str, int]]:
    """Let a connector report a code, look at its station, and return what fires."""
    scene.say(made.socket, "Faulted", at=NOON + minutes(minute), code="OtherError", vendor=code)
    for later in (0.1, 3):
        detection.examine_station(
            station_id=made.ac_station.pk, as_of=NOON + minutes(minute + later)
        )
    firing = Fault.objects.filter(state="firing")
    return {(one.code, one.severity) for one in firing}


def write(made: Cast, **written: str) -> VendorErrorCode:
    operator = Operator.objects.get(pk=made.ac_station.operator_id)
    return makers_codes.map_code(
        operator=operator, written=written, actor=made.cilla, as_of=NOON + minutes(10)
    )


def test_a_code_nobody_knows_is_listed_with_its_make_until_somebody_says_what_it_means() -> None:
    made = cast.make_cast()
    station = made.ac_station
    station.vendor, station.model, station.is_online = "Elvira", "Post 22", True
    station.ocpp_version = "1.6"
    station.save(update_fields=["vendor", "model", "is_online", "ocpp_version"])
    assert shown(made, 0) == {("F05", 3)}

    (seen,) = vendor_codes.seen_codes(station.operator_id)
    assert (seen.vendor, seen.model, seen.code, seen.times) == ("Elvira", "Post 22", "E-4711", 1)

    write(made, code="e4711", fault="f21", vendor="Elvira")
    assert vendor_codes.seen_codes(station.operator_id) == []
    assert Command.objects.filter(station=station, action="trigger_message").exists()
    assert shown(made, 20) == {("F21", 1)}
    assert AuditEntry.objects.get(action="vendor_code_mapped").details["fault"] == "F21"


def test_the_narrower_of_two_meanings_holds() -> None:
    made = cast.make_cast()
    station = made.ac_station
    station.vendor, station.firmware_version = "Elvira", "2.10"
    station.save(update_fields=["vendor", "firmware_version"])
    write(made, code="E-4711", fault="F33")
    write(made, code="E-4711", fault="F02", vendor="Elvira", severity="S2")
    write(made, code="E-4711", fault="F36", vendor="Elvira", firmware_to="2.9")
    assert shown(made, 0) == {("F02", 2)}


def test_a_code_can_be_said_to_be_no_trouble() -> None:
    made = cast.make_cast()
    write(made, code="E-4711", fault="-")
    # still Faulted, but for a reason that is none
    assert shown(made, 0) == {("F02", 3)}


def test_a_meaning_said_anew_replaces_the_one_before() -> None:
    made = cast.make_cast()
    first, second = (write(made, code="E 4711", fault=fault) for fault in ("F33", "F36"))
    assert first.pk == second.pk
    assert VendorErrorCode.objects.get().fault_code == "F36"


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ({"code": "NoError", "fault": "F21"}, "code"),
        ({"code": "", "fault": "F21"}, "code"),
        ({"code": "x" * 81, "fault": "F21"}, "code"),
        ({"code": "E1", "fault": "F99"}, "fault"),
        ({"code": "E1", "fault": ""}, "fault"),
        ({"code": "E1", "fault": "F21", "severity": "S6"}, "severity"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_the_name_of_its_field(written, field) -> None:
    made = cast.make_cast()
    with pytest.raises(CodeRefused) as refused:
        write(made, **written)
    assert refused.value.field == field


def take(made: Cast, file: bytes) -> int:
    operator = Operator.objects.get(pk=made.ac_station.operator_id)
    return makers_codes.import_codes(operator=operator, file=file, actor=made.cilla, as_of=NOON)


def test_a_file_is_taken_whole_with_commas_or_semicolons() -> None:
    made = cast.make_cast()
    assert take(made, b"\xef\xbb\xbfcode;fault;vendor\r\n17;F21;Elvira\r\n18;-;Elvira\r\n") == 2
    assert take(made, b"Vendor,Code,Fault,Severity\nElvira,17,F20,4\n") == 1
    rows = VendorErrorCode.objects.values_list("code", "fault_code", "severity")
    assert sorted(rows) == [("17", "F20", 4), ("18", "", None)]


def test_of_a_file_with_a_wrong_line_nothing_is_taken() -> None:
    made = cast.make_cast()
    with pytest.raises(CodeRefused) as refused:
        take(made, b"code,fault\n17,F21\n18,F99\n")
    assert (refused.value.field, refused.value.line) == ("fault", 3)
    assert not VendorErrorCode.objects.exists()
    for file in (b"a,b\n1,2\n", b"\xff\xfe", b""):
        with pytest.raises(CodeRefused):
            take(made, file)


def test_an_operators_codes_are_nobody_elses() -> None:
    made = cast.make_cast()
    row = write(made, code="E-4711", fault="F21")
    assert row in VendorErrorCode.objects.visible_to(made.cilla)
    assert row not in VendorErrorCode.objects.visible_to(made.erik)
    other = Operator.objects.exclude(pk=row.operator_id).first()
    assert other is not None
    with pytest.raises(VendorErrorCode.DoesNotExist):
        makers_codes.remove_code(operator=other, code_id=row.pk, actor=made.erik, as_of=NOON)


@pytest.mark.parametrize(("severity", "found"), [(0, ("F24", 1)), (8, ("F24", 5))])
def test_an_event_is_as_serious_as_the_monitor_that_raised_it(severity, found) -> None:
    made = cast.make_cast()
    station = made.ac_station
    DeviceMonitor.objects.create(
        operator_id=station.operator_id,
        station=station,
        number=17,
        component="AcDcConverter",
        variable="Problem",
        kind="Delta",
        value="1",
        severity=severity,
        read_at=NOON,
    )
    scene.report(made.socket, "AcDcConverter", at=NOON, monitor=17)
    detection.examine_station(station_id=station.pk, as_of=NOON + minutes(1))
    fault = Fault.objects.get(code="F24")
    assert (fault.code, fault.severity) == found
