"""A web process on a test network and a browser to look at it with."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.pages.scene import PASSWORD, Scene

ROOT = Path(__file__).parents[3]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
STARTS_WITHIN_S = 60
WIDTHS = {"desk": 1440, "phone": 390}


@dataclass
class Site:
    """Where the pages are, and who and what they show."""

    url: str
    scene: Scene


@dataclass
class Watched:
    """A page, and everything in it that went wrong."""

    page: Page
    troubles: list[str] = field(default_factory=list)


@contextmanager
def running_web(scene: Scene) -> Iterator[Site]:
    """Serve the test database as the web process does: as its own, walled database role."""
    port = _free_port()
    environment = os.environ | {
        "CHARGENET_DB_ROLE": "web",
        "DATABASE_URL": _database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "DEBUG": "1",
    }
    command = [sys.executable, "-m", "uvicorn", "chargenet.asgi:application"]
    server = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"],
        cwd=ROOT,
        env=environment,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _await_answer(server, f"{url}/sign-in/")
        yield Site(url, scene)
    finally:
        server.terminate()
        server.wait(timeout=20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _database_url() -> str:
    known = connection.settings_dict
    login = quote(str(known["USER"]), safe="")
    if known["PASSWORD"]:
        login += ":" + quote(str(known["PASSWORD"]), safe="")
    place = f"host={quote(str(known['HOST']), safe='')}&port={known['PORT']}"
    return f"postgresql://{login}@/{quote(str(known['NAME']), safe='')}?{place}"


def _await_answer(server: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        assert server.poll() is None, "the web process ended at its start"
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except (URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"the web process did not answer within {STARTS_WITHIN_S} s")


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Start the machine's own Chromium; skip plainly where there is none."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium or Chrome on this machine: apt install chromium")
    # Playwright keeps an event loop on this thread; our own queries are as synchronous as ever.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@contextmanager
def visit(
    browser: Browser,
    site: Site,
    *,
    person: str = "",
    width: str = "desk",
    theme: str = "light",
    language: str = "sv",
) -> Iterator[Watched]:
    """Open a browser as a person, at a width, in a theme and a language."""
    context = browser.new_context(
        base_url=site.url,
        viewport={"width": WIDTHS[width], "height": 900},
        color_scheme="dark" if theme == "dark" else "light",
        locale=language,
    )
    context.set_default_timeout(20_000)
    page = context.new_page()
    watched = Watched(page)
    _watch(watched)
    try:
        if person:
            sign_in(page, person)
        yield watched
    finally:
        context.close()


def _watch(watched: Watched) -> None:
    troubles = watched.troubles
    page = watched.page
    page.on(
        "console",
        lambda message: (
            troubles.append(f"{message.type}: {message.text}")
            if message.type in {"error", "warning"}
            else None
        ),
    )
    page.on("pageerror", lambda error: troubles.append(f"script: {error}"))
    page.on(
        "response",
        lambda answer: (
            troubles.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None
        ),
    )
    page.on(
        "request",
        lambda asked: (
            None
            if asked.url.startswith(("http://127.0.0.1", "data:", "blob:"))
            else troubles.append(f"asked somebody else: {asked.url}")
        ),
    )


def sign_in(page: Page, person: str) -> None:
    """Sign in as one of the cast, and wait for the first page."""
    page.goto("/sign-in/")
    page.fill("[name=username]", f"{person}@example.org")
    page.fill("[name=password]", PASSWORD)
    page.locator("form.cn-door-form button").click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)


def overflow(page: Page) -> list[str]:
    """Return what sticks out of the page to the right; nothing should."""
    found: list[str] = page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= width) return [];
          return [...document.querySelectorAll("body *")]
            .filter((part) => part.getBoundingClientRect().right > width + 1)
            .slice(0, 5).map((part) => `${part.tagName}.${part.className}`);
        }"""
    )
    return found
