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
        gettext_noop(
            "The contacts get hotter than they should, so less power must flow."
            " Worn, dirty or loose contacts are the usual cause."
        ),
        (
            gettext_noop("Lower the current until it is repaired."),
            gettext_noop(
                "Feel, with the power off, which contact is hot: look for brown or melted plastic."
            ),
            CABLE,
            gettext_noop("Order a cable if the contacts are discoloured."),
        ),
    ),
    "F21": Words(
        gettext_noop("Cable or plug overheated"),
        gettext_noop(
            "The contacts became so hot that charging had to stop."
            " There is a risk of burns or fire."
        ),
        (
            KEEP_AWAY,
            gettext_noop(
                "Let it cool, then look for melted plastic, soot and loose terminals at both ends."
            ),
            gettext_noop("Change the cable: a plug that has overheated is not used again."),
            INSPECT,
        ),
    ),
    "F22": Words(
        gettext_noop("Contact wear"),
        gettext_noop(
            "The contacts warm more for the same current than when the cable was new:"
            " their resistance grows. It ends in a hot plug if nothing is done."
        ),
        (
            gettext_noop(
                "See in the plot whether it rose slowly (wear) or in one step (damage or dirt)."
            ),
            gettext_noop(
                "Clean the contacts and tighten the cable's terminals inside the station."
            ),
            gettext_noop(
                "Plan a new cable. The baseline starts anew when you register the change."
            ),
        ),
    ),
    "F23": Words(
        gettext_noop("Less power than offered"),
        gettext_noop(
            "Several vehicles get less power than the station offers them,"
            " and its neighbours give what they offer."
        ),
        (
            gettext_noop("See that no old charging limit is left in the station."),
            RESTART,
            gettext_noop("Look at filters and fans: a hot station lowers its power by itself."),
            TEST,
        ),
    ),
    "F24": Words(
        gettext_noop("Power module fault"),
        gettext_noop("One of the station's power modules has failed; it charges more slowly."),
        (
            RESTART,
            gettext_noop("Read in the station's own log which module is missing."),
            gettext_noop("Order the module; the station works on without it."),
        ),
    ),
    "F25": Words(
        gettext_noop("One phase missing"),
        gettext_noop(
            "Vehicles that take three phases get two."
            " A fuse, a contactor or a terminal has failed."
        ),
        (
            gettext_noop(
                "Measure the voltage on every phase, at the supply and behind the contactor."
            ),
            gettext_noop("Look at the fuses and the residual-current device of this outlet."),
            TEST,
        ),
    ),
    "F26": Words(
        gettext_noop("Plug lock or latch"),
        gettext_noop(
            "The plug cannot be locked or released, or its latch is broken. A driver may be"
            " unable to leave."
        ),
        (
            gettext_noop(
                "If a driver is stuck, unlock the connector from here, up to three times."
            ),
            gettext_noop(
                "Tell the driver to unlock the vehicle and press the plug in while you do."
            ),
            CABLE,
            TEST,
        ),
    ),
    "F27": Words(
        gettext_noop("Vehicle and station cannot talk"),
        gettext_noop(
            "The signal between vehicle and station fails with several drivers. The contacts or"
            " wires for the signal in plug or cable are worn, or the plug does not go in fully."
        ),
        (
            gettext_noop("Tell drivers to unplug, wait ten seconds and press the plug in firmly."),
            CABLE,
            gettext_noop("Measure the pilot and proximity wires through the cable."),
            TEST,
        ),
    ),
    "F28": Words(
        gettext_noop("Cable check or insulation fails"),
        gettext_noop(
            "The station's test of the cable or its insulation fails."
            " There may be a risk of electric shock."
        ),
        (
            KEEP_AWAY,
            CABLE,
            gettext_noop("Measure the insulation of the cable, dry and after it was wet."),
            INSPECT,
        ),
    ),
    "F29": Words(
        gettext_noop("Contactor fault"),
        gettext_noop(
            "The switch that turns the output on and off does not do so."
            " The plug may be live though nobody charges."
        ),
        (
            KEEP_AWAY,
            gettext_noop("Measure at the plug that there is no voltage before you touch it."),
            gettext_noop("Change the contactor. A restart does not repair a welded one."),
            INSPECT,
        ),
    ),
    "F30": Words(
        gettext_noop("Ground fault"),
        gettext_noop(
            "The residual-current protection has tripped and stays so, or trips again."
            " There is a risk of electric shock."
        ),
        (
            KEEP_AWAY,
            gettext_noop("See if it was the same vehicle each time: then it may be the vehicle."),
            gettext_noop("Look for water in the plug or the cabinet, and for a damaged cable."),
            gettext_noop("Test the residual-current device before it is switched on again."),
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
            gettext_noop("Measure the voltage on every phase, with and without load."),
            gettext_noop(
                "If the supply is wrong, report it to the grid company with the readings below."
            ),
        ),
    ),
    "F32": Words(
        gettext_noop("Cable cut or torn off"),
        gettext_noop(
            "The charging cable is gone or broken: theft, or a vehicle drove away with it."
            " Its ends may be live."
        ),
        (
            KEEP_AWAY,
            gettext_noop("Call the site or the guard: thieves may be there now."),
            gettext_noop("Report to the police if it was cut, and take photographs."),
            gettext_noop("Look at the other cables of the site, too."),
            INSPECT,
        ),
    ),
    "F34": Words(
        gettext_noop("Meter not believable"),
        gettext_noop(
            "The meter runs backwards, counts more than can have flowed,"
            " or does not agree with its own power, voltage and current."
        ),
        (
            gettext_noop("Hold the invoices of the sessions listed below until it is settled."),
            gettext_noop("Compare with a reference meter during one charge."),
            gettext_noop("If only the rated power is wrong, correct it on the station's page."),
            gettext_noop("A meter that may be billed from is changed by an authorised person."),
        ),
    ),
    "F35": Words(
        gettext_noop("Weak supply connection"),
        gettext_noop(
            "The voltage sinks too much when a vehicle charges:"
            " a terminal in the supply is loose, or the cable to the station is too thin."
        ),
        (
            gettext_noop(
                "Lower the current by a fifth until it is repaired: a loose terminal grows hot."
            ),
            gettext_noop(
                "Look for heat marks, and tighten the terminals at the station"
                " and in the distribution board."
            ),
            gettext_noop("Measure the loop impedance."),
        ),
    ),
}
