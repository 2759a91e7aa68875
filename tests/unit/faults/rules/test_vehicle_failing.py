from faults.rules.facts import TokenElsewhere
from faults.rules.protocol import Clear, Firing, Result, State
from faults.rules.vehicle_failing import Thresholds, check
from tests.unit.faults.rules.scene import at, session, sign, snapshot

LIMITS = Thresholds()
EVERYWHERE = {"anna": TokenElsewhere(failed_stations=2)}
DAY = 24 * 60


def ask(minutes: float, *sessions, state: State | None = None, **known) -> Result:
    return check(snapshot(minutes, sessions=sessions, **known), LIMITS, state or {})


def test_a_vehicle_that_fails_here_and_at_two_other_stations_is_named() -> None:
    result = ask(1, session(0, token="anna"), tokens_elsewhere=EVERYWHERE)

    assert isinstance(result, Firing)
    assert (result.severity, result.attribution) == (5, "vehicle")
    assert not result.is_down
    assert result.evidence["failures"][0]["token"] == "anna"


def test_one_that_fails_at_one_other_station_may_be_unlucky() -> None:
    once = {"anna": TokenElsewhere(failed_stations=1)}

    assert isinstance(ask(1, session(0, token="anna"), tokens_elsewhere=once), Clear)


def test_where_others_fail_as_much_it_is_not_the_vehicle() -> None:
    others = [session(-20, token="bo"), session(-10, token="cilla")]

    mixed = ask(1, *others, session(0, token="anna"), tokens_elsewhere=EVERYWHERE)
    assert isinstance(mixed, Clear)


def test_it_is_over_when_the_vehicle_charges_or_after_a_day() -> None:
    named = ask(1, session(0, token="anna"), tokens_elsewhere=EVERYWHERE)
    assert isinstance(named, Firing)
    assert named.check_at == at(DAY)

    assert isinstance(ask(60, session(50, 9_000, token="anna"), state=named.state), Clear)
    assert isinstance(ask(DAY - 1, state=named.state), Firing)
    assert isinstance(ask(DAY + 1, state=named.state), Clear)


def test_nobody_is_named_where_no_token_is_known() -> None:
    assert isinstance(ask(1, session(0), tokens_elsewhere=EVERYWHERE), Clear)


def test_the_station_s_own_word_is_taken_at_either_place() -> None:
    told = (sign(0, "Faulted", "OtherError", vendor_error_code="CX010"),)

    assert isinstance(ask(1, signs=told, statuses={7: "Faulted"}), Firing)
    alone = (sign(0, "Faulted", "OtherError", vendor_error_code="CX010"),)
    assert isinstance(ask(1, signs=alone, subject=None, statuses={None: "Faulted"}), Firing)
