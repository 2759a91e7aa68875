"""What is said of faults of sites, networks and fleets."""

from faults.rules.words.phrases import Words, gettext_noop

WORDS: dict[str, Words] = {
    "F40": Words(
        gettext_noop("No mains power"),
        gettext_noop("The station has lost its supply."),
        (
            gettext_noop("See if the grid company has an outage."),
            gettext_noop("On site: check the main breaker."),
        ),
    ),
    "F41": Words(
        gettext_noop("Site offline"),
        gettext_noop("The stations of the site went silent together; they share a line."),
        (
            gettext_noop("Restart the router or the SIM, if you can reach it."),
            gettext_noop("Ask the supplier of the line if it has an outage."),
            gettext_noop("On site: see that the router and the switch have power."),
        ),
    ),
    "F42": Words(
        gettext_noop("Network outage"),
        gettext_noop("Stations of many sites went silent together; they share a network."),
        (
            gettext_noop("Ask the mobile operator, or the vendor whose cloud they use."),
            gettext_noop("Send nobody: the stations are most likely well."),
        ),
    ),
    "F43": Words(
        gettext_noop("Our own service does not hear"),
        gettext_noop("Parts of this system are late or away; no station is to blame."),
        (
            gettext_noop("See what is down on the page of the system."),
            gettext_noop("Wait ten minutes after it is back: stations return one by one."),
        ),
    ),
    "F44": Words(
        gettext_noop("Firmware or site limit at fault"),
        gettext_noop(
            "Stations of one model and firmware fail more than others, or power is shared out"
            " wrongly at the site."
        ),
        (
            gettext_noop("Stop the roll-out of this firmware."),
            gettext_noop("Compare with the stations that have another version."),
            gettext_noop("For a site: look at its limits and let them be worked out anew."),
        ),
    ),
}
