"""What is said of faults of a station, its line and its clock."""

from faults.rules.words.phrases import INSPECT, KEEP_AWAY, ON_SITE, RESTART, Words, gettext_noop

WORDS: dict[str, Words] = {
    "F01": Words(
        gettext_noop("Station offline"),
        gettext_noop(
            "Nothing has been heard from the station, and it does not answer. The usual causes are"
            " the mobile network, a router, or lost power at the site."
        ),
        (
            gettext_noop(
                "See if other stations at the site are offline: then it is power or network."
            ),
            gettext_noop("Restart the router or SIM if it can be done from here."),
            gettext_noop("On site: check the breaker, the lamp of the modem and the antenna."),
        ),
    ),
    "F02": Words(
        gettext_noop("Internal error"),
        gettext_noop("The station reports that something inside it has failed."),
        (
            RESTART,
            ON_SITE,
            gettext_noop("Fetch the station's log before you restart it by hand."),
        ),
    ),
    "F04": Words(
        gettext_noop("Too hot inside the station"),
        gettext_noop("The station is too hot and gives less power, or none."),
        (
            gettext_noop(
                "Look for a blocked air inlet, a dirty filter or a fan that stands still."
            ),
            gettext_noop("Lower the power until it is repaired."),
        ),
    ),
    "F05": Words(
        gettext_noop("Error code not yet known"),
        gettext_noop("The station reports a maker's code that we have no words for."),
        (
            gettext_noop("Look the code up in the maker's manual; it is in the evidence below."),
            RESTART,
        ),
    ),
    "F06": Words(
        gettext_noop("Unstable"),
        gettext_noop("It goes out of order and comes back, again and again."),
        (
            gettext_noop("Read which codes come and go in the evidence."),
            RESTART,
            gettext_noop("On site: look for a loose contact, moisture, or a worn plug."),
        ),
    ),
    "F07": Words(
        gettext_noop("Cabinet opened, tilted or flooded"),
        gettext_noop("A sensor says the cabinet was opened, hit, or has water in it."),
        (
            KEEP_AWAY,
            gettext_noop("Find out whether somebody of ours is working there."),
            INSPECT,
        ),
    ),
    "F08": Words(
        gettext_noop("Emergency stop pressed"),
        gettext_noop("Somebody pressed the emergency stop."),
        (
            gettext_noop("Call the site: is anybody in danger?"),
            gettext_noop("Release the button only when you know why it was pressed."),
            INSPECT,
        ),
    ),
    "F17": Words(
        gettext_noop("Weak link"),
        gettext_noop("The station says its signal is weak; messages may be late."),
        (gettext_noop("Check the antenna, or try another operator's SIM."),),
    ),
}
