"""Makes that must not be asked everything: their quirks are minded while they are set up."""

import pytest
from django.utils import timezone

from stations import quirks
from stations.models import CommissioningStep
from tests.cast import Cast, make_cast
from tests.integration.stations.commissioned import KEYS, Keys, come_online, set_up, step

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    made = make_cast()
    come_online(made.ac_station, vendor="Fragile", model="One")
    return made


def add_quirk(made: Cast, kind: str, value: str) -> None:
    written = {"vendor": "Fragile", "kind": kind, "value": value}
    quirks.add_quirk(
        operator=made.operator, written=written, actor=made.cilla, as_of=timezone.now()
    )


def test_a_make_that_restarts_at_too_many_measurands_is_asked_for_safe_ones_only(
    made: Cast,
) -> None:
    safe = "Energy.Active.Import.Register,Power.Active.Import"
    add_quirk(made, "safe_measurands", safe)
    box = Keys(made.ac_station, {**KEYS, "MeterValuesSampledData": ""})

    set_up(box)

    tried = {
        said["value"]
        for action, said in box.heard
        if action == "ChangeConfiguration" and said["key"] == "MeterValuesSampledData"
    }
    assert tried == {safe}


def test_a_call_its_make_does_not_bear_is_left_out_and_said_so(made: Cast) -> None:
    box = Keys(made.ac_station, KEYS)
    avoided = "ChangeConfiguration is not sent to this make: see its quirks."
    box.answers = {**box.answers, "ChangeConfiguration": lambda _: avoided}

    done = set_up(box)

    assert done.state == "done"
    left_out = step(done, "MeterValuesSampledData")
    assert (left_out.state, left_out.answer) == ("skipped", avoided)
    asked = [action for action, _ in box.heard].count("ChangeConfiguration")
    steps = CommissioningStep.objects.filter(commissioning=done, state="skipped")
    assert asked == steps.exclude(kind="verify").count()
