"""What is said of faults of cable, plug and power path."""

from faults.rules.words.phrases import (
    CABLE,
    INSPECT,
    KEEP_AWAY,
    RESTART,
    TEST,
    Words,
    gettext_noop,
)

WORDS: dict[str, Words] = {
    "F20": Words(
        gettext_noop("Cable or plug hot"),
        gettext_noop("The contacts get hotter than they should, so the power is lowered."),
        (gettext_noop("Lower the current until it is repaired."), CABLE),
    ),
    "F21": Words(
        gettext_noop("Cable or plug overheated"),
        gettext_noop(
            "The contacts became so hot that charging was stopped."
            " There is a risk of burns or fire."
        ),
        (KEEP_AWAY, CABLE, INSPECT),
    ),
    "F24": Words(
        gettext_noop("Power module fault"),
        gettext_noop("One of the station's power modules has failed; it charges more slowly."),
        (RESTART, gettext_noop("Order the module; the station works on without it.")),
    ),
    "F26": Words(
        gettext_noop("Plug lock or latch"),
        gettext_noop("The plug cannot be locked or released, or its latch is broken."),
        (
            gettext_noop(
                "If a driver is stuck, unlock the connector from here, up to three times."
            ),
            CABLE,
            TEST,
        ),
    ),
    "F27": Words(
        gettext_noop("Vehicle and station cannot talk"),
        gettext_noop(
            "The signal between vehicle and station fails."
            " When it happens with several vehicles, the cable or plug is worn."
        ),
        (CABLE, TEST),
    ),
    "F28": Words(
        gettext_noop("Cable check or insulation fails"),
        gettext_noop(
            "The station's test of the cable or its insulation fails."
            " There may be a risk of electric shock."
        ),
        (KEEP_AWAY, CABLE, INSPECT),
    ),
    "F29": Words(
        gettext_noop("Contactor fault"),
        gettext_noop(
            "The switch that turns the output on and off does not do so. The plug may be live."
        ),
        (KEEP_AWAY, INSPECT),
    ),
    "F30": Words(
        gettext_noop("Ground fault"),
        gettext_noop(
            "The residual-current protection has tripped. There is a risk of electric shock."
        ),
        (
            KEEP_AWAY,
            gettext_noop("Look for water in the plug or the cabinet, and for a damaged cable."),
            INSPECT,
        ),
    ),
    "F31": Words(
        gettext_noop("Wrong current or voltage"),
        gettext_noop("The current is too high, or the voltage is too high or too low."),
        (
            gettext_noop(
                "See if other stations at the site report the same: then it is the supply."
            ),
            gettext_noop("Measure the voltage on every phase."),
        ),
    ),
    "F32": Words(
        gettext_noop("Cable cut or torn off"),
        gettext_noop(
            "The charging cable is gone or broken: theft, or a vehicle drove away with it."
        ),
        (
            KEEP_AWAY,
            gettext_noop("Report to the police if it was cut, and take photographs."),
            INSPECT,
        ),
    ),
}
