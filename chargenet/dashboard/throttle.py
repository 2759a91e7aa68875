"""How often somebody may fail to sign in, guess a code, or report: by address and by name."""

import hashlib
import logging

from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

WINDOW_S = 60
# One name from one address, one address, one name from everywhere. Only failures count, and the
# last is generous: whoever guesses at a name must not keep its owner out for long.
MOST_PAIR, MOST_ADDRESS, MOST_NAME = 5, 30, 50


def is_full(*, name: str, address: str) -> bool:
    """Say whether a further attempt is not even looked at. Without the cache nobody is stopped."""
    limits = _limits(name, address)
    try:
        seen = cache.get_many(limits)
    except RedisError as error:
        logger.warning("sign-in not counted, cache away error=%s", error)
        return False
    return any(int(seen.get(key, 0)) >= most for key, most in limits.items())


def note_failure(*, name: str, address: str) -> None:
    """Count one failure; a count ends a minute after its first."""
    try:
        for key in _limits(name, address):
            if not cache.add(key, 1, WINDOW_S):
                cache.incr(key)
    except (RedisError, ValueError) as error:
        # ValueError: the count ended between the two lines
        logger.info("sign-in not counted error=%s", error)


def _limits(name: str, address: str) -> dict[str, int]:
    """Return the counts an attempt belongs to, and how far each may go."""
    who = hashlib.sha256(name.strip().lower().encode()).hexdigest()[:32]
    return {
        f"sign-in:{who}:{address}": MOST_PAIR,
        f"sign-in::{address}": MOST_ADDRESS,
        f"sign-in:{who}:": MOST_NAME,
    }


def is_over(deed: str, *, address: str, most: int, within_s: int, what: str = "") -> bool:
    """Count one deed of an address; say whether it was one too many. Without the cache none is.

    The same thing done again, where `what` names it, is the same deed.
    """
    key = f"deed:{deed}:{address}"
    try:
        if what and not cache.add(f"{key}:{what}", 1, within_s):
            return int(cache.get(key, 0)) > most
        if cache.add(key, 1, within_s):
            return most < 1
        return int(cache.incr(key)) > most
    except (RedisError, ValueError) as error:
        logger.info("deed not counted deed=%s error=%s", deed, error)
        return False
