"""What is said of faults seen in use, in metering and in payment."""

from faults.rules.words.phrases import CABLE, RESTART, TEST, Words, gettext_noop

WORDS: dict[str, Words] = {
    "F10": Words(
        gettext_noop("Sessions fail"),
        gettext_noop(
            "Drivers plug in and get no or almost no energy, far more often than usual here,"
            " though the station may look healthy."
        ),
        (RESTART, CABLE, TEST),
    ),
    "F33": Words(
        gettext_noop("Meter cannot be read"),
        gettext_noop(
            "The station charges but cannot say how much. Its sessions cannot be billed."
        ),
        (RESTART, gettext_noop("Check the meter's display and its cable.")),
    ),
    "F36": Words(
        gettext_noop("Card reader or screen dead"),
        gettext_noop("Drivers cannot show a card or see the screen. The app may still work."),
        (RESTART, gettext_noop("Try a card yourself.")),
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
}
