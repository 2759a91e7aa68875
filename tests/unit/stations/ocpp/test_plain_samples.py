"""A sample read the short way is the sample read the long way."""

from datetime import UTC, datetime
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st

from stations.ocpp import readings

NOW = datetime(2026, 5, 1, tzinfo=UTC)
UNITS = st.sampled_from(["Wh", "kWh", "W", "kW", "", None, 7])
SAMPLES = st.fixed_dictionaries(
    {"value": st.integers(-5, 10**16) | st.floats() | st.text("0123456789.,- ٣", max_size=12)},
    optional={
        "measurand": st.sampled_from([readings.REGISTER, readings.POWER, "Voltage", None]),
        "unit": UNITS,
        "unitOfMeasure": st.fixed_dictionaries(
            {}, optional={"unit": UNITS, "multiplier": st.integers(-3, 3)}
        ),
        "phase": st.sampled_from(["L1", "L1-N", None]),
        "location": st.sampled_from(["Outlet", "Inlet", "EV"]),
        "context": st.sampled_from(["Sample.Periodic", "Transaction.Begin"]),
        "format": st.sampled_from(["Raw", "SignedData"]),
    },
)


@given(st.lists(SAMPLES, max_size=4))
def test_both_ways_read_the_same(samples):
    values = [{"timestamp": "2026-04-30T12:00:00Z", "sampledValue": samples}]
    short: list[str] = []
    long: list[str] = []

    found = readings.read_meter_values(values, NOW, short)
    with mock.patch.object(readings, "_read_plain", return_value=False):
        expected = readings.read_meter_values(values, NOW, long)

    assert found == expected
    assert short == long
