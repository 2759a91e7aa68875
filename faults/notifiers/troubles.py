"""Why a machine could not be told: kept in English, read in the reader's own words."""

import http.client
import ssl
from typing import Final

from django.utils.translation import gettext, gettext_noop

SWITCHED_OFF: Final = gettext_noop("This way out was switched off")
NO_ADDRESS: Final = gettext_noop("That is not an address")
NOT_HTTPS: Final = gettext_noop("Only https addresses without a user name are called")
NO_PORT: Final = gettext_noop("That is not a port")
ODD_SIGNS: Final = gettext_noop("An address is written in plain signs, others as %XX")
NOT_PUBLIC: Final = gettext_noop("The address is not a public one")
NO_HOST: Final = gettext_noop("There is no such host")
NOBODY_KNOWS: Final = gettext_noop("Nobody said in time where the host is")
SEAL_BROKEN: Final = gettext_noop("Its secret cannot be read any more, add it anew")
NO_ANSWER: Final = gettext_noop("No answer in time")
NOT_TRUSTED: Final = gettext_noop("Its certificate is not trusted")
REFUSES: Final = gettext_noop("It takes no connections")
NOT_SECURE: Final = gettext_noop("No secure connection came about")
HUNG_UP: Final = gettext_noop("It hung up before it answered")
NO_HTTP: Final = gettext_noop("What it answered is not HTTP")
NOT_REACHED: Final = gettext_noop("It cannot be reached")

# The nearest kind first.
_BY_ERROR: Final[tuple[tuple[type[Exception], str], ...]] = (
    (TimeoutError, NO_ANSWER),
    (ssl.SSLCertVerificationError, NOT_TRUSTED),
    (ConnectionRefusedError, REFUSES),
    (ConnectionError, HUNG_UP),
    (ssl.SSLError, NOT_SECURE),
    (http.client.HTTPException, NO_HTTP),
)
_KNOWN: Final = frozenset(
    {
        *(SWITCHED_OFF, NO_ADDRESS, NOT_HTTPS, NO_PORT, ODD_SIGNS, NOT_PUBLIC, NO_HOST),
        *(NOBODY_KNOWS, SEAL_BROKEN, NOT_REACHED),
        *(words for _, words in _BY_ERROR),
    }
)


def told(error: Exception) -> str:
    """Return why a talk came to nothing, and what the machine's own words for it are."""
    words = next((words for kind, words in _BY_ERROR if isinstance(error, kind)), NOT_REACHED)
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{words}: {error.verify_message}"
    has_more = words in {NOT_REACHED, NOT_SECURE, NO_HTTP} and str(error)
    return f"{words}: {error}" if has_more else words


def worded(text: str) -> str:
    """Return a kept reason in the reader's language; what a machine said stays as it is."""
    words, colon, more = text.partition(": ")
    return gettext(words) + colon + more if words in _KNOWN else text
