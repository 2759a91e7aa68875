"""A sign of life to somebody outside: silence is what tells them that we are gone."""

import http.client
import logging
import ssl
from datetime import datetime
from typing import Final
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from faults import queries
from faults.rules import own_service

logger = logging.getLogger(__name__)

TIMEOUT_S: Final = 10
DONE: Final = range(200, 300)


def ping_checker(*, as_of: datetime) -> bool:
    """Call the checker while our own service is well; say whether it heard us.

    Whoever cannot reach the database, finds no worker, or is ill, does not call: the checker
    raises the alarm for us, which we could not.
    """
    if not settings.DEADMAN_URL:
        return False
    found = own_service.ills(queries.own_health(as_of), own_service.Thresholds())
    if found:
        logger.critical("no sign of life is sent: our own service is ill evidence=%s", found)
        return False
    try:
        status = _get(urlsplit(settings.DEADMAN_URL))
    except (OSError, http.client.HTTPException) as error:
        logger.warning("the checker was not reached error=%s", error)
        return False
    if status not in DONE:
        logger.warning("the checker refused our sign of life status=%d", status)
    return status in DONE


def _get(address: SplitResult) -> int:
    assert address.hostname is not None, "the setting is read with its host"
    made: http.client.HTTPConnection
    if address.scheme == "https":
        context = ssl.create_default_context()
        made = http.client.HTTPSConnection(
            address.hostname, address.port, timeout=TIMEOUT_S, context=context
        )
    else:
        made = http.client.HTTPConnection(address.hostname, address.port, timeout=TIMEOUT_S)
    try:
        made.request("GET", address._replace(scheme="", netloc="", fragment="").geturl() or "/")
        return made.getresponse().status
    finally:
        made.close()
