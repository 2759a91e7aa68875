"""What we read where OCPI is silent, contradictory or wrong, and the test that shows it."""

from dataclasses import dataclass

_PUBLISHED = "tests/vectors/tariffs/test_published_tariffs.py"
_PRICE = "tests/unit/billing/test_price.py"
_STEPS = "tests/unit/billing/test_price_steps_and_limits.py"
_OWN = "tests/unit/billing/test_ambiguities.py"
_READING = "tests/unit/billing/test_reading.py"
_STATION = "tests/unit/billing/test_station_tariff.py"
_EXAMPLES = f"{_PUBLISHED}:test_a_published_example_costs_what_it_says"


@dataclass(frozen=True)
class Decision:
    """One place where the text does not decide: what we do, and which tests show it."""

    topic: str
    decision: str
    tests: tuple[str, ...]


DECISIONS = {
    "A1": Decision(
        "The complex tariff on a Saturday",
        "The element says 1.25 an hour, the printed table reckons with 1.20: 12.375 and 13.975.",
        (_EXAMPLES,),
    ),
    "A2": Decision(
        "20.45 kWh in steps of 0.5 kWh",
        "20.5 kWh are billed: 5.625 and 6.2375. The 2.3.0 table forgot the step.",
        (f"{_OWN}:test_a_step_of_half_a_kwh_bills_20_and_a_half_for_20_45",),
    ),
    "A3": Decision(
        "A switch to an hour without a price",
        "Hours that nothing prices are free, so the step is that of the last price: 0.73.",
        (_EXAMPLES,),
    ),
    "A4": Decision(
        "How often a step is taken",
        "Once for energy. Once for time: of parking if any was priced, else of charging. What it"
        " adds costs what the last stretch cost.",
        (
            f"{_STEPS}:test_a_step_is_taken_once_at_the_last_price",
            f"{_STEPS}:test_priced_parking_is_rounded_instead_of_the_charging_time",
        ),
    ),
    "A5": Decision(
        "The hour that comes twice, and the one that never comes",
        "A restriction follows the clock on the wall at that instant: it holds in both hours, or"
        " in none. Our own hourly prices are slots in UTC and know no such night.",
        (
            f"{_PRICE}:test_both_nights_of_the_clock_change_follow_the_wall",
            f"{_PRICE}:test_a_bound_inside_the_missing_hour_holds_from_the_jump",
        ),
    ),
    "A6": Decision(
        "00:00 as an end, and an end that is the start",
        "00:00 ends the day and does not reach into the next. The same twice is a whole day.",
        (f"{_PRICE}:test_midnight_as_an_end_is_the_end_of_the_day",),
    ),
    "A7": Decision(
        "Dates together with times",
        "Between the times on each of the days; not one long stretch.",
        (f"{_OWN}:test_dates_and_times_hold_on_every_day_of_the_dates_between_the_times",),
    ),
    "A8": Decision(
        "A weekday with a window over midnight",
        "The weekday is asked of the instant: Saturday's small hours and late evening.",
        (f"{_OWN}:test_a_weekday_is_that_of_the_instant_even_in_a_window_over_midnight",),
    ),
    "A9": Decision(
        "min_duration and parking",
        "Seconds since the session began. OCPI has no grace after charging; our idle fee has, and"
        " the linter warns of the attempt.",
        (
            f"{_OWN}:test_a_duration_counts_from_the_session_also_for_parking",
            "tests/unit/billing/test_lint.py:test_a_grace_by_duration_is_a_trap",
        ),
    ),
    "A10": Decision(
        "Durations and a reservation",
        "The time reserved does not count.",
        (f"{_PRICE}:test_a_duration_counts_from_the_session_not_from_its_reservation",),
    ),
    "A11": Decision(
        "What parking is",
        "The vehicle asks for nothing. While the charger, the grid, our own smart charging or a"
        " cable that is not let go holds it, it is not parking.",
        ("tests/unit/billing/test_held_back.py:test_time_held_back_is_never_parking",),
    ),
    "A12": Decision(
        "A threshold of energy within a period",
        "The period is cut at the exact energy, on a straight line between two readings; from min,"
        " up to but without max.",
        (f"{_PRICE}:test_thresholds_of_energy_and_time_split_exactly",),
    ),
    "A13": Decision(
        "A restriction on what nobody measured",
        "The cheapest price that may hold, and a warning that says what was not measured.",
        (f"{_PRICE}:test_what_nobody_measured_is_priced_at_the_cheapest_and_said",),
    ),
    "A14": Decision(
        "max_price and the parts of a price",
        "Each side has its own limit. What it takes is spread over the lines in proportion.",
        (f"{_STEPS}:test_limits_hold_each_side_on_its_own_and_lines_sum_to_them",),
    ),
    "A15": Decision(
        "A fee in several elements",
        "Once a session, the first that holds; once more for a reservation.",
        (f"{_OWN}:test_a_fee_in_several_elements_is_charged_once_the_first_that_holds",),
    ),
    "A16": Decision(
        "Hours with four decimals and a step",
        "Steps are taken of seconds and Wh. A CDR's hours are used only where it says no seconds.",
        (f"{_OWN}:test_seconds_are_stepped_and_not_the_four_decimals_of_an_hour",),
    ),
    "A17": Decision(
        "min_price where nothing was delivered",
        "No energy, no fee and no minimum; parking is billed. An operator may say otherwise.",
        (f"{_STEPS}:test_no_energy_means_no_fee_and_no_minimum",),
    ),
    "A18": Decision(
        "A period that begins before its session",
        "Cut to the session, and said.",
        (f"{_READING}:test_periods_out_of_order_or_outside_are_put_right_and_said",),
    ),
    "A19": Decision(
        "No vat, and a vat of 0",
        "No vat is no tax: both sides are the same. Where 2.3.0 says that prices hold a tax and"
        " names none, the side without it is unknown and printed as null.",
        (f"{_STEPS}:test_tax_is_added_taken_out_or_not_there",),
    ),
    "A20": Decision(
        "A tariff that changes during a session",
        "The one that held at its start holds to its end.",
        (f"{_OWN}:test_the_tariff_of_the_start_holds_to_the_end_of_the_session",),
    ),
    "A21": Decision(
        "OCPP 2.1 reckons otherwise",
        "Prices an hour become prices a minute, and what OCPP 2.1 has no words for, such as steps,"
        " is not sent to a station at all.",
        (
            f"{_STATION}:test_energy_time_idling_and_a_fee_are_each_said_where_they_belong",
            f"{_STATION}:test_what_has_no_exact_words_is_refused_by_name",
        ),
    ),
}
