"""A rule that people found wrong more often than right sends nobody out, until it is set anew."""

from datetime import datetime, timedelta

import pytest

from chargenet.core.models import AuditEntry
from faults import detection, queries, tuning
from faults.models import Closing, Fault, Ticket
from faults.queries import precision
from faults.tuning import Where
from tests import cast
from tests.cast import Cast
from tests.integration.faults import scene
from tests.integration.faults.scene import NOON, minutes

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def made() -> Cast:
    return cast.make_cast()


def close(made: Cast, closing: str, count: int, *, code: str = "F36", at: datetime = NOON) -> None:
    """People closed so many tickets of a rule so."""
    first = Ticket.objects.count() + 1
    Ticket.objects.bulk_create(
        Ticket(
            operator=made.operator,
            number=first + number,
            scope_key=f"connector:{made.socket.pk}",
            family="reader",
            code=code,
            severity=3,
            location_id=made.ac_station.location_id,
            state=Ticket.State.CLOSED,
            closing=closing,
            opened_at=at - DAY,
            closed_at=at,
        )
        for number in range(count)
    )


def weigh(made: Cast, at: datetime = NOON) -> frozenset[str]:
    return tuning.weigh_rules(operator_id=made.operator.pk, as_of=at)


def test_precision_counts_what_people_repaired_and_what_they_found_to_be_none(made: Cast) -> None:
    close(made, Closing.VERIFIED, 2)
    close(made, Closing.UNVERIFIED, 1)
    close(made, Closing.NO_FAULT_FOUND, 4)
    close(made, Closing.GONE, 8)
    close(made, Closing.VERIFIED, 5, at=NOON - 91 * DAY)

    found = precision.precision_of(made.operator.pk, NOON)["F36"]

    assert (found.repaired, found.no_fault, found.is_poor) == (3, 4, False)


@pytest.mark.parametrize(
    ("right", "wrong", "is_demoted"), [(24, 26, True), (25, 25, False), (20, 29, False)]
)
def test_a_rule_is_demoted_under_half_after_fifty(
    made: Cast, right: int, wrong: int, is_demoted: bool
) -> None:
    close(made, Closing.VERIFIED, right)
    close(made, Closing.NO_FAULT_FOUND, wrong)
    assert weigh(made) == (frozenset({"F36"}) if is_demoted else frozenset())


def test_a_demoted_rule_still_finds_and_sends_nobody_out(made: Cast) -> None:
    close(made, Closing.NO_FAULT_FOUND, 50)
    weigh(made)
    before = Ticket.objects.count()
    scene.say(made.socket, "Faulted", at=NOON, code="ReaderFailure")

    detection.examine_station(station_id=made.ac_station.pk, as_of=NOON + minutes(5))

    fault = Fault.objects.get(code="F36")
    assert (fault.state, fault.severity, fault.evidence["demoted_from"]) == ("firing", 5, 3)
    assert Ticket.objects.count() == before
    assert not fault.downtimes.exists()


def test_a_danger_is_never_demoted(made: Cast) -> None:
    close(made, Closing.NO_FAULT_FOUND, 50, code="F29")
    assert weigh(made) == {"F29"}
    scene.say(made.socket, "Faulted", at=NOON, code="PowerSwitchFailure")

    detection.examine_station(station_id=made.ac_station.pk, as_of=NOON + minutes(5))

    assert Ticket.objects.exclude(state="closed").get().severity == 1


def test_a_rule_that_is_set_anew_is_weighed_anew(made: Cast) -> None:
    close(made, Closing.NO_FAULT_FOUND, 50)
    weigh(made)
    where = Where(operator_id=made.operator.pk)
    tuning.set_thresholds(
        where=where,
        code="F36",
        values={"fires_after": 600},
        actor_id=made.cilla.pk,
        as_of=NOON + DAY,
    )

    assert weigh(made, NOON + 2 * DAY) == frozenset()
    assert queries.tuning_of(made.operator.pk, None, "").demoted == frozenset()
    deeds = AuditEntry.objects.filter(action__in=("rule.demote", "rule.promote")).order_by("pk")
    assert list(deeds.values_list("action", flat=True)) == ["rule.demote", "rule.promote"]


def test_a_demotion_ends_when_no_ticket_of_before_it_counts(made: Cast) -> None:
    close(made, Closing.NO_FAULT_FOUND, 50)
    weigh(made)
    assert weigh(made, NOON + 89 * DAY) == {"F36"}
    assert weigh(made, NOON + 90 * DAY) == frozenset()
