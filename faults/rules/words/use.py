"""What is said of faults seen in use, in metering and in payment."""

from faults.rules.words.phrases import CABLE, ON_SITE, RESTART, TEST, Words, gettext_noop

READER = gettext_noop("Try a card yourself.")
STATE = gettext_noop("Ask the station for its state from here.")
UNPLUG = gettext_noop(
    "Ask the driver to unplug, or unlock the plug from here if no cable is in it."
)

WORDS: dict[str, Words] = {
    "F10": Words(
        gettext_noop("Sessions fail"),
        gettext_noop(
            "Drivers plug in and get no or almost no energy, far more often than usual here,"
            " though the station may look healthy."
        ),
        (RESTART, CABLE, TEST),
    ),
    "F11": Words(
        gettext_noop("Nobody charges here any more"),
        gettext_noop(
            "The charge point says it is free, but has been unused for longer than chance"
            " explains, while drivers use the ones beside it."
        ),
        (
            STATE,
            RESTART,
            gettext_noop("Go there: is it blocked, unlit, unmarked, or does it refuse to start?"),
            gettext_noop(
                "Where a whole site is silent: is the way to it open, is it signposted,"
                " and do the apps list it?"
            ),
            TEST,
        ),
    ),
    "F12": Words(
        gettext_noop("Readings come irregularly"),
        gettext_noop(
            "The station sends its meter readings at less even intervals than it used to."
            " On trial: it may foretell a fault, and opens no ticket."
        ),
        (gettext_noop("Nothing to do yet; look whether other faults follow."),),
    ),
    "F13": Words(
        gettext_noop("Does not pass the nightly test"),
        gettext_noop(
            "Asked at night for its state, its settings and to open its lock, the station did not"
            " do what it was asked, two nights in a row."
        ),
        (STATE, RESTART, ON_SITE, TEST),
    ),
    "F14": Words(
        gettext_noop("Plugged in, but charging does not start"),
        gettext_noop(
            "A vehicle is connected and waits, and no charging begins. When it happens to one"
            " driver it is often a matter of payment or card; to several, the charge point's."
        ),
        (
            gettext_noop("Help the driver to start: by the app, or from here."),
            STATE,
            gettext_noop("If no cable is in it and it still waits, unlock it and restart it."),
        ),
    ),
    "F15": Words(
        gettext_noop("Charging never ends"),
        gettext_noop(
            "A session goes on though nothing is charged any more, or the charge point does not"
            " become free after it."
        ),
        (
            gettext_noop("Stop the session from here."),
            UNPLUG,
            RESTART,
            gettext_noop("Check what the session is billed."),
        ),
    ),
    "F33": Words(
        gettext_noop("Meter cannot be read"),
        gettext_noop(
            "The station charges but cannot say how much. Its sessions cannot be billed."
        ),
        (
            gettext_noop("Hold the invoices of these sessions until the meter is read again."),
            RESTART,
            gettext_noop("Check the meter's display and its cable."),
        ),
    ),
    "F36": Words(
        gettext_noop("Card reader or screen dead"),
        gettext_noop("Drivers cannot show a card or see the screen. The app may still work."),
        (RESTART, READER),
    ),
    "F37": Words(
        gettext_noop("Drivers are not let in"),
        gettext_noop("The station cannot check who may charge."),
        (gettext_noop("Clear the station's card cache and send it the list again."), READER),
    ),
    "F38": Words(
        gettext_noop("Payment fails"),
        gettext_noop(
            "Far more payments than usual are declined or get no answer here, or what was charged"
            " could not be collected afterwards."
        ),
        (
            gettext_noop("Look at the payment provider's status page."),
            gettext_noop("Restart the payment terminal and try a card of your own."),
            gettext_noop("Check that the payments of delivered sessions are collected later."),
        ),
    ),
    "F39": Words(
        gettext_noop("A vehicle cannot charge"),
        gettext_noop("The vehicle, not the station, stops the charging."),
        (gettext_noop("Tell the driver; nothing needs to be repaired here."),),
    ),
}
