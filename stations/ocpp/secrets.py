"""What must not be readable in a log of frames."""

import re

MASK = b'"***"'
# Keys of either version that carry a secret, with the value that follows them.
_SECRETS = re.compile(
    rb'("(?:AuthorizationKey|BasicAuthPassword)"[^{}]{0,200}?"(?:value|attributeValue)"\s*:\s*)'
    rb'"(?:[^"\\]|\\.)*"'
    rb'|("(?:basicAuthPassword|password)"\s*:\s*)"(?:[^"\\]|\\.)*"'
)
_CREDENTIALS = re.compile(rb"([a-z][a-z0-9+.-]*://)[^/@\s\"]+@")


def masked(frame: bytes) -> bytes:
    """Return a frame of ours with passwords, and credentials in addresses, made unreadable."""
    hidden = _SECRETS.sub(lambda m: (m.group(1) or m.group(2)) + MASK, frame)
    return _CREDENTIALS.sub(rb"\1***@", hidden)
