"""What a fault is called, what is behind it, and what to do first, in plain words.

English here, marked for translation; whoever shows it to a person calls gettext.
"""

from dataclasses import dataclass


def gettext_noop(text: str) -> str:
    """Mark a text for translation and return it as it is."""
    return text


@dataclass(frozen=True, slots=True)
class Words:
    """The plain words of one fault code."""

    name: str
    cause: str
    steps: tuple[str, ...]


_RESTART = gettext_noop("If nobody is charging, restart the station from here.")
_ON_SITE = gettext_noop("If the fault comes back, go there.")
_KEEP_AWAY = gettext_noop("Keep people away and switch the charge point off at the breaker.")
_INSPECT = gettext_noop(
    "Inspect on site before anybody charges again. Only a person may clear this."
)
_CABLE = gettext_noop("Look at the cable and plug: damage, dirt, water, bent pins.")
_TEST = gettext_noop("Do a test charge of two minutes before you close the ticket.")

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
            _RESTART,
            _ON_SITE,
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
            _RESTART,
        ),
    ),
    "F07": Words(
        gettext_noop("Cabinet opened, tilted or flooded"),
        gettext_noop("A sensor says the cabinet was opened, hit, or has water in it."),
        (
            _KEEP_AWAY,
            gettext_noop("Find out whether somebody of ours is working there."),
            _INSPECT,
        ),
    ),
    "F08": Words(
        gettext_noop("Emergency stop pressed"),
        gettext_noop("Somebody pressed the emergency stop."),
        (
            gettext_noop("Call the site: is anybody in danger?"),
            gettext_noop("Release the button only when you know why it was pressed."),
            _INSPECT,
        ),
    ),
    "F10": Words(
        gettext_noop("Sessions fail"),
        gettext_noop(
            "Drivers plug in and get no or almost no energy, far more often than usual here,"
            " though the station may look healthy."
        ),
        (_RESTART, _CABLE, _TEST),
    ),
    "F17": Words(
        gettext_noop("Weak link"),
        gettext_noop("The station says its signal is weak; messages may be late."),
        (gettext_noop("Check the antenna, or try another operator's SIM."),),
    ),
    "F20": Words(
        gettext_noop("Cable or plug hot"),
        gettext_noop("The contacts get hotter than they should, so the power is lowered."),
        (gettext_noop("Lower the current until it is repaired."), _CABLE),
    ),
    "F21": Words(
        gettext_noop("Cable or plug overheated"),
        gettext_noop(
            "The contacts became so hot that charging was stopped."
            " There is a risk of burns or fire."
        ),
        (_KEEP_AWAY, _CABLE, _INSPECT),
    ),
    "F24": Words(
        gettext_noop("Power module fault"),
        gettext_noop("One of the station's power modules has failed; it charges more slowly."),
        (_RESTART, gettext_noop("Order the module; the station works on without it.")),
    ),
    "F26": Words(
        gettext_noop("Plug lock or latch"),
        gettext_noop("The plug cannot be locked or released, or its latch is broken."),
        (
            gettext_noop(
                "If a driver is stuck, unlock the connector from here, up to three times."
            ),
            _CABLE,
            _TEST,
        ),
    ),
    "F27": Words(
        gettext_noop("Vehicle and station cannot talk"),
        gettext_noop(
            "The signal between vehicle and station fails."
            " When it happens with several vehicles, the cable or plug is worn."
        ),
        (_CABLE, _TEST),
    ),
    "F28": Words(
        gettext_noop("Cable check or insulation fails"),
        gettext_noop(
            "The station's test of the cable or its insulation fails."
            " There may be a risk of electric shock."
        ),
        (_KEEP_AWAY, _CABLE, _INSPECT),
    ),
    "F29": Words(
        gettext_noop("Contactor fault"),
        gettext_noop(
            "The switch that turns the output on and off does not do so. The plug may be live."
        ),
        (_KEEP_AWAY, _INSPECT),
    ),
    "F30": Words(
        gettext_noop("Ground fault"),
        gettext_noop(
            "The residual-current protection has tripped. There is a risk of electric shock."
        ),
        (
            _KEEP_AWAY,
            gettext_noop("Look for water in the plug or the cabinet, and for a damaged cable."),
            _INSPECT,
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
            _KEEP_AWAY,
            gettext_noop("Report to the police if it was cut, and take photographs."),
            _INSPECT,
        ),
    ),
    "F33": Words(
        gettext_noop("Meter cannot be read"),
        gettext_noop(
            "The station charges but cannot say how much. Its sessions cannot be billed."
        ),
        (_RESTART, gettext_noop("Check the meter's display and its cable.")),
    ),
    "F36": Words(
        gettext_noop("Card reader or screen dead"),
        gettext_noop("Drivers cannot show a card or see the screen. The app may still work."),
        (_RESTART, gettext_noop("Try a card yourself.")),
    ),
    "F37": Words(
        gettext_noop("Drivers are not let in"),
        gettext_noop("The station cannot check who may charge."),
        (gettext_noop("Clear the station's card cache and send it the list again."),),
    ),
    "F39": Words(
        gettext_noop("A vehicle cannot charge"),
        gettext_noop("The vehicle, not the station, stops the charging."),
        (gettext_noop("Tell the driver; nothing needs to be repaired here."),),
    ),
    "F40": Words(
        gettext_noop("No mains power"),
        gettext_noop("The station has lost its supply."),
        (
            gettext_noop("See if the grid company has an outage."),
            gettext_noop("On site: check the main breaker."),
        ),
    ),
}

_UNKNOWN = Words(
    gettext_noop("Fault"),
    gettext_noop("A rule found something wrong."),
    (gettext_noop("Read the evidence below."),),
)

# What happened to a ticket, by the verb of its note.
CHANGES: dict[str, str] = {
    "open": gettext_noop("Ticket opened"),
    "raise": gettext_noop("Became more serious"),
    "assign": gettext_noop("Assigned"),
    "start_travel": gettext_noop("On the way"),
    "arrive": gettext_noop("On site"),
    "wait": gettext_noop("Waiting"),
    "resolve": gettext_noop("Resolved"),
    "verify": gettext_noop("No longer reported: closed"),
    "close": gettext_noop("Closed"),
    "reopen": gettext_noop("Reopened"),
    "fault_opened": gettext_noop("Found by a rule"),
    "fault_cleared": gettext_noop("No longer reported"),
    "fault_over": gettext_noop("No longer reported; a person must inspect it"),
}


def words_for(code: str) -> Words:
    """Return the plain words of a code."""
    return WORDS.get(code, _UNKNOWN)
