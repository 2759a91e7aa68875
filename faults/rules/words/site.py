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
}
