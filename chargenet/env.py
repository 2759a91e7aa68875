"""Typed readers of the environment, loud on nonsense."""

import ipaddress
import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
# Loopback, and what no router of the internet carries (RFC 1918, RFC 4193).
PRIVATE_NETWORKS = [
    *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7"),
]
FALSE = {"0", "false", "no", "off", ""}


def env_str(name: str, default: str = "") -> str:
    """Return a text setting, stripped."""
    return os.environ.get(name, default).strip()


def env_bool(name: str, *, default: bool) -> bool:
    """Return a switch; raises ImproperlyConfigured on anything but 1/0, yes/no, true/false."""
    raw = os.environ.get(name)
    if raw is None:
        return default
    word = raw.strip().lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={raw!r} is no switch. Set it to 1 or 0.")


def env_int(name: str, default: int) -> int:
    """Return a whole number; raises ImproperlyConfigured on anything else."""
    raw = os.environ.get(name)
    if raw is None or not raw.strip():
        return default
    try:
        return int(raw)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={raw!r} is no whole number.") from error


def env_list(name: str, default: list[str]) -> list[str]:
    """Return a comma-separated list without empty parts."""
    raw = os.environ.get(name)
    if raw is None:
        return default
    return [part.strip() for part in raw.split(",") if part.strip()]


def check_networks(name: str, networks: list[str]) -> None:
    """Raise ImproperlyConfigured unless each is an address, a network or the word unix."""
    for network in networks:
        try:
            _ = network == "unix" or ipaddress.ip_network(network)
        except ValueError as error:
            raise ImproperlyConfigured(f"{name}={network!r} is no network: {error}.") from error


def env_secret(name: str) -> str:
    """Return a secret from NAME or from the file named by NAME_FILE, or an empty text."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE={path!r} cannot be read: {error}") from error
    return os.environ.get(name, "").strip()


def env_address(name: str) -> str:
    """Return an http address, which may hold a secret, or nothing; raises ImproperlyConfigured."""
    url = env_secret(name)
    try:
        parts = urlsplit(url)
        is_fit = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_fit = False
    if url and not is_fit:
        raise ImproperlyConfigured(f"{name} is no http address.")
    return url


def database_from_url(url: str, role: str) -> dict[str, object]:
    """Return Django's database settings for a postgresql:// address, acting as one database role.

    An empty role keeps the login's own rights. Raises ImproperlyConfigured for other schemes.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            f"DATABASE_URL has the scheme {parts.scheme!r}. "
            "ChargeNet runs on PostgreSQL only: use postgresql://USER:PASSWORD@HOST:PORT/NAME."
        )
    options: dict[str, object] = dict(parse_qsl(parts.query))
    host = str(options.pop("host", "") or parts.hostname or "")
    if role:
        options["options"] = f"-c role={role}"
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(options.pop("port", "") or parts.port or ""),
        "OPTIONS": options,
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": 0,
    }
