"""States on pages: known words have a mark, unknown ones are never shown as health."""

import pytest

from chargenet.dashboard import vocabulary
from faults.models import Fault, Severity, Ticket
from stations.models import Command, Commissioning, CommissioningStep, Session, Status


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("connector", Status.values),
        ("severity", Severity.values),
        ("ticket", Ticket.State.values),
        ("fault", Fault.State.values),
        ("session", Session.State.values),
        ("command", Command.State.values),
        ("commissioning", Commissioning.State.values),
        ("step", CommissioningStep.State.values),
    ],
)
def test_every_state_a_row_can_have_has_a_mark_of_its_own(kind: str, values: list[object]) -> None:
    unknown = [
        value
        for value in values
        if value != "" and vocabulary.find_mark(kind, value) is vocabulary.UNKNOWN
    ]

    assert unknown == []


def test_a_word_nobody_taught_us_is_unknown() -> None:
    assert vocabulary.find_mark("connector", "Sparkling") is vocabulary.UNKNOWN


def test_a_site_wears_the_worst_state_of_what_it_holds() -> None:
    assert vocabulary.worst(["Available", "Faulted", "Charging"]) == "Faulted"
    assert vocabulary.worst([]) == ""


def test_unknown_is_worse_than_available() -> None:
    assert vocabulary.worst(["Available", ""]) == ""
