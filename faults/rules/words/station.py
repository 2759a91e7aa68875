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
        gettext_noop(
            "The station says that something inside it failed: a board, its software, its supply."
            " Nobody can charge there until it is well again."
        ),
        (
            gettext_noop("Fetch the station's log before anything is restarted."),
            RESTART,
            ON_SITE,
            gettext_noop(
                "On site: switch it off at the breaker for a minute, then look at the lamps of"
                " its boards."
            ),
        ),
    ),
    "F03": Words(
        gettext_noop("Starts again and again"),
        gettext_noop(
            "The station starts anew many times an hour, though nobody asked it to. The usual"
            " causes are a weak power supply inside, bad firmware or a loose cable."
        ),
        (
            gettext_noop("Do not restart it: that hides the cause."),
            gettext_noop("Fetch its log, and see whether it began with a new firmware version."),
            gettext_noop(
                "On site: measure the low voltage supply under load, and check its plugs."
            ),
        ),
    ),
    "F04": Words(
        gettext_noop("Too hot inside the station"),
        gettext_noop(
            "The cabinet is too hot. The station gives less power, and may switch itself off."
        ),
        (
            gettext_noop(
                "Look for a blocked air inlet, a dirty filter or a fan that stands still."
            ),
            gettext_noop("Lower the power until it is repaired."),
            gettext_noop("See if it is hot only in the sun: then it needs shade, not parts."),
        ),
    ),
    "F05": Words(
        gettext_noop("Error code not yet known"),
        gettext_noop(
            "The station reports a maker's own code that nobody has given a meaning here."
        ),
        (
            gettext_noop("Look the code up in the maker's manual; it is in the evidence below."),
            gettext_noop("Write its meaning down under Makers' codes: next time it is known."),
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
        gettext_noop(
            "A sensor says that the cabinet was opened, hit or tilted, or has water in it, and"
            " nobody of ours is there. Parts inside may be live."
        ),
        (
            KEEP_AWAY,
            gettext_noop("Find out whether somebody of ours is working there."),
            gettext_noop(
                "On site: look for damage and water before you touch it; take photographs."
            ),
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
    "F09": Words(
        gettext_noop("Firmware, log or settings job failed"),
        gettext_noop(
            "The station could not do what it was asked: install firmware, send its log, take a"
            " setting or renew its certificate. Or it began and said nothing more."
        ),
        (
            gettext_noop("Read in the evidence which job it was and what the station said."),
            gettext_noop("Try again at night, when nobody charges and the line is free."),
            gettext_noop(
                "If the file cannot be fetched, check its address and the station's line."
            ),
        ),
    ),
    "F16": Words(
        gettext_noop("Clock wrong"),
        gettext_noop(
            "The station's clock differs from ours, so that the times of its sessions, and what"
            " is billed by them, are wrong."
        ),
        (
            gettext_noop("Send the station the time: a heartbeat does it for most makes."),
            gettext_noop("Check its setting for time servers."),
            gettext_noop("If it forgets the time when it is off, its small battery is empty."),
        ),
    ),
    "F17": Words(
        gettext_noop("Weak link"),
        gettext_noop(
            "The station's line is weak or breaks often. Messages are late, and drivers wait for"
            " the charge to begin."
        ),
        (
            gettext_noop("See if other stations with the same mobile operator have it too."),
            gettext_noop("Check the antenna, or try another operator's SIM."),
            gettext_noop("Ask for shorter pings, so that a broken line is found sooner."),
        ),
    ),
    "F18": Words(
        gettext_noop("Messages lost or unreadable"),
        gettext_noop(
            "Messages of the station are missing in several sessions, or cannot be read. What it"
            " measured in between is not known."
        ),
        (
            gettext_noop("Look at the messages set aside: often one field is wrong in each."),
            gettext_noop("See whether its memory for messages is full, and restart it if so."),
            gettext_noop("Tell the maker, with the messages from the evidence."),
        ),
    ),
    "F19": Words(
        gettext_noop("Security event"),
        gettext_noop(
            "The station reports something that may be an attack, such as a wrong certificate or"
            " firmware with a false signature; or its certificate ends soon."
        ),
        (
            gettext_noop("Read which event it was, and whether somebody of ours caused it."),
            gettext_noop(
                "A false signature or a replayed message: block the station and call whoever is"
                " on duty for security."
            ),
            gettext_noop("A certificate that ends: have the station ask for a new one."),
        ),
    ),
}
